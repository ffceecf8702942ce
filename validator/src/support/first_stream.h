#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "support/bytes.h"
#include "support/error.h"

// The first compressed stream of several: kernel images and initramfs images put other things behind
// it. The formats are those that lib/decompress*.c reads and a library here knows.

namespace kovet {

enum class StreamFormat : std::uint8_t { gzip, xz, zstd, lz4, lzma };

/// "gzip", "xz", "zstd", "lz4" (as `lz4 -l` writes it), "lzma".
std::string_view to_string(StreamFormat format);

/// By the first bytes.
std::optional<StreamFormat> detect_stream(std::span<const std::byte> content);

struct FirstStream {
  std::shared_ptr<const Bytes> content;
  std::size_t used = 0;  ///< bytes that the stream took of the input
};

/// Errors: no such stream, damaged or cut, or more than `limit` bytes. `name` is for messages.
Result<FirstStream> unpack_first_stream(std::span<const std::byte> in, std::string_view name,
                                        std::uint64_t limit = max_decompressed_size);

}  // namespace kovet
