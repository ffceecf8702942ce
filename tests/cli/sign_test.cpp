#include "tests/cli/cli_test.h"
#include "tests/support/signing_kit.h"

// kovet sign, as a build calls it.

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

class Sign : public CliTest {
 protected:
  std::vector<std::string> sign(std::vector<std::string> words) {
    words.insert(words.begin(), {"sign", "--key", key_, "--cert", certificate_});
    return words;
  }
  int signature(const std::string& module) {
    return run_kovet({"signature", module, "--cert", certificate_}).exit_code;
  }

  SigningPair pair_ = make_pair({.name = "Our builds"});
  std::string key_ = dir_.write("key.pem", pair_.key_pem).string();
  std::string certificate_ = dir_.write("cert.pem", pair_.certificate_pem).string();
};

TEST_F(Sign, TheReportSaysWhoSignedWhatAndHow) {
  const std::string module = honest();
  const std::string made = (dir_.path() / "signed.ko").string();
  const auto text = run_kovet(sign({module, "--output", made, "--hash", "sha512"}));
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(text.out, made + ": signed by Our builds (sha512)\n");
  EXPECT_EQ(signature(module), 3);
  EXPECT_EQ(signature(made), 0);
  EXPECT_EQ(run_kovet(sign({made, "--replace", "--quiet"})).out, "");

  const auto json = run_kovet(sign({module, "--output", made, "--format", "json"}));
  EXPECT_EQ(json.exit_code, 0) << json.err;
  const auto report = json_of(json);
  EXPECT_EQ(report.at("schema"), "kovet.sign/1");
  EXPECT_EQ(report.at("errors").size(), 0U);
  const auto& row = report.at("results").at(0);
  EXPECT_EQ(row.at("module"), module);
  EXPECT_EQ(row.at("output"), made);
  EXPECT_EQ(row.at("signer"), "Our builds");
  EXPECT_EQ(row.at("hash"), "sha256");
  EXPECT_EQ(row.at("serial"), pair_.certificate.serial);
  EXPECT_EQ(row.at("algorithm"), pair_.certificate.algorithm);
  EXPECT_EQ(row.at("certificate"), certificate_);
}

TEST_F(Sign, AModuleThatCannotBeSignedIsNamedBesideTheOthers) {
  const std::string first = honest();
  const std::string text = dir_.write("text.ko", "no module").string();
  const auto outcome = run_kovet(sign({first, text, "/nonexistent.ko", "--format", "json"}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(text));
  const auto report = json_of(outcome);
  ASSERT_EQ(report.at("results").size(), 1U);
  EXPECT_EQ(report.at("results").at(0).at("module"), first);
  ASSERT_EQ(report.at("errors").size(), 2U);
  EXPECT_EQ(report.at("errors").at(0).at("where"), text);
  EXPECT_EQ(signature(first), 0);
}

TEST_F(Sign, ASetupThatDoesNotFitSignsNothing) {
  const std::string module = honest();
  const std::string made = (dir_.path() / "signed.ko").string();
  const std::string good = key_;
  key_ = dir_.write("other.pem", make_pair().key_pem).string();
  auto outcome = run_kovet(sign({module, "--output", made, "--format", "json"}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(json_of(outcome).at("errors").at(0).at("message").get<std::string>(),
              HasSubstr("does not belong to the certificate Our builds"));
  outcome = run_kovet(sign({module, honest(), "--output", made, "--format", "json"}));
  EXPECT_EQ(json_of(outcome).at("errors").at(0).at("where"), "--output");
  key_ = good;
  certificate_ =
      dir_.write("old.pem", make_pair({.valid_to = -60, .key_of = &pair_}).certificate_pem)
          .string();
  outcome = run_kovet(sign({module, "--output", made, "--format", "json"}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(json_of(outcome).at("errors").at(0).at("message").get<std::string>(),
              HasSubstr("expired on"));
  EXPECT_FALSE(std::filesystem::exists(made));
  EXPECT_EQ(run_kovet(sign({module, "--output", made, "--allow-expired"})).exit_code, 0);
}

TEST_F(Sign, AModuleWhereItsCertificateBelongsIsNamed) {
  const std::string module = honest();
  certificate_ = module;
  EXPECT_THAT(run_kovet(sign({module})).err, HasSubstr(module + ": is an ELF file, no X.509"));
  const auto outcome = run_kovet({"signature", module, "--cert", module});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr(module + ": is a kernel module, no certificate"));
}

}  // namespace
}  // namespace kovet::testing
