#include "support/bytes.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Bytes, MapsAFile) {
  testing::TempDir dir;
  const auto bytes = Bytes::map(dir.write("a", "hello"));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)->text(), "hello");
}

TEST(Bytes, WhatCannotBeReadIsAnErrorThatSaysWhatToDo) {
  const testing::TempDir dir;
  const auto folder = Bytes::map(dir.path()), missing = Bytes::map(dir.path() / "missing");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().hint, "name a file in this folder");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().hint, "");
}

TEST(Bytes, EmptyFileIsEmpty) {
  testing::TempDir dir;
  const auto bytes = Bytes::map(dir.write("a", ""));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)->size(), 0U);
}

// Small files are read and large ones mapped: the content is the same.
TEST(Bytes, HoldsSmallAndLargeFilesWhole) {
  testing::TempDir dir;
  for (const std::size_t size : {(std::size_t{256} << 10) - 1, std::size_t{256} << 10,
                                 (std::size_t{256} << 10) + 1, std::size_t{3} << 20}) {
    std::string content(size, 'a');
    content.front() = 'f';
    content.back() = 'b';
    const auto bytes = Bytes::map(dir.write("a", content));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_TRUE((*bytes)->text() == content) << size;
  }
}

TEST(Bytes, FolderIsAnError) {
  testing::TempDir dir;
  const auto bytes = Bytes::map(dir.path());
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().what, "not a regular file");
}

TEST(Decompress, RoundTripsGzip) {
  const std::string text(500000, 'x');
  const auto out = decompress(Bytes::copy(gzip(text)), "m.ko");
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ((*out)->text(), text);
}

TEST(Decompress, PlainStaysPlain) {
  const auto out = decompress(Bytes::copy("\x7f"
                                          "ELF"),
                              "m.ko");
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ((*out)->size(), 4U);
}

TEST(Decompress, CutStreamIsAnError) {
  const std::string whole = gzip(std::string(500000, 'x'));
  for (std::size_t length : {std::size_t{4}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    const auto out = decompress(Bytes::copy(whole.substr(0, length)), "m.ko");
    ASSERT_FALSE(out.has_value()) << length;
    EXPECT_EQ(out.error().where, "m.ko");
  }
}

TEST(Decompress, BombIsAnError) {
  const auto out = decompress(Bytes::copy(gzip(std::string(3000000, '\0'))), "m.ko", 1000000);
  ASSERT_FALSE(out.has_value());
  EXPECT_NE(out.error().what.find("more than 1000000 bytes"), std::string::npos);
}

TEST(Decompress, OutputOfExactlyTheLimitIsFine) {
  const auto out = decompress(Bytes::copy(gzip(std::string(1000000, '\0'))), "m.ko", 1000000);
  ASSERT_TRUE(out.has_value()) << to_string(out.error());
  EXPECT_EQ((*out)->size(), 1000000U);
}

}  // namespace
}  // namespace kovet
