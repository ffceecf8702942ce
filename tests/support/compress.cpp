#include "tests/support/compress.h"

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>

namespace kovet::testing {

std::string gzip(std::string_view content) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&stream, 9, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib");
  return out;
}

namespace {

std::string xz_with(lzma_check check, std::string_view content) {
  std::string out(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t used = 0;
  const lzma_ret status = lzma_easy_buffer_encode(
      6, check, nullptr, reinterpret_cast<const std::uint8_t*>(content.data()), content.size(),
      reinterpret_cast<std::uint8_t*>(out.data()), &used, out.size());
  if (status != LZMA_OK) throw std::runtime_error("liblzma");
  out.resize(used);
  return out;
}

}  // namespace

/// CRC32 is the only check the kernel's decoder knows.
std::string xz(std::string_view content) {
  return xz_with(LZMA_CHECK_CRC32, content);
}
std::string xz_crc64(std::string_view content) {
  return xz_with(LZMA_CHECK_CRC64, content);
}

std::string zstd(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  const std::size_t used = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3);
  if (ZSTD_isError(used)) throw std::runtime_error("libzstd");
  out.resize(used);
  return out;
}

std::string lz4_legacy(std::string_view content) {
  constexpr std::size_t chunk = std::size_t{8} << 20;
  const auto number = [](int value) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += static_cast<char>(value >> (8 * i));
    return text;
  };
  std::string out("\x02\x21\x4c\x18", 4);
  for (std::size_t at = 0; at < content.size(); at += chunk) {
    const std::string_view part = content.substr(at, chunk);
    std::string packed(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(part.size()))),
                       '\0');
    const int used = LZ4_compress_default(part.data(), packed.data(), static_cast<int>(part.size()),
                                          static_cast<int>(packed.size()));
    if (used <= 0) throw std::runtime_error("liblz4");
    out += number(used) + packed.substr(0, static_cast<std::size_t>(used));
  }
  return out;
}

std::string lzma_alone(std::string_view content) {
  lzma_options_lzma options;
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_lzma_preset(&options, 6) || lzma_alone_encoder(&stream, &options) != LZMA_OK)
    throw std::runtime_error("liblzma");
  std::string out(content.size() + content.size() / 8 + 1024, '\0');
  stream.next_in = reinterpret_cast<const std::uint8_t*>(content.data());
  stream.avail_in = content.size();
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = out.size();
  const lzma_ret status = lzma_code(&stream, LZMA_FINISH);
  out.resize(static_cast<std::size_t>(stream.total_out));
  lzma_end(&stream);
  if (status != LZMA_STREAM_END) throw std::runtime_error("liblzma");
  return out;
}

}  // namespace kovet::testing
