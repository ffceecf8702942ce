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
