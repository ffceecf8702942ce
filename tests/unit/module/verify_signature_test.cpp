#include "module/verify_signature.h"

#include <gmock/gmock.h>

#include "module/drop_bytes.h"
#include "module/signature_remains.h"
#include "tests/support/facts.h"
#include "tests/support/signing_kit.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StrEq;
using Outcome = SignatureResult;

const SigningPair& ecdsa() {
  static const SigningPair pair = make_pair({.name = "Curve", .kind = "P-384"});
  return pair;
}
const SigningPair& rsa() {
  static const SigningPair pair = make_pair({.name = "Rivest", .kind = "RSA"});
  return pair;
}

Module signed_by(const SigningPair& pair, const MessageSpec& spec = {}) {
  const std::string plain = honest_builder().build();
  return read_built(honest_builder().signature(make_message(pair, plain, spec)));
}

std::string signed_file(const SigningPair& pair) {
  return honest_builder().signature(make_message(pair, honest_builder().build())).build();
}

Outcome verify(const Module& module, std::vector<Certificate> trusted) {
  return verify_signature(module, trusted).result;
}

TEST(VerifySignature, AcceptsWhatACertificateVerifies) {
  EXPECT_EQ(verify(signed_by(ecdsa()), {ecdsa().certificate}), Outcome::good);
  EXPECT_EQ(verify(signed_by(rsa()), {rsa().certificate}), Outcome::good);
}

TEST(VerifySignature, PicksTheMatchingCertificateOfMany) {
  const auto check =
      verify_signature(signed_by(rsa()), std::vector{ecdsa().certificate, rsa().certificate});
  EXPECT_EQ(check.result, Outcome::good);
  EXPECT_EQ(check.certificate.value().subject, "Rivest");
}

class EveryHash : public ::testing::TestWithParam<const char*> {};
TEST_P(EveryHash, Verifies) {
  const Module module = signed_by(rsa(), {.hash = GetParam()});
  EXPECT_EQ(verify(module, {rsa().certificate}), Outcome::good);
  EXPECT_EQ(describe_signature(module).hash, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Kernel, EveryHash,
                         ::testing::Values("sha1", "sha224", "sha256", "sha384", "sha512",
                                           "sha3-256", "sha3-384", "sha3-512"));

TEST(VerifySignature, DoesNotKnowAHashThatKernelsLack) {
  EXPECT_EQ(verify(signed_by(rsa(), {.hash = "md5"}), {rsa().certificate}), Outcome::unsupported);
}

TEST(VerifySignature, MatchesByKeyIdToo) {
  const Module module = signed_by(rsa(), {.key_id = true});
  EXPECT_EQ(verify(module, {ecdsa().certificate, rsa().certificate}), Outcome::good);
  EXPECT_EQ(describe_signature(module).key_id, rsa().certificate.key_id);
  EXPECT_THAT(describe_signature(module).serial, StrEq(""));
}

TEST(VerifySignature, HasNoKeyForAnotherSigner) {
  EXPECT_EQ(verify(signed_by(rsa()), {ecdsa().certificate}), Outcome::no_key);
  EXPECT_EQ(verify(signed_by(rsa()), {}), Outcome::no_key);
}

TEST(VerifySignature, SaysTheSameWithoutTheBytes) {
  for (const bool keys_known : {true, false})
    for (const bool with_certificate : {true, false})
      for (const bool altered : {true, false}) {
        const std::string plain = honest_builder().build();
        const MessageSpec spec{.with_certificate = with_certificate};
        std::string file = honest_builder().signature(make_message(rsa(), plain, spec)).build();
        if (altered) file[plain.size() / 2] ^= 1;
        std::vector<Certificate> trusted;
        if (keys_known) trusted.push_back(rsa().certificate);
        Module module = read_bytes(file);
        const Outcome before = verify(module, trusted);
        EXPECT_EQ(before, altered && (keys_known || with_certificate) ? Outcome::bad
                          : keys_known                                ? Outcome::good
                                                                      : Outcome::no_key);
        digest_signed_content(module, keys_known);
        drop_bytes(module);
        EXPECT_EQ(verify(module, trusted), before)
            << keys_known << ' ' << with_certificate << ' ' << altered;
      }
}

TEST(VerifySignature, SeesOneChangedByte) {
  for (const SigningPair* pair : {&ecdsa(), &rsa()}) {
    const std::string plain = honest_builder().build();
    std::string file = honest_builder().signature(make_message(*pair, plain)).build();
    file[plain.size() / 2] ^= 1;
    const auto check = verify_signature(read_bytes(file), {&pair->certificate, 1});
    EXPECT_EQ(check.result, Outcome::bad);
    EXPECT_THAT(check.reason, HasSubstr("altered after signing"));
  }
}

TEST(VerifySignature, SeesTheWrongKeyUnderTheRightName) {
  const SigningPair other = make_pair({.name = "Rivest", .kind = "RSA"});
  const auto check = verify_signature(signed_by(other), {&rsa().certificate, 1});
  EXPECT_EQ(check.result, Outcome::bad);
  EXPECT_THAT(check.reason, HasSubstr("another key"));
}

TEST(VerifySignature, RefusesAuthenticatedAttributes) {
  const auto check =
      verify_signature(signed_by(rsa(), {.attributes = true}), {&rsa().certificate, 1});
  EXPECT_EQ(check.result, Outcome::bad);
  EXPECT_EQ(check.log, "PKCS7: Invalid module sig (has authattrs)");
}

TEST(VerifySignature, RefusesAttachedContent) {
  EXPECT_EQ(verify(signed_by(rsa(), {.attached = true}), {rsa().certificate}), Outcome::malformed);
}

TEST(VerifySignature, RefusesWhatIsNoMessage) {
  EXPECT_EQ(verify(read_built(honest_builder().signature("no DER at all")), {rsa().certificate}),
            Outcome::malformed);
}

TEST(VerifySignature, MirrorsTheTrailerChecks) {
  const std::string der = make_message(ecdsa(), honest_builder().build());
  const auto with = [&](const TrailerSpec& trailer) {
    return verify(read_built(honest_builder().signature(der, trailer)), {ecdsa().certificate});
  };
  EXPECT_EQ(with({}), Outcome::good);
  EXPECT_EQ(with({.id_type = 0}), Outcome::unsupported);
  EXPECT_EQ(with({.id_type = 3}), Outcome::unsupported);
  EXPECT_EQ(with({.algo = 1}), Outcome::malformed);
  EXPECT_EQ(with({.key_id_len = 1}), Outcome::malformed);
  EXPECT_EQ(with({.padding = std::string("\0\0\1", 3)}), Outcome::malformed);
  EXPECT_EQ(with({.sig_len = 0x7fffffff}), Outcome::malformed);
  EXPECT_EQ(with({.sig_len = 5}), Outcome::malformed);
}

TEST(VerifySignature, FollowsTheChainToATrustedIssuer) {
  const SigningPair leaf = make_pair({.name = "Leaf", .serial = 2, .issuer = &ecdsa()});
  const Module module = signed_by(leaf, {.with_certificate = true});
  EXPECT_EQ(describe_signature(module).embedded_certificates, 1U);
  EXPECT_EQ(verify(module, {ecdsa().certificate}), Outcome::good);
  EXPECT_EQ(verify(module, {leaf.certificate}), Outcome::good);
  EXPECT_EQ(verify(module, {rsa().certificate}), Outcome::no_key);
}

TEST(VerifySignature, DoesNotTrustACertificateBecauseItIsBroughtAlong) {
  EXPECT_EQ(verify(signed_by(ecdsa(), {.with_certificate = true}), {rsa().certificate}),
            Outcome::no_key);
}

TEST(VerifySignature, SeesAForgedIssuer) {
  const SigningPair forger = make_pair({.name = "Curve", .kind = "P-384"});
  const SigningPair leaf = make_pair({.name = "Leaf", .issuer = &forger});
  const Module module = signed_by(leaf, {.with_certificate = true});
  EXPECT_NE(verify(module, {ecdsa().certificate}), Outcome::good);
}

TEST(VerifySignature, DoesNotTakeKeysThatKernelsCannotUse) {
  const SigningPair odd = make_pair({.kind = "secp256k1"});
  EXPECT_EQ(verify(signed_by(odd), {odd.certificate}), Outcome::unsupported);
}

TEST(VerifySignature, ReadsTheFormatBeforeLinux43) {
  const std::string plain = honest_builder().build();
  std::string file = plain + make_legacy_signature(rsa(), plain);
  const Module module = read_bytes(file);
  const SignatureInfo info = describe_signature(module);
  EXPECT_EQ(info.format, SignatureFormat::x509);
  EXPECT_EQ(info.signer, "Rivest");
  EXPECT_EQ(info.key_id, rsa().certificate.key_id);
  EXPECT_EQ(info.hash, "sha256");
  EXPECT_EQ(verify(module, {rsa().certificate}), Outcome::good);
  EXPECT_EQ(verify(module, {ecdsa().certificate}), Outcome::no_key);
  file[plain.size() / 2] ^= 1;
  EXPECT_EQ(verify(read_bytes(file), {rsa().certificate}), Outcome::bad);
}

TEST(VerifySignature, TellsWhyAModuleIsUnsigned) {
  const auto reason = [](const ElfBuilder& builder) {
    const auto check = verify_signature(read_built(builder), {});
    EXPECT_EQ(check.result, Outcome::not_signed);
    return check.reason;
  };
  EXPECT_THAT(reason(honest_builder()), HasSubstr("carries no signature"));
  EXPECT_THAT(reason(honest_builder().modinfo("intree", "Y")), HasSubstr("strip"));
  EXPECT_THAT(reason(honest_builder().signature("x").tail("\n")), HasSubstr("not at its very end"));
}

TEST(SignatureRemains, TellsWhatWasAddedBehindASignature) {
  const std::string file = signed_file(ecdsa());
  const Module module = read_bytes(file + "more\n");
  const auto remains = find_signature_remains(module);
  EXPECT_EQ(remains.kind, SignatureRemains::marker_not_at_end);
  EXPECT_EQ(remains.bytes_behind, 5U);
  EXPECT_TRUE(remains.is_whole);
  const auto check = verify_signature(module, {});
  EXPECT_EQ(check.result, Outcome::not_signed);
  EXPECT_THAT(check.reason, HasSubstr("it was signed, and 5 bytes were added"));
  EXPECT_THAT(check.hint, HasSubstr("truncate -s -5 FILE"));
}

// Somebody's string is no signature.
TEST(SignatureRemains, DoesNotTakeTheMarkerAloneForASignature) {
  const auto remains = find_signature_remains(
      read_built(honest_builder().tail(std::string(signature_marker) + "x")));
  EXPECT_EQ(remains.kind, SignatureRemains::marker_not_at_end);
  EXPECT_FALSE(remains.is_whole);
}

TEST(SignatureRemains, SeesASignatureWhoseEndIsCutOff) {
  const std::string file = signed_file(ecdsa());
  const std::size_t plain = honest_builder().build().size();
  for (std::size_t size = file.size() - 1; size >= plain + 15; size -= 3) {
    const Module module = read_bytes(file.substr(0, size));
    ASSERT_EQ(find_signature_remains(module).kind, SignatureRemains::message_without_marker)
        << size;
    EXPECT_THAT(verify_signature(module, {}).reason, HasSubstr("its end was cut off"));
  }
}

TEST(SignatureRemains, AreNoneInWhatWasNeverSignedOrIs) {
  EXPECT_EQ(find_signature_remains(read_built(honest_builder())).kind, SignatureRemains::none);
  EXPECT_EQ(find_signature_remains(read_bytes(signed_file(ecdsa()))).kind, SignatureRemains::none);
  EXPECT_EQ(find_signature_remains(read_built(honest_builder().tail("0\x82 something else"))).kind,
            SignatureRemains::none);
  EXPECT_EQ(find_signature_remains(read_bytes("\x7f"
                                              "ELF"))
                .kind,
            SignatureRemains::none);
}

TEST(DescribeSignature, SeesASecondSignature) {
  const std::string once = honest_builder().signature(make_message(ecdsa(), "?")).build();
  const std::string twice = honest_builder()
                                .tail(once.substr(honest_builder().build().size()))
                                .signature(make_message(ecdsa(), once))
                                .build();
  const Module module = read_bytes(twice);
  EXPECT_TRUE(describe_signature(module).signed_twice);
  EXPECT_EQ(verify(module, {ecdsa().certificate}), Outcome::good);
}

TEST(DescribeSignature, SurvivesEveryCutMessage) {
  const std::string der =
      make_message(ecdsa(), honest_builder().build(), {.with_certificate = true});
  for (std::size_t size = 0; size < der.size(); size += 7) {
    const Module module = read_built(honest_builder().signature(der.substr(0, size)));
    describe_signature(module);
    EXPECT_NE(verify(module, {ecdsa().certificate}), Outcome::good) << size;
  }
}

}  // namespace
}  // namespace kovet::testing
