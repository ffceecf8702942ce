#include "kernel/image_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "kernel/image_payload.h"

namespace kovet {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t align8(std::size_t at) { return (at + 7) & ~std::size_t{7}; }

/// system_certificates.S: the list is followed, aligned to 8, by its size and by the size of that
/// part of it which is the build's own key. Revocation lists have the first number alone.
std::optional<CertificateRun> list_at(std::span<const std::byte> kernel, std::size_t start,
                                      const std::string& name) {
  constexpr std::size_t limit = std::size_t{1} << 20;
  CertificateRun run =
      certificate_run(kernel.subspan(start, std::min(limit, kernel.size() - start)), name);
  if (run.certificates.empty()) return std::nullopt;
  const std::size_t size = run.ends.back();
  for (const std::size_t word : {std::size_t{8}, std::size_t{4}}) {
    const std::size_t numbers = align8(start + size);
    if (numbers > kernel.size() || kernel.size() - numbers < 2 * word) continue;
    const std::uint64_t listed = little_endian(kernel, numbers, word);
    const std::uint64_t own = little_endian(kernel, numbers + word, word);
    if (listed != size) continue;
    if (std::find(run.ends.begin(), run.ends.end(), own) != run.ends.end()) return run;
  }
  return std::nullopt;
}

}  // namespace

bool looks_like_kernel_image(std::span<const std::byte> content) {
  return is_packed_image(content) || is_elf(content);
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
