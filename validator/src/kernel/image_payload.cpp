#include "kernel/image_payload.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/streams.h"

namespace kovet {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view elf_magic =
    "\x7f"
    "ELF"sv;
constexpr std::string_view boot_header = "HdrS"sv;
constexpr std::size_t boot_header_at = 0x202;

using Content = std::span<const std::byte>;

Content part(Content image, std::uint64_t start, std::uint64_t length) {
  if (start >= image.size()) return {};
  return image.subspan(start, std::min<std::uint64_t>(length, image.size() - start));
}

bool is_bzimage(Content image) {
  return image.size() > 0x250 && text_of(image).substr(boot_header_at).starts_with(boot_header);
}

/// drivers/firmware/efi/libstub/zboot-header.S.
bool is_zboot(Content image) {
  return image.size() > 64 && text_of(image).starts_with("MZ") &&
         text_of(image).substr(4).starts_with("zimg");
}

bool is_lz4(Content stream) {
  return detect_stream(stream) == StreamFormat::lz4;
}

bool is_lzma(Content stream) {
  return detect_stream(stream) == StreamFormat::lzma;
}

/// Of a bzImage payload_offset is counted from the protected-mode code.
Content payload(Content image) {
  if (is_zboot(image)) return part(image, little_endian(image, 8, 4), little_endian(image, 12, 4));
  const std::uint64_t setup_sectors = little_endian(image, 0x1f1, 1);
  return part(image,
              ((setup_sectors ? setup_sectors : 4) + 1) * 512 + little_endian(image, 0x248, 4),
              little_endian(image, 0x24c, 4));
}

Result<std::shared_ptr<const Bytes>> unpack_stream(std::shared_ptr<const Bytes> stream,
                                                   const std::string& name) {
  if (!is_lz4(stream->span()) && !is_lzma(stream->span()))
    return decompress(std::move(stream), name);
  auto unpacked = unpack_first_stream(stream->span(), name);
  if (!unpacked) return unpacked.error();
  return std::move(unpacked->content);
}

}  // namespace

std::uint64_t little_endian(Content bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  if (at > bytes.size() || bytes.size() - at < size) return 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint8_t>(bytes[at + i]);
  return value;
}

std::string_view text_of(Content bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_flat_image(Content image) {
  const std::string_view text = text_of(image);
  return text.size() > 64 &&
         (text.substr(0x38).starts_with("ARM\x64"sv) || text.substr(0x38).starts_with("RSC\x05"sv));
}

bool is_elf(Content bytes) {
  return text_of(bytes).starts_with(elf_magic);
}

bool is_packed_image(Content image) {
  return is_bzimage(image) || is_zboot(image) || is_lz4(image) ||
         detect_compression(image) != Compression::none;
}

Result<std::shared_ptr<const Bytes>> unpack_image(std::shared_ptr<const Bytes> image,
                                                  const std::string& name) {
  if (!is_bzimage(image->span()) && !is_zboot(image->span()))
    return unpack_stream(std::move(image), name);
  Content packed = payload(image->span());
  const Compression kind = detect_compression(packed);
  const bool sized =
      kind == Compression::xz || kind == Compression::zstd || is_lz4(packed) || is_lzma(packed);
  if (kind != Compression::gzip && !sized && !is_elf(packed)) {
    return Error{name, "the kernel inside is compressed in a way that is not known here",
                 "name an unpacked vmlinux"};
  }
  // scripts/Makefile.lib: size_append puts the unpacked size behind all but gzip, which has it. The
  // length that a zboot header names is without it.
  if (sized && is_bzimage(image->span())) {
    if (packed.size() < 4) return Error{name, "its payload is cut short", "fetch it again"};
    packed = packed.first(packed.size() - 4);
  }
  return unpack_stream(Bytes::own({packed.begin(), packed.end()}), name);
}

}  // namespace kovet
