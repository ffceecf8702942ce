#include "module/sign_module.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "module/read_module.h"
#include "module/verify_signature.h"
#include "tests/support/facts.h"
#include "tests/support/signing_kit.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

class SignModule : public ::testing::Test {
 protected:
  SigningSetup setup_for(const SigningPair& pair) {
    return {.key = dir_.write("key.pem", pair.key_pem),
            .certificate = dir_.write("cert.der", pair.certificate_der)};
  }
  TempDir dir_;
};

TEST_F(SignModule, MakesWhatTheVerifierTakes) {
  for (const char* kind : {"RSA", "P-384"}) {
    const SigningPair pair = make_pair({.kind = kind});
    SigningSetup setup = setup_for(pair);
    setup.hash = "sha512";
    const auto signer = ModuleSigner::open(setup).value();
    const auto bytes = signer.sign(honest_module()).value();
    const Module module = read_module(Bytes::own(bytes), "signed.ko").value();
    EXPECT_EQ(module.elf_size, honest_builder().build().size());
    EXPECT_EQ(describe_signature(module).hash, "sha512");
    EXPECT_EQ(verify_signature(module, {&pair.certificate, 1}).result, SignatureResult::good);
  }
}

TEST_F(SignModule, FindsTheCertificateOfTheKeyInAPemOfMany) {
  const SigningPair first = make_pair({.name = "First"});
  const SigningPair second = make_pair({.name = "Second"});
  SigningSetup setup = setup_for(second);
  setup.certificate = dir_.write("both.pem", first.certificate_pem + second.certificate_pem);
  EXPECT_EQ(ModuleSigner::open(setup).value().certificate().subject, "Second");
}

TEST_F(SignModule, RefusesAKeyThatDoesNotFit) {
  SigningSetup setup = setup_for(make_pair());
  setup.key = dir_.write("other.pem", make_pair().key_pem);
  const auto signer = ModuleSigner::open(setup);
  ASSERT_TRUE(signer.has_error());
  EXPECT_THAT(signer.error().what, HasSubstr("does not belong to the certificate"));
}

TEST_F(SignModule, RefusesAKeyFileThatHoldsNone) {
  SigningSetup setup = setup_for(make_pair());
  for (const std::string& text :
       {std::string(), std::string("\0\1garbage", 9), make_pair().certificate_pem}) {
    setup.key = dir_.write("none.pem", text);
    EXPECT_TRUE(ModuleSigner::open(setup).has_error());
  }
  setup.key = dir_.path() / "absent.pem";
  EXPECT_TRUE(ModuleSigner::open(setup).has_error());
  setup.key = "pkcs11:token=no such token";
  EXPECT_TRUE(ModuleSigner::open(setup).has_error());
}

TEST_F(SignModule, NeverAsksForAPassphrase) {
  SigningPair pair = make_pair();
  BIO* const out = BIO_new(BIO_s_mem());
  ASSERT_EQ(PEM_write_bio_PrivateKey(out, pair.key.get(), EVP_aes_128_cbc(),
                                     reinterpret_cast<const unsigned char*>("secret"), 6, nullptr,
                                     nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  pair.key_pem.assign(data, static_cast<std::size_t>(size));
  BIO_free(out);
  const SigningSetup setup = setup_for(pair);
  ::unsetenv("KBUILD_SIGN_PIN");
  const auto refused = ModuleSigner::open(setup);
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().hint, HasSubstr("KBUILD_SIGN_PIN"));
  ::setenv("KBUILD_SIGN_PIN", "wrong", 1);
  EXPECT_TRUE(ModuleSigner::open(setup).has_error());
  ::setenv("KBUILD_SIGN_PIN", "secret", 1);
  EXPECT_TRUE(ModuleSigner::open(setup).has_value());
  ::unsetenv("KBUILD_SIGN_PIN");
}

TEST_F(SignModule, RefusesAnExpiredCertificateUnlessTold) {
  SigningSetup setup = setup_for(make_pair({.valid_from = -7200, .valid_to = -3600}));
  const auto refused = ModuleSigner::open(setup);
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().what, HasSubstr("expired"));
  setup.allow_expired = true;
  EXPECT_TRUE(ModuleSigner::open(setup).has_value());
}

TEST_F(SignModule, RefusesACertificateOfTheFuture) {
  EXPECT_TRUE(ModuleSigner::open(setup_for(make_pair({.valid_from = 3600}))).has_error());
}

TEST_F(SignModule, RefusesAKeyThatKernelsCannotUse) {
  EXPECT_TRUE(ModuleSigner::open(setup_for(make_pair({.kind = "secp256k1"}))).has_error());
}

TEST_F(SignModule, RefusesAHashThatKernelsDoNotKnow) {
  SigningSetup setup = setup_for(make_pair());
  for (const char* hash : {"sha257", "md5", "sm3", ""}) {
    setup.hash = hash;
    const auto refused = ModuleSigner::open(setup);
    ASSERT_TRUE(refused.has_error()) << hash;
    EXPECT_THAT(refused.error().what, HasSubstr("no hash that kernels verify")) << hash;
  }
}

TEST_F(SignModule, SignsOnceUnlessToldToReplace) {
  const SigningPair pair = make_pair();
  const auto signer = ModuleSigner::open(setup_for(pair)).value();
  const Module once =
      read_module(Bytes::own(signer.sign(honest_module()).value()), "once.ko").value();
  EXPECT_TRUE(signer.sign(once).has_error());
  const Module again = read_module(Bytes::own(signer.sign(once, true).value()), "a.ko").value();
  EXPECT_EQ(again.elf_size, once.elf_size);
  EXPECT_FALSE(describe_signature(again).signed_twice);
}

TEST_F(SignModule, ReportsASignFileThatFails) {
  SigningSetup setup = setup_for(make_pair());
  setup.sign_file = "/bin/false";
  const auto made = ModuleSigner::open(setup).value().sign(honest_module());
  ASSERT_TRUE(made.has_error());
  EXPECT_EQ(made.error().where, "/bin/false");
}

}  // namespace
}  // namespace kovet::testing
