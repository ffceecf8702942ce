#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "support/bytes.h"
#include "support/error.h"

// Compressed streams in the formats that lib/decompress*.c reads and a library here knows.

namespace kovet {

enum class StreamFormat : std::uint8_t { gzip, xz, zstd, lz4, lzma };

/// "gzip", "xz", "zstd", "lz4" (as `lz4 -l` writes it), "lzma".
std::string_view to_string(StreamFormat format);

/// By the first bytes.
std::optional<StreamFormat> detect_stream(std::span<const std::byte> content);

struct Unpacked {
  std::shared_ptr<const Bytes> content;
  std::size_t used = 0;  ///< bytes that were taken of the input
  bool joined = false;   ///< the content is that of several streams; of `Extent::all` only
};

/// Unpacks what the file starts with. `Extent::all` takes gzip members, xz streams and zstd frames
/// that follow as well, as the tools of these formats do.
/// Errors: no such stream, damaged or cut, or more than `limit` bytes. `name` is for messages.
Result<Unpacked> unpack_streams(std::span<const std::byte> in, std::string_view name, Extent extent,
                                std::uint64_t limit = max_decompressed_size);

/// With other things behind it: kernel images and initramfs images are such.
inline Result<Unpacked> unpack_first_stream(std::span<const std::byte> in, std::string_view name,
                                            std::uint64_t limit = max_decompressed_size) {
  return unpack_streams(in, name, Extent::first, limit);
}

}  // namespace kovet
