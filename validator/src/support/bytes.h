#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace kovet {

/// The content of a file: mapped or read, or held in memory after decompression. Immutable.
class Bytes {
 public:
  explicit Bytes(std::vector<std::byte> owned);
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes();

  std::span<const std::byte> span() const { return view_; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(view_.data()), view_.size()};
  }
  std::size_t size() const { return view_.size(); }

  /// Maps a regular file read-only; a small one is read, which is quicker. Errors: missing,
  /// unreadable, not a regular file. An empty file gives empty Bytes.
  static Result<std::shared_ptr<const Bytes>> map(const std::filesystem::path& file);

  /// Wraps bytes that are already in memory.
  static std::shared_ptr<const Bytes> own(std::vector<std::byte> bytes);
  static std::shared_ptr<const Bytes> copy(std::string_view text);

 private:
  Bytes(const std::byte* mapped, std::size_t size);
  Bytes(std::unique_ptr<const std::byte[]> read, std::size_t size);

  std::vector<std::byte> owned_;
  std::unique_ptr<const std::byte[]> read_;
  std::span<const std::byte> view_;
  bool mapped_ = false;
};

enum class Compression { none, gzip, xz, zstd };

/// "none", "gzip", "xz", "zstd".
std::string_view to_string(Compression compression);

/// By the first bytes of the content, never by a name.
Compression detect_compression(std::span<const std::byte> content);

/// How much of a compressed file is taken: kernels take its first stream (gzip: member, zstd:
/// frame), tools take all of them (kmod later than 30 takes no zstd file of several frames).
enum class Extent : std::uint8_t { first, all };

/// What decompress() may produce at most: a bomb is an error, not a full memory. The largest module
/// with debugging information that distributions build (amdgpu) has about 400 MiB.
inline constexpr std::uint64_t max_decompressed_size = std::uint64_t{512} << 20;

/// Decompresses all streams of a gzip, xz or zstd file, by content; anything else is returned as it
/// is.
/// Errors: corrupt or cut stream, or more than `limit` bytes. `name` is for messages.
Result<std::shared_ptr<const Bytes>> decompress(std::shared_ptr<const Bytes> content,
                                                std::string_view name,
                                                std::uint64_t limit = max_decompressed_size);

}  // namespace kovet
