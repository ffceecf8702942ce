#include <elf.h>

#include "tests/support/signing_kit.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

const std::string unsigned_line = "Loading of unsigned module is rejected";

TEST(Signature, UnsignedLoadsWhereNothingEnforces) {
  const Verdict verdict = Case().judge();
  expect_accept(verdict);
  EXPECT_NE(verdict.taints.find('E'), std::string::npos);
}

TEST(Signature, UnsignedIsRefusedWhereEnforced) {
  Case test;
  test.assumptions.sig_enforce = true;
  expect_reject(test.judge(), EKEYREJECTED, {unsigned_line});
  Case forced;
  forced.config("CONFIG_MODULE_SIG_FORCE=y\n");
  expect_reject(forced.judge(), EKEYREJECTED, {unsigned_line});
}

TEST(Signature, UnsignedIsRefusedUnderLockdown) {
  Case test;
  test.assumptions.lockdown = true;
  expect_reject(test.judge(), EPERM,
                {"Lockdown: insmod: unsigned module loading is restricted; see man "
                 "kernel_lockdown.7"});
}

TEST(Signature, AKernelWithoutSignaturesDoesNotLook) {
  Case test;
  test.without("CONFIG_MODULE_SIG=y");
  test.assumptions.lockdown = true;
  expect_accept(test.judge());
}

TEST(Signature, ItIsLookedAtBeforeTheElfHeader) {
  Case test;
  test.assumptions.sig_enforce = true;
  expect_reject(test.judge_module(read_bytes(std::string(100, 'x'))), EKEYREJECTED,
                {unsigned_line});
  test.kernel.version = KernelVersion{4, 19, 0};
  EXPECT_EQ(errno_name(test.judge_module(read_bytes(std::string(100, 'x'))).error), "ENOEXEC");
}

TEST(Signature, WithoutTheKeysItIsUnknown) {
  Case test;
  test.builder.signature("der");
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(Signature, WhatVerificationFoundDecides) {
  Case test;
  test.builder.signature("der");
  test.signature = SignatureStatus::good;
  expect_accept(test.judge());
  test.signature = SignatureStatus::no_key;
  expect_accept(test.judge());
  test.signature = SignatureStatus::bad;
  expect_reject(test.judge(), EKEYREJECTED, {});
  test.signature = SignatureStatus::malformed;
  expect_reject(test.judge(), EBADMSG, {});
  test.assumptions.sig_enforce = true;
  test.signature = SignatureStatus::no_key;
  expect_reject(test.judge(), EKEYREJECTED, {"Loading of module with unavailable key is rejected"});
}

TEST(Signature, AHashThatTheKernelMayNotHave) {
  static const SigningPair pair = make_pair();
  Case test;
  test.builder.signature(make_message(pair, "?", {.hash = "sha512"}));
  test.assumptions.sig_enforce = true;
  test.signature = SignatureStatus::good;
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
  test.signature = SignatureStatus::bad;
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
  test.config("CONFIG_CRYPTO_SHA512=m\n");
  test.signature = SignatureStatus::good;
  expect_accept(test.judge());
  test.assumptions.crypto_modules = false;
  const std::vector<std::string> lacking{"Loading of module with unsupported crypto is rejected"};
  for (const auto status : {SignatureStatus::good, SignatureStatus::bad, SignatureStatus::no_key}) {
    test.signature = status;
    expect_reject(test.judge(), EKEYREJECTED, lacking);
  }
  test.assumptions.sig_enforce = false;
  expect_accept(test.judge());
}

TEST(Signature, WhatTheKernelSaysOfTheMessage) {
  Case test;
  test.builder.signature("der");
  test.signature = {SignatureStatus::bad, "PKCS7: Invalid module sig (has authattrs)"};
  expect_reject(test.judge(), EKEYREJECTED, {"PKCS7: Invalid module sig (has authattrs)"});
}

TEST(Signature, UnknownItMayComeBeforeAnotherRejection) {
  Case test;
  test.builder.signature("der");
  test.builder.type(ET_EXEC);
  const Verdict verdict = test.judge();
  EXPECT_EQ(to_string(verdict.answer), "reject");
  ASSERT_EQ(verdict.may_come_first.size(), 1U);
  EXPECT_EQ(verdict.may_come_first[0]->id, "signature");
  test.signature = SignatureStatus::good;
  EXPECT_TRUE(test.judge().may_come_first.empty());
}

TEST(Signature, TrailerFieldsThatMustBeZero) {
  Case test;
  test.builder.signature("der", {.hash = 4});
  expect_reject(test.judge(), EBADMSG,
                {"module: PKCS#7 signature info has unexpected non-zero params"});
}

TEST(Signature, AnotherFormatIsWaivedUnlessEnforced) {
  Case test;
  test.builder.signature("der", {.id_type = 1});
  expect_accept(test.judge());
  test.assumptions.sig_enforce = true;
  expect_reject(test.judge(), EKEYREJECTED,
                {"module: not signed with expected PKCS#7 message",
                 "Loading of module with unsupported crypto is rejected"});
}

TEST(Signature, AMessageLongerThanKernelsReadIsAlwaysFatal) {
  Case test;
  test.signature = SignatureStatus::good;
  test.builder.signature(std::string(65536, '0'));
  expect_reject(test.judge(), EMSGSIZE, {});
  test.builder.signature(std::string(65535, '0'));
  expect_accept(test.judge());
}

TEST(Signature, LengthBeyondTheFileIsAlwaysFatal) {
  Case test;
  test.builder.signature("der", {.sig_len = 0x7fffffff});
  expect_reject(test.judge(), EBADMSG, {});
}

}  // namespace
}  // namespace kovet::testing
