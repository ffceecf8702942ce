#include <cstdint>

#include "support/bytes.h"

// Any bytes as a gzip, xz or zstd stream, with a limit a fuzzer can reach.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kovet;
  constexpr std::uint64_t limit = 1 << 20;
  const auto out =
      decompress(Bytes::copy({reinterpret_cast<const char*>(data), size}), "fuzz", limit);
  const bool plain =
      detect_compression({reinterpret_cast<const std::byte*>(data), size}) == Compression::none;
  if (out && !plain && (*out)->size() > limit) __builtin_trap();
  return 0;
}
