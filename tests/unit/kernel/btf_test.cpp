#include "kernel/btf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/btf.h>

#include <cstring>

#include "tests/support/elf_builder.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using ::testing::HasSubstr;

/// Raw BTF with types in the order they are added.
class BtfBuilder {
 public:
  explicit BtfBuilder(bool swapped = false) : swapped_(swapped) {}

  BtfBuilder& type(std::string_view name, std::uint32_t kind, std::uint32_t count,
                   std::uint32_t size, std::size_t tail) {
    types_ += u32(static_cast<std::uint32_t>(names_.size())) + u32(kind << 24 | count) + u32(size);
    types_ += std::string(tail, '\1');
    names_ += std::string(name) + '\0';
    return *this;
  }
  std::string build() const {
    std::string magic = "\x9f\xeb";
    if (swapped_) std::swap(magic[0], magic[1]);
    const auto types = static_cast<std::uint32_t>(types_.size());
    return magic + std::string("\1\0", 2) + u32(24) + u32(0) + u32(types) + u32(types) +
           u32(static_cast<std::uint32_t>(names_.size())) + types_ + names_;
  }

 private:
  std::string u32(std::uint32_t value) const {
    if (swapped_) value = __builtin_bswap32(value);
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &value, 4);
    return bytes;
  }
  bool swapped_;
  std::string types_, names_ = std::string(1, '\0');
};

BtfBuilder every_kind(bool swapped = false) {
  BtfBuilder builder(swapped);
  builder.type("int", BTF_KIND_INT, 0, 4, 4)
      .type("", BTF_KIND_PTR, 0, 1, 0)
      .type("", BTF_KIND_ARRAY, 0, 0, 12)
      .type("module", BTF_KIND_UNION, 2, 8, 24)
      .type("module", BTF_KIND_FWD, 0, 0, 0)
      .type("e", BTF_KIND_ENUM, 3, 4, 24)
      .type("e64", BTF_KIND_ENUM64, 2, 8, 24)
      .type("", BTF_KIND_FUNC_PROTO, 2, 1, 16)
      .type("f", BTF_KIND_FUNC, 1, 1, 0)
      .type("v", BTF_KIND_VAR, 0, 1, 4)
      .type(".data", BTF_KIND_DATASEC, 1, 4, 12)
      .type("float", BTF_KIND_FLOAT, 0, 8, 0)
      .type("tag", BTF_KIND_DECL_TAG, 0, 1, 4)
      .type("user", BTF_KIND_TYPE_TAG, 0, 1, 0)
      .type("module_layout", BTF_KIND_STRUCT, 1, 80, 12)
      .type("module", BTF_KIND_STRUCT, 4, 1280, 48);
  return builder;
}

std::optional<std::uint64_t> size_of(const std::string& btf, std::string_view name = "module") {
  return btf_struct_size(std::as_bytes(std::span(btf)), name);
}

TEST(Btf, FindsTheStructAmongAllKinds) {
  EXPECT_EQ(size_of(every_kind().build()), 1280U);
}

TEST(Btf, OfTheOtherByteOrder) {
  EXPECT_EQ(size_of(every_kind(true).build()), 1280U);
}

TEST(Btf, NoSuchStruct) {
  EXPECT_FALSE(size_of(every_kind().build(), "task_struct"));
}

TEST(Btf, AnUnknownKindEndsTheSearch) {
  EXPECT_FALSE(size_of(
      BtfBuilder().type("x", 31, 0, 0, 0).type("module", BTF_KIND_STRUCT, 0, 8, 0).build()));
}

TEST(Btf, CutAnywhereNeverReadsOutside) {
  const std::string whole = every_kind().build();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(size_of(whole.substr(0, size))) << size;
}

TEST(Btf, FromAnElfFileAndFromRawBtf) {
  testing::TempDir dir;
  testing::ElfBuilder elf;
  elf.section(".BTF").content = every_kind().build();
  const auto from_elf = btf_struct_size(dir.write("vmlinux", elf.build()), "module");
  ASSERT_TRUE(from_elf.has_value());
  EXPECT_EQ(*from_elf, 1280U);
  const auto from_raw = btf_struct_size(dir.write("btf", every_kind().build()), "module");
  ASSERT_TRUE(from_raw.has_value());
  EXPECT_EQ(*from_raw, 1280U);
  const auto none = btf_struct_size(dir.write("text", "hello"), "module");
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().what, HasSubstr("no BTF"));
}

}  // namespace
}  // namespace kovet
