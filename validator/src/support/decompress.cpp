#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "support/bytes.h"

// The kernel's own decompressors (kernel/module/decompress.c) take one stream each; so do these,
// except that kmod also accepts concatenated ones, which the libraries handle alike.

namespace kovet {

namespace {

constexpr std::size_t first_guess = std::size_t{256} << 10;

bool starts_with(std::span<const std::byte> content, std::string_view magic) {
  return content.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), content.begin(), [](char wanted, std::byte found) {
           return static_cast<std::byte>(wanted) == found;
         });
}

Error too_large(std::string_view name, std::uint64_t limit) {
  return Error{std::string(name), fmt::format("decompresses to more than {} bytes", limit),
               "no kernel module is that large: the file is damaged or hostile"};
}

Error broken(std::string_view name, Compression kind, std::string_view why) {
  return Error{std::string(name), fmt::format("{} stream is damaged: {}", to_string(kind), why),
               "build or fetch the file again"};
}

/// The output grows as the stream does, but never past the limit.
class Output {
 public:
  Output(std::size_t guess, std::uint64_t limit) : limit_(limit) {
    bytes_.resize(std::min<std::uint64_t>(std::max(guess, first_guess), limit));
  }
  bool grow() {
    if (bytes_.size() >= limit_) return false;
    bytes_.resize(std::min<std::uint64_t>(bytes_.size() * 2, limit_));
    return true;
  }
  std::byte* at(std::size_t offset) { return bytes_.data() + offset; }
  std::size_t room(std::size_t used) const { return bytes_.size() - used; }
  std::shared_ptr<const Bytes> finish(std::size_t used) {
    bytes_.resize(used);
    return Bytes::own(std::move(bytes_));
  }

 private:
  std::uint64_t limit_;
  std::vector<std::byte> bytes_;
};

Result<std::shared_ptr<const Bytes>> inflate_gzip(std::span<const std::byte> in,
                                                  std::string_view name, std::uint64_t limit) {
  z_stream stream{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&stream, gzip_only) != Z_OK) return broken(name, Compression::gzip, "zlib");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  Output out(in.size() * 4, limit);
  std::size_t used = 0;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(out.at(used));
    stream.avail_out = static_cast<uInt>(out.room(used));
    const int status = inflate(&stream, Z_NO_FLUSH);
    used = stream.total_out;
    if (status == Z_STREAM_END) return out.finish(used);
    if (status != Z_OK && status != Z_BUF_ERROR)
      return broken(name, Compression::gzip, stream.msg ? stream.msg : "bad data");
    if (stream.avail_out == 0 ? !out.grow() : false) return too_large(name, limit);
    if (stream.avail_in == 0 && stream.avail_out != 0)
      return broken(name, Compression::gzip, "it ends too early");
  }
}

Result<std::shared_ptr<const Bytes>> unpack_xz(std::span<const std::byte> in,
                                               std::string_view name, std::uint64_t limit) {
  lzma_stream stream = LZMA_STREAM_INIT;
  constexpr std::uint64_t memory_limit = std::uint64_t{256} << 20;
  if (lzma_stream_decoder(&stream, memory_limit, LZMA_CONCATENATED) != LZMA_OK)
    return broken(name, Compression::xz, "liblzma");
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> guard(&stream, &lzma_end);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  stream.avail_in = in.size();
  Output out(in.size() * 6, limit);
  std::size_t used = 0;
  for (;;) {
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.at(used));
    stream.avail_out = out.room(used);
    const lzma_ret status = lzma_code(&stream, LZMA_FINISH);
    used = static_cast<std::size_t>(stream.total_out);
    if (status == LZMA_STREAM_END) return out.finish(used);
    if (status == LZMA_MEMLIMIT_ERROR)
      return broken(name, Compression::xz, "it asks for more than 256 MiB of dictionary");
    if (status == LZMA_BUF_ERROR && stream.avail_out != 0)
      return broken(name, Compression::xz, "it ends too early");
    if (status != LZMA_OK && status != LZMA_BUF_ERROR)
      return broken(name, Compression::xz, "bad data");
    if (stream.avail_out == 0 && !out.grow()) return too_large(name, limit);
  }
}

Result<std::shared_ptr<const Bytes>> unpack_zstd(std::span<const std::byte> in,
                                                 std::string_view name, std::uint64_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                    &ZSTD_freeDCtx);
  if (!context) return broken(name, Compression::zstd, "libzstd");
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  Output out(in.size() * 5, limit);
  std::size_t used = 0;
  for (;;) {
    ZSTD_outBuffer sink{out.at(used), out.room(used), 0};
    const std::size_t status = ZSTD_decompressStream(context.get(), &sink, &source);
    used += sink.pos;
    if (ZSTD_isError(status))
      return broken(name, Compression::zstd, ZSTD_getErrorName(status));
    if (status == 0 && source.pos == source.size) return out.finish(used);
    if (out.room(used) == 0) {
      if (!out.grow()) return too_large(name, limit);
    } else if (source.pos == source.size) {
      return broken(name, Compression::zstd, "it ends too early");
    }
  }
}

}  // namespace

std::string_view to_string(Compression compression) {
  constexpr std::array<std::string_view, 4> names{"none", "gzip", "xz", "zstd"};
  return names.at(static_cast<std::size_t>(compression));
}

Compression detect_compression(std::span<const std::byte> content) {
  using namespace std::string_view_literals;
  if (starts_with(content, "\x1f\x8b"sv)) return Compression::gzip;
  if (starts_with(content, "\xfd"
                           "7zXZ\0"sv))
    return Compression::xz;
  if (starts_with(content, "\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
  return Compression::none;
}

Result<std::shared_ptr<const Bytes>> decompress(std::shared_ptr<const Bytes> content,
                                                std::string_view name, std::uint64_t limit) {
  switch (detect_compression(content->span())) {
    case Compression::gzip:
      return inflate_gzip(content->span(), name, limit);
    case Compression::xz:
      return unpack_xz(content->span(), name, limit);
    case Compression::zstd:
      return unpack_zstd(content->span(), name, limit);
    case Compression::none:
      break;
  }
  return content;
}

}  // namespace kovet
