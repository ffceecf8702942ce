#include "kernel/image_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "kernel/image_payload.h"

namespace kovet {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t aligned(std::size_t at, std::size_t alignment) {
  return (at + alignment - 1) / alignment * alignment;
}

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t at, std::size_t size,
                        bool big_endian) {
  std::uint64_t value = 0;
  if (at > bytes.size() || bytes.size() - at < size) return 0;
  for (std::size_t i = 0; i < size; ++i)
    value =
        value << 8 | std::to_integer<std::uint64_t>(bytes[at + (big_endian ? i : size - 1 - i)]);
  return value;
}

/// How the assembler lays out what follows the list: ".align 8" is 8 bytes on some machines and 2^8
/// on others, such as arm64; the numbers are of the machine's word size and order.
struct Layout {
  std::size_t alignment, word;
  bool big_endian;
};

constexpr std::array<Layout, 8> layouts{{{8, 8, false},
                                         {256, 8, false},
                                         {8, 4, false},
                                         {256, 4, false},
                                         {8, 8, true},
                                         {256, 8, true},
                                         {8, 4, true},
                                         {256, 4, true}}};

/// system_certificates.S: the list is followed by its size and by the size of that part of it which
/// is the build's own key, each aligned. Revocation lists have the first number alone.
std::optional<CertificateRun> list_at(std::span<const std::byte> kernel, std::size_t start,
                                      const std::string& name) {
  constexpr std::size_t limit = std::size_t{1} << 20;
  CertificateRun run =
      certificate_run(kernel.subspan(start, std::min(limit, kernel.size() - start)), name);
  if (run.certificates.empty()) return std::nullopt;
  const std::size_t size = run.ends.back();
  for (const auto& [alignment, word, big_endian] : layouts) {
    const std::size_t first = aligned(start + size, alignment);
    if (number_at(kernel, first, word, big_endian) != size) continue;
    const std::size_t second = aligned(first + word, alignment);
    const std::uint64_t own = number_at(kernel, second, word, big_endian);
    if (std::find(run.ends.begin(), run.ends.end(), own) != run.ends.end()) return run;
  }
  return std::nullopt;
}

}  // namespace

bool looks_like_kernel_image(std::span<const std::byte> content) {
  return is_packed_image(content) || is_elf(content) || is_flat_image(content);
}

Result<std::vector<Certificate>> builtin_keys(std::shared_ptr<const Bytes> image,
                                              const std::string& name) {
  const auto kernel = KernelImage::open(std::move(image), name);
  if (!kernel) return kernel.error();
  return builtin_keys(*kernel, name);
}

Result<std::vector<Certificate>> builtin_keys(const KernelImage& kernel, const std::string& name) {
  // A certificate begins SEQUENCE { SEQUENCE { [0] { INTEGER 2 (v3). The kernel takes only those
  // whose outer length takes two bytes; the inner one may take one.
  constexpr std::string_view version_3 = "\xa0\x03\x02\x01\x02"sv;
  const auto bytes = kernel.bytes();
  const std::string_view text = text_of(bytes);
  for (std::size_t at = text.find(version_3); at != std::string_view::npos;
       at = text.find(version_3, at + 1)) {
    for (const std::string_view inner : {"\x30\x82"sv, "\x30\x81"sv}) {
      const std::size_t before = inner[1] == '\x82' ? 8 : 7;
      if (at < before || !text.substr(at - before).starts_with("\x30\x82"sv) ||
          !text.substr(at - before + 4).starts_with(inner))
        continue;
      if (auto run = list_at(bytes, at - before, name)) return std::move(run->certificates);
    }
  }
  return Error{name, "no list of built-in certificates is in it",
               "name the certificates themselves with --cert"};
}

Result<std::vector<Certificate>> builtin_keys(const std::filesystem::path& image) {
  auto bytes = Bytes::map(image);
  if (bytes.has_error()) return bytes.error();
  return builtin_keys(*std::move(bytes), image.string());
}

}  // namespace kovet
