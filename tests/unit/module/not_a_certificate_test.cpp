#include <gmock/gmock.h>

#include "module/certificate.h"
#include "tests/support/facts.h"
#include "tests/support/signing_kit.h"

// What is said of a file that is given as a certificate and is none.

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

const SigningPair& pair() {
  static const SigningPair pair = make_pair({.name = "Curve"});
  return pair;
}

std::string message_of(const std::string& content) {
  const auto read = parse_certificates(std::as_bytes(std::span(content)), "given");
  return read.has_error() ? to_string(read.error()) : "";
}

TEST(NotACertificate, ANeighbourOfOneIsNamed) {
  EXPECT_THAT(message_of(pair().key_pem), HasSubstr("given: is a private key, no X.509"));
  EXPECT_THAT(message_of("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"),
              HasSubstr("is a request for"));
  EXPECT_THAT(message_of("-----BEGIN PUBLIC KEY-----\nAAAA\n"), HasSubstr("is a bare public key"));
  EXPECT_THAT(message_of("-----BEGIN PKCS7-----\nAAAA\n"), HasSubstr("openssl pkcs7 -in given"));
  const std::string module = honest_builder().build();
  EXPECT_THAT(message_of(make_message(pair(), module)), HasSubstr("is a PKCS#7 message"));
  EXPECT_THAT(message_of(module), HasSubstr("is an ELF file"));
  EXPECT_THAT(message_of("\x1f\x8b packed"), HasSubstr("is a compressed file"));
  EXPECT_THAT(message_of(""), HasSubstr("is empty"));
  EXPECT_THAT(message_of("\x30 and so on"), HasSubstr("holds no X.509 certificate"));
  EXPECT_THAT(message_of("text"), HasSubstr("holds no X.509 certificate"));
}

TEST(NotACertificate, OneThatIsCutShortIsNoEndOfTheList) {
  const std::string& whole = pair().certificate_pem;
  EXPECT_EQ(message_of(whole + "\n"), "");
  EXPECT_EQ(message_of(whole + "words between\n" + whole + pair().key_pem), "");
  EXPECT_THAT(message_of(whole.substr(0, 200)), HasSubstr("is damaged or cut short"));
  EXPECT_THAT(message_of(whole + whole.substr(0, 200)),
              HasSubstr("its certificate 2 is damaged or cut short, behind 1 good one\n"));
  std::string altered = whole;
  altered[100] = '*';
  EXPECT_THAT(message_of(altered + whole), HasSubstr("is damaged or cut short"));
}

}  // namespace
}  // namespace kovet::testing
