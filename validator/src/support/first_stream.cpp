#include "support/first_stream.h"

#include <fmt/format.h>
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace kovet {

namespace {

using namespace std::string_view_literals;

using Content = std::span<const std::byte>;

constexpr std::string_view lz4_magic = "\x02\x21\x4c\x18"sv;
constexpr std::string_view lzma_magic = "\x5d\0\0"sv;  // usual properties, and a dictionary's size
constexpr std::size_t lzma_header = 13;
constexpr std::uint64_t memory_limit = std::uint64_t{256} << 20;

/// What libraries report: bytes read and written so far, and whether the stream is at its end.
enum class Step : std::uint8_t { more, end, damaged };

/// Output that grows with the stream, but never past the limit.
class Sink {
 public:
  Sink(std::size_t guess, std::uint64_t limit) : limit_(limit) {
    bytes_.resize(std::min<std::uint64_t>(std::max<std::size_t>(guess, 64 << 10), limit));
  }
  std::byte* at() { return bytes_.data() + used_; }
  std::size_t room() const { return bytes_.size() - used_; }
  void wrote(std::size_t count) { used_ += count; }
  bool grow(std::size_t wanted = 1) {
    if (bytes_.size() >= limit_ || used_ + wanted > limit_) return false;
    bytes_.resize(std::min<std::uint64_t>(std::max(bytes_.size() * 2, used_ + wanted), limit_));
    return true;
  }
  std::shared_ptr<const Bytes> finish() {
    bytes_.resize(used_);
    return Bytes::own(std::move(bytes_));
  }

 private:
  std::uint64_t limit_;
  std::size_t used_ = 0;
  std::vector<std::byte> bytes_;
};

Error broken(std::string_view name, StreamFormat format, std::string_view why) {
  return Error{std::string(name), fmt::format("{} stream is damaged: {}", to_string(format), why),
               "build or fetch the file again"};
}

Error too_large(std::string_view name, std::uint64_t limit) {
  return Error{std::string(name), fmt::format("decompresses to more than {} bytes", limit),
               "the file is damaged or hostile"};
}

/// Feeds a library's stream, which `code` advances, until it ends.
template <class Code>
Result<FirstStream> run(Content in, std::string_view name, StreamFormat format,
                        std::uint64_t limit, Code code) {
  Sink out(in.size() * 4, limit);
  std::size_t read = 0;
  for (;;) {
    std::size_t consumed = 0, produced = 0;
    const Step step = code(in.subspan(read), out.at(), out.room(), consumed, produced);
    read += consumed;
    out.wrote(produced);
    if (step == Step::end) return FirstStream{out.finish(), read};
    if (step == Step::damaged) return broken(name, format, "bad data");
    if (out.room() == 0) {
      if (!out.grow()) return too_large(name, limit);
    } else if (read == in.size()) {
      return broken(name, format, "it ends too early");
    } else if (consumed == 0 && produced == 0) {
      return broken(name, format, "bad data");
    }
  }
}

Result<FirstStream> unpack_gzip(Content in, std::string_view name, std::uint64_t limit) {
  z_stream stream{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&stream, gzip_only) != Z_OK) return broken(name, StreamFormat::gzip, "zlib");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  return run(in, name, StreamFormat::gzip, limit,
             [&](Content rest, std::byte* to, std::size_t room, std::size_t& consumed,
                 std::size_t& produced) {
               constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
               const auto input = static_cast<uInt>(std::min(rest.size(), most));
               const auto output = static_cast<uInt>(std::min(room, most));
               stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest.data()));
               stream.avail_in = input;
               stream.next_out = reinterpret_cast<Bytef*>(to);
               stream.avail_out = output;
               const int status = inflate(&stream, Z_NO_FLUSH);
               consumed = input - stream.avail_in;
               produced = output - stream.avail_out;
               return status == Z_STREAM_END                      ? Step::end
                      : status == Z_OK || status == Z_BUF_ERROR ? Step::more
                                                                : Step::damaged;
             });
}

/// xz, or lzma with a header of its own.
Result<FirstStream> unpack_lzma(Content in, std::string_view name, StreamFormat format,
                                std::uint64_t limit) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const lzma_ret started = format == StreamFormat::xz
                               ? lzma_stream_decoder(&stream, memory_limit, 0)
                               : lzma_alone_decoder(&stream, memory_limit);
  if (started != LZMA_OK) return broken(name, format, "liblzma");
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> guard(&stream, &lzma_end);
  return run(in, name, format, limit,
             [&](Content rest, std::byte* to, std::size_t room, std::size_t& consumed,
                 std::size_t& produced) {
               stream.next_in = reinterpret_cast<const std::uint8_t*>(rest.data());
               stream.avail_in = rest.size();
               stream.next_out = reinterpret_cast<std::uint8_t*>(to);
               stream.avail_out = room;
               const lzma_ret status = lzma_code(&stream, LZMA_RUN);
               consumed = rest.size() - stream.avail_in;
               produced = room - stream.avail_out;
               return status == LZMA_STREAM_END                          ? Step::end
                      : status == LZMA_OK || status == LZMA_BUF_ERROR ? Step::more
                                                                      : Step::damaged;
             });
}

Result<FirstStream> unpack_zstd(Content in, std::string_view name, std::uint64_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                    &ZSTD_freeDCtx);
  if (!context) return broken(name, StreamFormat::zstd, "libzstd");
  return run(in, name, StreamFormat::zstd, limit,
             [&](Content rest, std::byte* to, std::size_t room, std::size_t& consumed,
                 std::size_t& produced) {
               ZSTD_inBuffer source{rest.data(), rest.size(), 0};
               ZSTD_outBuffer sink{to, room, 0};
               const std::size_t status = ZSTD_decompressStream(context.get(), &sink, &source);
               consumed = source.pos;
               produced = sink.pos;
               return ZSTD_isError(status) ? Step::damaged : status == 0 ? Step::end : Step::more;
             });
}

std::uint32_t number_at(Content in, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<std::uint8_t>(in[at + i]);
  return value;
}

/// lib/decompress_unlz4.c: chunks with their sizes before them, of at most 8 MiB unpacked. Nothing
/// marks the end: zeros, or the input's own.
Result<FirstStream> unpack_lz4(Content in, std::string_view name, std::uint64_t limit) {
  constexpr std::size_t chunk_limit = std::size_t{8} << 20;
  constexpr std::uint32_t magic = 0x184c2102;
  Sink out(in.size() * 2, limit);
  std::size_t at = 0;
  while (in.size() - at >= 4) {
    const std::uint32_t size = number_at(in, at);
    if (size == 0 || in.size() - at == 4) break;  // padding, or the size that kernel builds append
    at += 4;
    if (size == magic) continue;
    if (size > in.size() - at) return broken(name, StreamFormat::lz4, "it ends too early");
    if (out.room() < chunk_limit && !out.grow(chunk_limit)) return too_large(name, limit);
    const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(in.data() + at),
                                        reinterpret_cast<char*>(out.at()), static_cast<int>(size),
                                        static_cast<int>(chunk_limit));
    if (got < 0) return broken(name, StreamFormat::lz4, "bad data");
    out.wrote(static_cast<std::size_t>(got));
    at += size;
  }
  return FirstStream{out.finish(), at};
}

}  // namespace

std::string_view to_string(StreamFormat format) {
  constexpr std::array<std::string_view, 5> names{"gzip", "xz", "zstd", "lz4", "lzma"};
  return names.at(static_cast<std::size_t>(format));
}

std::optional<StreamFormat> detect_stream(Content content) {
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  switch (detect_compression(content)) {
    case Compression::gzip:
      return StreamFormat::gzip;
    case Compression::xz:
      return StreamFormat::xz;
    case Compression::zstd:
      return StreamFormat::zstd;
    case Compression::none:
      break;
  }
  if (text.starts_with(lz4_magic)) return StreamFormat::lz4;
  if (text.size() > lzma_header && text.starts_with(lzma_magic)) return StreamFormat::lzma;
  return std::nullopt;
}

Result<FirstStream> unpack_first_stream(Content in, std::string_view name, std::uint64_t limit) {
  const auto format = detect_stream(in);
  if (!format) return Error{std::string(name), "is compressed in no way that is known here", {}};
  switch (*format) {
    case StreamFormat::gzip:
      return unpack_gzip(in, name, limit);
    case StreamFormat::xz:
    case StreamFormat::lzma:
      return unpack_lzma(in, name, *format, limit);
    case StreamFormat::zstd:
      return unpack_zstd(in, name, limit);
    case StreamFormat::lz4:
      break;
  }
  return unpack_lz4(in, name, limit);
}

}  // namespace kovet
