#include <algorithm>
#include <array>

#include "support/bytes.h"
#include "support/streams.h"

namespace kovet {

namespace {

bool starts_with(std::span<const std::byte> content, std::string_view magic) {
  return content.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), content.begin(), [](char wanted, std::byte found) {
           return static_cast<std::byte>(wanted) == found;
         });
}

}  // namespace

std::string_view to_string(Compression compression) {
  constexpr std::array<std::string_view, 4> names{"none", "gzip", "xz", "zstd"};
  return names.at(static_cast<std::size_t>(compression));
}

Compression detect_compression(std::span<const std::byte> content) {
  using namespace std::string_view_literals;
  if (starts_with(content, "\x1f\x8b"sv)) return Compression::gzip;
  if (starts_with(content,
                  "\xfd"
                  "7zXZ\0"sv))
    return Compression::xz;
  if (starts_with(content, "\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
  return Compression::none;
}

Result<std::shared_ptr<const Bytes>> decompress(std::shared_ptr<const Bytes> content,
                                                std::string_view name, std::uint64_t limit) {
  if (detect_compression(content->span()) == Compression::none) return content;
  auto unpacked = unpack_streams(content->span(), name, Extent::all, limit);
  if (!unpacked) return unpacked.error();
  return std::move(unpacked->content);
}

}  // namespace kovet
