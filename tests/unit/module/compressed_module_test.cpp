#include <gmock/gmock.h>

#include <functional>

#include "module/read_module.h"
#include "tests/support/compress.h"
#include "tests/support/facts.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using testing::honest_builder;
using testing::read_bytes;

struct Format {
  const char* name;
  Compression compression;
  std::function<std::string(std::string_view)> compress;
};

class CompressedModule : public ::testing::TestWithParam<Format> {};

TEST_P(CompressedModule, IsReadByContentNotByName) {
  const std::string elf = honest_builder().build();
  const std::string stored = GetParam().compress(elf);
  testing::TempDir dir;
  for (const char* name : {"honest.ko", "honest.ko.gz", "honest.ko.xz", "honest.ko.zst", "x"}) {
    const auto module = read_module(dir.write(name, stored));
    ASSERT_TRUE(module.has_value()) << to_string(module.error());
    EXPECT_EQ(module->compression, GetParam().compression);
    EXPECT_EQ(module->stored_size, stored.size());
    EXPECT_EQ(module->elf_size, elf.size());
    EXPECT_EQ(module->imports.size(), 3U);
    EXPECT_EQ(module->name, "honest");
  }
}

TEST_P(CompressedModule, SignatureIsInsideTheStream) {
  const std::string elf = honest_builder().build();
  const Module module = read_bytes(GetParam().compress(honest_builder().signature("DER").build()));
  ASSERT_TRUE(module.signature.has_value());
  EXPECT_EQ(module.elf_size, elf.size());
}

TEST_P(CompressedModule, CutStreamIsAnErrorThatNamesTheFile) {
  const std::string stored = GetParam().compress(honest_builder().build());
  for (std::size_t length = 8; length < stored.size(); length += 7) {
    const auto module =
        read_module(Bytes::copy(std::string_view(stored).substr(0, length)), "cut.ko");
    ASSERT_FALSE(module.has_value()) << length;
    EXPECT_EQ(module.error().where, "cut.ko");
    EXPECT_FALSE(module.error().what.empty());
  }
}

TEST_P(CompressedModule, DamagedStreamNeverCrashes) {
  const std::string stored = GetParam().compress(honest_builder().build());
  for (std::size_t at = 0; at < stored.size(); ++at) {
    std::string damaged = stored;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const auto module = read_module(Bytes::copy(damaged), "damaged.ko");
    if (!module) {
      EXPECT_FALSE(module.error().what.empty());
    }
  }
}

TEST_P(CompressedModule, CompressedTwiceIsNotAnElfFile) {
  const Module module =
      read_bytes(GetParam().compress(GetParam().compress(honest_builder().build())));
  EXPECT_TRUE(!module.header.has_value() || !module.header->magic_ok);
}

TEST_P(CompressedModule, EmptyContent) {
  const Module module = read_bytes(GetParam().compress(""));
  EXPECT_FALSE(module.header.has_value());
  EXPECT_EQ(module.elf_size, 0U);
}

TEST_P(CompressedModule, ToolsJoinStreamsWhereKernelsTakeTheFirst) {
  const std::string elf = honest_builder().build();
  const std::size_t half = elf.size() / 2;
  const std::string stored =
      GetParam().compress(elf.substr(0, half)) + GetParam().compress(elf.substr(half));
  const Module joined = read_module(Bytes::copy(stored), "two.ko").value();
  EXPECT_TRUE(joined.joined_streams);
  EXPECT_TRUE(joined.bytes->text() == elf);
  const Module first =
      read_module(Bytes::copy(stored), "two.ko", max_decompressed_size, Extent::first).value();
  EXPECT_FALSE(first.joined_streams);
  EXPECT_TRUE(first.bytes->text() == elf.substr(0, half));
}

TEST_P(CompressedModule, FirstStreamMayBeEmpty) {
  const std::string elf = honest_builder().build();
  const std::string stored = GetParam().compress("") + GetParam().compress(elf);
  EXPECT_TRUE(read_bytes(stored).bytes->text() == elf);
  const Module first =
      read_module(Bytes::copy(stored), "two.ko", max_decompressed_size, Extent::first).value();
  EXPECT_EQ(first.size, 0U);
}

TEST_P(CompressedModule, StreamsTogetherStayBelowTheLimit) {
  const std::string part = GetParam().compress(std::string(600'000, 'x'));
  EXPECT_FALSE(read_module(Bytes::copy(part + part), "two.ko", 1'000'000).has_value());
  EXPECT_TRUE(read_module(Bytes::copy(part + part), "two.ko", 1'200'000).has_value());
}

TEST_P(CompressedModule, SecondStreamThatIsCutIsAnError) {
  const std::string whole = GetParam().compress(honest_builder().build());
  for (std::size_t length = 8; length < whole.size(); length += 7) {
    const auto read = read_module(Bytes::copy(whole + whole.substr(0, length)), "two.ko");
    EXPECT_FALSE(read.has_value()) << length;
  }
}

TEST_P(CompressedModule, WhatFollowsTheStreamIsNothingToTheKernel) {
  const std::string elf = honest_builder().build();
  const std::string stored = GetParam().compress(elf) + "something else";
  const auto first =
      read_module(Bytes::copy(stored), "behind.ko", max_decompressed_size, Extent::first);
  ASSERT_TRUE(first.has_value()) << to_string(first.error());
  EXPECT_TRUE(first->bytes->text() == elf);
  // gzip and kmod take no notice of it either; xz and zstd do.
  const bool ignored = GetParam().compression == Compression::gzip;
  EXPECT_EQ(read_module(Bytes::copy(stored), "behind.ko").has_value(), ignored);
}

TEST(XzModule, ZerosBehindTheStreamComeFourAtATime) {
  const std::string stored = testing::xz(honest_builder().build());
  for (std::size_t zeros = 0; zeros < 9; ++zeros) {
    const std::string padded = stored + std::string(zeros, '\0');
    EXPECT_EQ(read_module(Bytes::copy(padded), "a.ko").has_value(), zeros % 4 == 0) << zeros;
    EXPECT_EQ(read_module(Bytes::copy(padded + stored), "a.ko").has_value(), zeros % 4 == 0)
        << zeros;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CompressedModule,
                         ::testing::Values(Format{"gzip", Compression::gzip, testing::gzip},
                                           Format{"xz", Compression::xz, testing::xz},
                                           Format{"zstd", Compression::zstd, testing::zstd}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(PlainModule, IsNoStream) {
  const Module module = read_bytes(honest_builder().build());
  EXPECT_EQ(module.compression, Compression::none);
  EXPECT_EQ(module.stored_size, module.bytes->size());
}

}  // namespace
}  // namespace kovet
