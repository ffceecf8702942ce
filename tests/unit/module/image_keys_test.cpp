#include "kernel/image_keys.h"

#include <gmock/gmock.h>

#include "tests/support/signing_kit.h"

namespace kovet::testing {
namespace {

struct Machine {
  std::size_t alignment = 8;  ///< what the assembler makes of ".align 8"
  unsigned word = 8;          ///< bytes
  bool big_endian = false;
};

std::string number(std::uint64_t value, const Machine& machine = {}) {
  std::string text;
  for (unsigned i = 0; i < machine.word; ++i)
    text += static_cast<char>(value >> (8 * (machine.big_endian ? machine.word - 1 - i : i)));
  return text;
}

/// certs/system_certificates.S, as it lies in a vmlinux.
std::string list(const std::string& own, const std::string& others, bool with_own_size = true,
                 const Machine& machine = {}) {
  std::string text = own + others;
  const auto align = [&] {
    text.resize((text.size() + machine.alignment - 1) / machine.alignment * machine.alignment);
  };
  const std::size_t size = text.size();
  align();
  text += number(size, machine);
  align();
  return text + (with_own_size ? number(own.size(), machine) : std::string(8, '\xff'));
}

std::string vmlinux(const std::string& lists) {
  return "\x7f"
         "ELF" +
         std::string(1020, '\1') + lists + std::string(512, '\2');
}

Result<std::vector<Certificate>> keys_of(const std::string& image) {
  return builtin_keys(Bytes::copy(image), "vmlinux");
}

TEST(BuiltinKeys, AreThoseOfTheList) {
  const SigningPair own = make_pair({.name = "Own"}), other = make_pair({.name = "Other"});
  const auto keys = keys_of(vmlinux(list(own.certificate_der, other.certificate_der))).value();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].subject, "Own");
  EXPECT_EQ(keys[1].subject, "Other");
}

// ".align 8" is 256 bytes on arm64, and 8 on x86; s390x is big endian.
TEST(BuiltinKeys, AreFoundHoweverTheMachineLaysThemOut) {
  const SigningPair own = make_pair({.name = "Own"}), other = make_pair({.name = "Other"});
  for (const std::size_t alignment : {std::size_t{8}, std::size_t{256}})
    for (const unsigned word : {8U, 4U})
      for (const bool big_endian : {false, true}) {
        const auto keys = keys_of(vmlinux(
            list(own.certificate_der, other.certificate_der, true, {alignment, word, big_endian})));
        ASSERT_FALSE(keys.has_error()) << alignment << ' ' << word << ' ' << big_endian;
        EXPECT_EQ(keys->size(), 2U);
      }
}

TEST(BuiltinKeys, AreFoundInImagesThatAreNotPacked) {
  for (const std::string magic : {"ARM\x64", "RSC\x05"}) {
    std::string image(4096, '\0');
    image.replace(0x38, 4, magic);
    EXPECT_TRUE(looks_like_kernel_image(Bytes::copy(image)->span()));
    image += list(make_pair({.name = "Own"}).certificate_der, "", true, {256, 8, false});
    const auto keys = keys_of(image + std::string(64, '\0'));
    ASSERT_FALSE(keys.has_error());
    EXPECT_EQ(keys->front().subject, "Own");
  }
  EXPECT_FALSE(looks_like_kernel_image(Bytes::copy("text")->span()));
}

TEST(BuiltinKeys, AreNotThoseOfTheRevocationList) {
  const SigningPair revoked = make_pair({.name = "Revoked"}), own = make_pair({.name = "Own"});
  std::string revocations = list(revoked.certificate_der, "", false);
  revocations.resize((revocations.size() + 7) & ~std::size_t{7});
  const auto keys = keys_of(vmlinux(revocations + list(own.certificate_der, ""))).value();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].subject, "Own");
}

TEST(BuiltinKeys, AreAnErrorWhereThereAreNone) {
  EXPECT_TRUE(keys_of(vmlinux("")).has_error());
  EXPECT_TRUE(keys_of(vmlinux(make_pair().certificate_der)).has_error());
  EXPECT_TRUE(keys_of("").has_error());
}

}  // namespace
}  // namespace kovet::testing
