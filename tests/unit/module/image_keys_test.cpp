#include "kernel/image_keys.h"

#include <gmock/gmock.h>

#include "tests/support/signing_kit.h"

namespace kovet::testing {
namespace {

std::string number(std::uint64_t value) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// certs/system_certificates.S, as it lies in a vmlinux.
std::string list(const std::string& own, const std::string& others, bool with_own_size = true) {
  std::string text = own + others;
  const std::size_t size = text.size();
  text.resize((size + 7) & ~std::size_t{7});
  return text + number(size) + (with_own_size ? number(own.size()) : std::string(8, '\xff'));
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
