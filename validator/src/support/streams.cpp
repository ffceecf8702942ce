#include "support/streams.h"

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

/// What a library did with the input and the room that it was given.
struct Progress {
  enum class Step : std::uint8_t { more, end, damaged };
  Step step = Step::more;
  std::size_t read = 0, written = 0;  ///< bytes
  std::string_view why = "bad data";  ///< where damaged
  bool joined = false;
};
using Step = Progress::Step;

/// Output that grows with the stream, but never past the limit.
class Sink {
 public:
  Sink(std::size_t guess, std::uint64_t limit) : limit_(limit) {
    constexpr std::size_t least = std::size_t{256} << 10;
    bytes_.resize(std::min<std::uint64_t>(std::max(guess, least), limit));
  }
  std::span<std::byte> room() { return std::span(bytes_).subspan(used_); }
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
               "no kernel module is that large: the file is damaged or hostile"};
}

struct Input {
  Content bytes;
  std::string_view name;  ///< for messages
  StreamFormat format = StreamFormat::gzip;
  Extent extent = Extent::first;
  std::uint64_t limit = 0;  ///< bytes of output
};

/// Feeds a library's stream, which `code` advances, until it ends. `ratio`: output to input, about.
template <class Code>
Result<Unpacked> run(const Input& in, std::size_t ratio, Code code) {
  Sink out(in.bytes.size() * ratio, in.limit);
  Unpacked unpacked;
  for (;;) {
    const Progress did = code(in.bytes.subspan(unpacked.used), out.room());
    unpacked.used += did.read;
    unpacked.joined = unpacked.joined || did.joined;
    out.wrote(did.written);
    if (did.step == Step::end) {
      unpacked.content = out.finish();
      return unpacked;
    }
    if (did.step == Step::damaged) return broken(in.name, in.format, did.why);
    if (out.room().empty()) {
      if (!out.grow()) return too_large(in.name, in.limit);
    } else if (unpacked.used == in.bytes.size()) {
      return broken(in.name, in.format, "it ends too early");
    } else if (did.read == 0 && did.written == 0) {
      return broken(in.name, in.format, "bad data");
    }
  }
}

/// What follows a member and is none is passed over, as gzip and kmod do.
Result<Unpacked> unpack_gzip(const Input& in) {
  z_stream stream{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&stream, gzip_only) != Z_OK) return broken(in.name, in.format, "zlib");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  return run(in, 4, [&](Content rest, std::span<std::byte> room) {
    constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
    const auto input = static_cast<uInt>(std::min(rest.size(), most));
    const auto output = static_cast<uInt>(std::min(room.size(), most));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest.data()));
    stream.avail_in = input;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = output;
    const int status = inflate(&stream, Z_NO_FLUSH);
    Progress did{.read = input - stream.avail_in, .written = output - stream.avail_out};
    if (status == Z_STREAM_END) {
      const Content behind = rest.subspan(did.read);
      did.joined = in.extent == Extent::all && detect_compression(behind) == Compression::gzip;
      if (!did.joined || inflateReset(&stream) != Z_OK) did.step = Step::end;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      did.step = Step::damaged;
      if (stream.msg) did.why = stream.msg;
    }
    return did;
  });
}

std::string_view describe(lzma_ret status) {
  return status == LZMA_MEMLIMIT_ERROR ? "it asks for more than 256 MiB of dictionary" : "bad data";
}

/// After an xz stream: zeros, four at a time, and the end or the next stream. For xz and kmod, all
/// else is damage.
Progress behind_xz_stream(Content behind) {
  const auto next = std::ranges::find_if(behind, [](std::byte b) { return b != std::byte{0}; });
  const auto padding = static_cast<std::size_t>(next - behind.begin());
  const bool another = detect_compression(behind.subspan(padding)) == Compression::xz;
  if (padding % 4 != 0 || (!another && padding != behind.size()))
    return {.step = Step::damaged, .why = "what follows it is no xz stream"};
  return {.step = another ? Step::more : Step::end, .read = padding, .joined = another};
}

/// xz, or lzma with a header of its own.
Result<Unpacked> unpack_lzma(const Input& in) {
  lzma_stream stream = LZMA_STREAM_INIT;
  const auto start = [&] {
    return in.format == StreamFormat::xz ? lzma_stream_decoder(&stream, memory_limit, 0)
                                         : lzma_alone_decoder(&stream, memory_limit);
  };
  if (start() != LZMA_OK) return broken(in.name, in.format, "liblzma");
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> guard(&stream, &lzma_end);
  return run(in, 6, [&](Content rest, std::span<std::byte> room) {
    stream.next_in = reinterpret_cast<const std::uint8_t*>(rest.data());
    stream.avail_in = rest.size();
    stream.next_out = reinterpret_cast<std::uint8_t*>(room.data());
    stream.avail_out = room.size();
    const lzma_ret status = lzma_code(&stream, LZMA_RUN);
    Progress did{.read = rest.size() - stream.avail_in, .written = room.size() - stream.avail_out};
    if (status == LZMA_STREAM_END && in.format == StreamFormat::xz && in.extent == Extent::all) {
      const Progress behind = behind_xz_stream(rest.subspan(did.read));
      did.step = behind.joined && start() != LZMA_OK ? Step::damaged : behind.step;
      did.read += behind.read;
      did.why = behind.why;
      did.joined = behind.joined;
    } else if (status == LZMA_STREAM_END) {
      did.step = Step::end;
    } else if (status != LZMA_OK && status != LZMA_BUF_ERROR) {
      did.step = Step::damaged;
      did.why = describe(status);
    }
    return did;
  });
}

Result<Unpacked> unpack_zstd(const Input& in) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  if (!context) return broken(in.name, in.format, "libzstd");
  return run(in, 5, [&](Content rest, std::span<std::byte> room) {
    ZSTD_inBuffer source{rest.data(), rest.size(), 0};
    ZSTD_outBuffer sink{room.data(), room.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context.get(), &sink, &source);
    Progress did{.read = source.pos, .written = sink.pos};
    if (ZSTD_isError(status)) {
      did.step = Step::damaged;
      did.why = ZSTD_getErrorName(status);
    } else if (status == 0) {  // a frame is at its end
      did.joined = in.extent == Extent::all && source.pos < source.size;
      if (!did.joined) did.step = Step::end;
    }
    return did;
  });
}

std::uint32_t number_at(Content in, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<std::uint8_t>(in[at + i]);
  return value;
}

/// lib/decompress_unlz4.c: chunks with their sizes before them, of at most 8 MiB unpacked. Nothing
/// marks the end: zeros, or the input's own.
Result<Unpacked> unpack_lz4(const Input& in) {
  constexpr std::size_t chunk_limit = std::size_t{8} << 20;
  constexpr std::uint32_t magic = 0x184c2102;
  Sink out(in.bytes.size() * 2, in.limit);
  std::size_t at = 0;
  while (in.bytes.size() - at >= 4) {
    const std::uint32_t size = number_at(in.bytes, at);
    if (size == 0 || in.bytes.size() - at == 4) break;  // padding, or the size that builds append
    at += 4;
    if (size == magic) continue;
    if (size > in.bytes.size() - at) return broken(in.name, in.format, "it ends too early");
    if (out.room().size() < chunk_limit && !out.grow(chunk_limit))
      return too_large(in.name, in.limit);
    const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(in.bytes.data() + at),
                                        reinterpret_cast<char*>(out.room().data()),
                                        static_cast<int>(size), static_cast<int>(chunk_limit));
    if (got < 0) return broken(in.name, in.format, "bad data");
    out.wrote(static_cast<std::size_t>(got));
    at += size;
  }
  return Unpacked{out.finish(), at, false};
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

Result<Unpacked> unpack_streams(Content in, std::string_view name, Extent extent,
                                std::uint64_t limit) {
  const auto format = detect_stream(in);
  if (!format) return Error{std::string(name), "is compressed in no way that is known here", {}};
  const Input input{in, name, *format, extent, limit};
  switch (*format) {
    case StreamFormat::gzip:
      return unpack_gzip(input);
    case StreamFormat::xz:
    case StreamFormat::lzma:
      return unpack_lzma(input);
    case StreamFormat::zstd:
      return unpack_zstd(input);
    case StreamFormat::lz4:
      break;
  }
  return unpack_lz4(input);
}

}  // namespace kovet
