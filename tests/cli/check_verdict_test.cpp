#include "tests/cli/cli_test.h"

// What the kernel would answer, as `kovet check` tells it: verdict, errno, log, exit code.

namespace kovet::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Strings = std::vector<std::string>;

class CheckVerdict : public CliTest {};

TEST_F(CheckVerdict, HonestModuleIsNotRejected) {
  const auto outcome = check({honest()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("honest.ko"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("will load")));
  EXPECT_EQ(check_one(honest()).at("verdict"), "accept");
}

/// honest.ko exports `exported` and uses `used`, under a name of its own.
ElfBuilder neighbour(ElfBuilder builder, const std::string& name, const std::string& exported,
                     const std::string& used) {
  builder.set_modinfo("name", name).this_module(name, 1280);
  if (!exported.empty()) builder.export_symbol(exported, {.crc = 7});
  if (!used.empty()) builder.import(used).version(used, 7);
  return builder;
}

TEST_F(CheckVerdict, AProviderThatIsRefusedIsNotThere) {
  const auto user = write(neighbour(tree_.module(), "user", "", "offered"), "user.ko");
  auto provider = neighbour(tree_.module(), "provider", "offered", "");
  const auto judge = [&](const ElfBuilder& of) {
    const auto report = nlohmann::json::parse(
        check({"--format", "json", "--policy", "load", user, write(of, "provider.ko")}).out);
    return report.at("results");
  };
  EXPECT_EQ(judge(provider).at(0).at("verdict"), "accept");
  const auto results = judge(provider.set_modinfo("vermagic", "1.0 "));
  EXPECT_EQ(results.at(1).at("errno"), "ENOEXEC");
  EXPECT_EQ(results.at(0).at("errno"), "ENOENT");
  EXPECT_THAT(results.at(0).at("log").get<Strings>(),
              ElementsAre("user: Unknown symbol offered (err -2)"));
}

TEST_F(CheckVerdict, ModulesThatNeedEachOtherCannotBeLoaded) {
  const auto one = write(neighbour(tree_.module(), "one", "from_one", "from_two"), "one.ko");
  const auto two = write(neighbour(tree_.module(), "two", "from_two", "from_one"), "two.ko");
  const auto report =
      nlohmann::json::parse(check({"--format", "json", "--policy", "load", one, two}).out);
  EXPECT_THAT(report.at("results").at(0).at("log").get<Strings>(),
              ElementsAre("one: Unknown symbol from_two (err -2)"));
  EXPECT_THAT(report.at("results").at(1).at("log").get<Strings>(),
              ElementsAre("two: Unknown symbol from_one (err -2)"));
}

TEST_F(CheckVerdict, ParametersThatAreAssumed) {
  const auto report =
      nlohmann::json::parse(check({"--format", "json", "--assume", "param=other:x=1", "--assume",
                                   "param=width=1", honest()})
                                .out);
  EXPECT_EQ(report.at("results").at(0).at("verdict"), "accept");
  EXPECT_THAT(report.at("assumptions").get<Strings>(),
              ::testing::IsSupersetOf({"parameters of other: x=1", "parameters: width=1"}));
  EXPECT_THAT(check({honest()}).out, HasSubstr("not evaluated: init: "));
  EXPECT_THAT(check({"--assume", "param=width=wide", honest()}).out,
              HasSubstr("honest: `wide' invalid for parameter `width'"));
}

TEST_F(CheckVerdict, OtherVermagic) {
  const std::string theirs = "6.1.99-honest-amd64 SMP preempt_rt mod_unload modversions ";
  const auto result = check_one(write(tree_.module().set_modinfo("vermagic", theirs)));
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
  EXPECT_THAT(
      result.at("log").get<Strings>(),
      ElementsAre("honest: version magic '" + theirs + "' should be '" + tree_.vermagic() + "'"));
}

TEST_F(CheckVerdict, TrailingSpaceMatters) {
  std::string cut = tree_.vermagic();
  cut.pop_back();
  const auto result = check_one(write(tree_.module().set_modinfo("vermagic", cut)));
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
}

// With modversions on both sides the kernel skips the release; a build must match it all the same.
TEST_F(CheckVerdict, OtherReleaseAlone) {
  const std::string module = write(
      tree_.module().set_modinfo("vermagic", "6.1.98-other SMP preempt mod_unload modversions "));
  EXPECT_EQ(check_one(module).at("verdict"), "accept");
  EXPECT_EQ(check({"--policy", "load", module}).exit_code, 0);
  EXPECT_EQ(check({"--policy", "build", module}).exit_code, 1);
  EXPECT_EQ(check({module}).exit_code, 1);
}

TEST_F(CheckVerdict, LayoutOfAnotherKernel) {
  ElfBuilder builder = tree_.module();
  std::string& table = builder.section("__versions").content;
  table = patched(table, 0, builder.number(0x11111111, 8));
  const auto result = check_one(write(builder));
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
  EXPECT_THAT(result.at("log").get<Strings>(),
              ElementsAre("honest: disagrees about version of symbol module_layout"));
}

TEST_F(CheckVerdict, CrcOfOneSymbol) {
  ElfBuilder builder = tree_.module();
  std::string& table = builder.section("__versions").content;
  table = patched(table, 64, builder.number(0x11111111, 8));
  const auto result = check_one(write(builder));
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "EINVAL");
  EXPECT_THAT(result.at("log").get<Strings>(),
              ElementsAre("honest: disagrees about version of symbol _printk",
                          "honest: Unknown symbol _printk (err -22)"));
  bool named = false;
  for (const auto& finding : result.at("findings")) named |= finding.at("symbol") == "_printk";
  EXPECT_TRUE(named);
}

TEST_F(CheckVerdict, UnknownSymbol) {
  const auto result = check_one(write(tree_.module().import("nosuch").version("nosuch", 0x1234)));
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOENT");
  EXPECT_THAT(result.at("log").get<Strings>(),
              ElementsAre("honest: Unknown symbol nosuch (err -2)"));
}

TEST_F(CheckVerdict, WeakUnknownSymbolIsFine) {
  EXPECT_EQ(check_one(write(tree_.module().import("nosuch", Binding::weak))).at("verdict"),
            "accept");
}

TEST_F(CheckVerdict, OtherMachine) {
  const auto result = check_one(write(honest_builder(Arch::arm64)));
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
  EXPECT_THAT(result.at("log").get<Strings>(),
              ElementsAre("Invalid architecture in ELF header: 183"));
}

TEST_F(CheckVerdict, TextIsNoModule) {
  const auto result = check_one(dir_.write("text.ko", std::string(4000, 'x')).string());
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOEXEC");
}

TEST_F(CheckVerdict, TruncatedModule) {
  const std::string whole = tree_.module().build();
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{63}, std::size_t{64}, whole.size() / 2, whole.size() - 1}) {
    const auto result = check_one(dir_.write("cut.ko", whole.substr(0, length)).string());
    EXPECT_EQ(result.at("verdict"), "reject") << length;
    EXPECT_EQ(result.at("errno"), "ENOEXEC") << length;
  }
}

TEST_F(CheckVerdict, SignatureEnforcementIsAnAssumption) {
  const std::string module = honest();
  const auto result = check_one(module, {"--assume", "sig_enforce"});
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "EKEYREJECTED");
  EXPECT_THAT(result.at("log").get<Strings>(),
              ElementsAre("Loading of unsigned module is rejected"));
  const auto whole = json_of(check({"--assume", "sig_enforce", "--format", "json", module}));
  EXPECT_THAT(whole.at("assumptions").dump(), HasSubstr("sig_enforce"));
}

TEST_F(CheckVerdict, BlacklistIsAnAssumption) {
  const auto result = check_one(honest(), {"--assume", "module_blacklist=other,honest"});
  EXPECT_EQ(result.at("errno"), "EPERM");
  EXPECT_EQ(check_one(honest(), {"--assume", "module_blacklist=honest_too"}).at("verdict"),
            "accept");
}

// The size of struct module is not in a header tree: nothing is claimed of it.
TEST_F(CheckVerdict, MissingEvidenceIsUnknownAndStrictSaysSo) {
  const KernelTree later{.release = "6.12.99-honest-amd64"};
  const std::string build = later.write(dir_, "later").string();
  ElfBuilder builder = later.module();
  builder.this_module("honest", honest_struct_size + 1);  // no compiler makes it so
  const std::string module = write(builder);
  const auto report = run_kovet({"check", "--kernel", build, "--format", "json", module});
  const auto result = json_of(report).at("results").at(0);
  EXPECT_EQ(result.at("verdict"), "unknown");
  bool reasoned = false;
  for (const auto& gate : result.at("gates"))
    if (gate.at("status") == "unknown") reasoned |= !gate.at("reason").get<std::string>().empty();
  EXPECT_TRUE(reasoned);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(run_kovet({"check", "--kernel", build, "--strict", module}).exit_code, 3);
}

TEST_F(CheckVerdict, LoneSymversAnswersWhatItCan) {
  const std::string symvers =
      dir_.write("lone/Module.symvers", symvers_text(honest_symbols())).string();
  const std::string broken = write(tree_.module().import("nosuch").version("nosuch", 1));
  const auto result = json_of(run_kovet({"check", "--kernel", symvers, "--policy", "load",
                                         "--format", "json", broken}))
                          .at("results")
                          .at(0);
  EXPECT_EQ(result.at("verdict"), "reject");
  EXPECT_EQ(result.at("errno"), "ENOENT");
  const auto good = json_of(run_kovet({"check", "--kernel", symvers, "--policy", "load", "--format",
                                       "json", honest()}))
                        .at("results")
                        .at(0);
  EXPECT_EQ(good.at("verdict"), "unknown");
}

TEST_F(CheckVerdict, TreeWithoutSymversIsNoEvidence) {
  KernelTree bare;
  bare.symvers.reset();
  const std::string build = bare.write(dir_, "bare").string();
  const auto outcome = run_kovet({"check", "--kernel", build, "--format", "json", honest()});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out + outcome.err, HasSubstr("Module.symvers"));
  if (outcome.exit_code == 1) {
    EXPECT_NE(json_of(outcome).at("results").at(0).at("verdict"), "accept");
  }
}

TEST_F(CheckVerdict, ModulesOfOneCallSeeEachOther) {
  ElfBuilder lender = tree_.module().export_symbol("width_of", {.crc = 0x77});
  lender.set_modinfo("name", "provider").this_module("provider", honest_struct_size);
  const std::string provider = write(lender, "provider.ko");
  const std::string user =
      write(tree_.module().import("width_of").version("width_of", 0x77), "user.ko");
  EXPECT_EQ(check_one(user).at("verdict"), "reject");
  const auto both = json_of(check({"--policy", "load", "--format", "json", user, provider}));
  for (const auto& result : both.at("results"))
    EXPECT_EQ(result.at("verdict"), "accept") << result.dump(1);
}

// What a build asks before it uses what another one left: is the pair of files one, and for this
// kernel? Nothing else of that module counts.
TEST_F(CheckVerdict, OwnSymversAndOnlyAnswerForANeighbour) {
  ElfBuilder builder = tree_.module();
  builder.export_symbol("mine", {.crc = 5});
  const std::string module = write(builder);
  const auto symvers = [&](const std::string& line) {
    return dir_.write("honest.symvers", line).string();
  };
  const std::string agrees = symvers("0x00000005\tmine\thonest\tEXPORT_SYMBOL\t\n");
  const Strings asked{"--only",           "exports-out-of-step", "--only",
                      "release-mismatch", "--own-symvers",       agrees};
  const auto ask = [&](const std::string& file) {
    Strings all = asked;
    all.push_back(file);
    return check(all);
  };
  EXPECT_EQ(ask(module).exit_code, 0) << ask(module).out;
  symvers("0x00000006\tmine\thonest\tEXPORT_SYMBOL\t\n");
  EXPECT_EQ(ask(module).exit_code, 1);
  EXPECT_THAT(ask(module).out, HasSubstr("CRC 0x00000005 in the module, 0x00000006 there"));
  symvers("");
  EXPECT_THAT(ask(module).out, HasSubstr("exported by the module, missing there"));
  symvers("0x00000005\tmine\thonest\tEXPORT_SYMBOL\t\n");
  builder.set_modinfo("vermagic", "6.1.98-other SMP preempt mod_unload modversions ");
  EXPECT_THAT(ask(write(builder)).out, HasSubstr("release-mismatch"));
  builder = tree_.module();
  builder.export_symbol("mine", {.crc = 5}).set_modinfo("license", "Proprietary");
  EXPECT_EQ(ask(write(builder)).exit_code, 0) << "other rules do not count";
  EXPECT_EQ(check({"--only", "no-such-rule", module}).exit_code, 2);
  EXPECT_EQ(check({"--own-symvers", dir_.path() / "none", module}).exit_code, 2);
}

}  // namespace
}  // namespace kovet::testing
