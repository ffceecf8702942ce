#include "kernel/image_payload.h"

#include <fmt/format.h>
#include <lz4.h>
#include <lzma.h>

#include <algorithm>
#include <vector>

namespace kovet {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view elf_magic = "\x7f"
                                       "ELF"sv;
constexpr std::string_view boot_header = "HdrS"sv;
constexpr std::size_t boot_header_at = 0x202;
constexpr std::string_view lz4_magic = "\x02\x21\x4c\x18"sv;  // "lz4 -l"
constexpr std::string_view lzma_magic = "\x5d\x00\x00"sv;     // properties, and a dictionary's size
constexpr std::size_t lzma_header = 13;

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

bool is_lz4(Content stream) { return text_of(stream).starts_with(lz4_magic); }

bool is_lzma(Content stream) {
  return stream.size() > lzma_header && text_of(stream).starts_with(lzma_magic);
}

/// Of a bzImage payload_offset is counted from the protected-mode code.
Content payload(Content image) {
  if (is_zboot(image))
    return part(image, little_endian(image, 8, 4), little_endian(image, 12, 4));
  const std::uint64_t setup_sectors = little_endian(image, 0x1f1, 1);
  return part(image,
              ((setup_sectors ? setup_sectors : 4) + 1) * 512 + little_endian(image, 0x248, 4),
              little_endian(image, 0x24c, 4));
}

Error damaged(const std::string& name, std::string_view kind) {
  return Error{name, fmt::format("the kernel inside is a damaged {} stream", kind),
               "fetch it again"};
}

/// lib/decompress_unlz4.c: chunks with their sizes before them, of at most 8 MiB unpacked.
Result<std::shared_ptr<const Bytes>> unpack_lz4(Content in, const std::string& name) {
  constexpr std::size_t chunk_limit = std::size_t{8} << 20;
  std::vector<std::byte> out;
  in = in.subspan(lz4_magic.size());
  while (in.size() >= 4) {
    const std::uint64_t size = little_endian(in, 0, 4);
    in = in.subspan(4);
    if (size == 0 || in.empty()) break;  // padding, or the unpacked size that the build appended
    if (size > in.size() || out.size() + chunk_limit > max_decompressed_size)
      return damaged(name, "lz4");
    const std::size_t used = out.size();
    out.resize(used + chunk_limit);
    const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(in.data()),
                                        reinterpret_cast<char*>(out.data() + used),
                                        static_cast<int>(size), static_cast<int>(chunk_limit));
    if (got < 0) return damaged(name, "lz4");
    out.resize(used + static_cast<std::size_t>(got));
    in = in.subspan(size);
  }
  return Bytes::own(std::move(out));
}

Result<std::shared_ptr<const Bytes>> unpack_lzma(Content in, const std::string& name) {
  constexpr std::uint64_t memory_limit = std::uint64_t{256} << 20;
  constexpr std::size_t step = std::size_t{16} << 20;
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_alone_decoder(&stream, memory_limit) != LZMA_OK) return damaged(name, "lzma");
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> guard(&stream, &lzma_end);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  stream.avail_in = in.size();
  std::vector<std::byte> out;
  for (;;) {
    const auto used = static_cast<std::size_t>(stream.total_out);
    if (used + step > max_decompressed_size) return damaged(name, "lzma");
    out.resize(used + step);
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + used);
    stream.avail_out = step;
    const lzma_ret status = lzma_code(&stream, LZMA_FINISH);
    const bool full = stream.avail_out == 0;
    out.resize(static_cast<std::size_t>(stream.total_out));
    if (status == LZMA_STREAM_END) return Bytes::own(std::move(out));
    if (status != LZMA_OK || !full) return damaged(name, "lzma");
  }
}

Result<std::shared_ptr<const Bytes>> unpack_stream(std::shared_ptr<const Bytes> stream,
                                                   const std::string& name) {
  if (is_lz4(stream->span())) return unpack_lz4(stream->span(), name);
  if (is_lzma(stream->span())) return unpack_lzma(stream->span(), name);
  return decompress(std::move(stream), name);
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

bool is_elf(Content bytes) { return text_of(bytes).starts_with(elf_magic); }

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
  const bool sized = kind == Compression::xz || kind == Compression::zstd || is_lz4(packed) ||
                     is_lzma(packed);
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
