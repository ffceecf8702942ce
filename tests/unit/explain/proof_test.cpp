#include "explain/proof.h"

#include <gmock/gmock.h>

#include "tests/support/facts.h"

namespace kovet::explain {
namespace {

using ::testing::HasSubstr;
using testing::honest_builder;
using testing::honest_kernel;
using testing::honest_module;
using ::testing::IsEmpty;
using testing::read_built;
using ::testing::SizeIs;

std::vector<Explanation> explain(std::string_view log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return explainer.finish(size).items;
}

TEST(Proof, AVermagicThatDiffersIsProven) {
  auto items = explain(
      "honest: version magic '6.12.117-honest-amd64 SMP mod_unload modversions ' should be "
      "'6.12.117-honest-amd64 SMP preempt mod_unload modversions '");
  const Module module = read_built(honest_builder().set_modinfo(
      "vermagic", "6.12.117-honest-amd64 SMP mod_unload modversions "));
  const Kernel kernel = honest_kernel();
  const auto verdict = prove(items, {.module = &module, .kernel = &kernel});
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(items[0].proof.text, HasSubstr("preempt"));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->answer, Answer::reject);
  ASSERT_THAT(verdict->failing, SizeIs(1));
  EXPECT_EQ(verdict->failing[0].id, "vermagic");
}

TEST(Proof, AVermagicLineWithOtherValuesIsOfAnotherFileOrKernel) {
  const Module module = read_built(honest_builder().set_modinfo(
      "vermagic", "6.12.117-honest-amd64 SMP mod_unload modversions "));
  const Kernel kernel = honest_kernel();
  for (const char* line :
       {"honest: version magic '5.10 SMP ' should be '6.12.117-honest-amd64 SMP "
        "preempt mod_unload modversions '",
        "honest: version magic '6.12.117-honest-amd64 SMP mod_unload modversions ' "
        "should be '6.1.0 SMP preempt mod_unload modversions '"}) {
    auto items = explain(line);
    prove(items, {.module = &module, .kernel = &kernel});
    EXPECT_EQ(items[0].proof.status, Proof::Status::refuted) << line;
    EXPECT_THAT(items[0].proof.text, HasSubstr("about another build of it, or another kernel"));
  }
}

TEST(Proof, AModuleThatPassesRefutesTheLine) {
  auto items = explain("honest: version magic 'a' should be 'b'");
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  const auto verdict = prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
  EXPECT_EQ(verdict->failing.size(), 0U);
}

TEST(Proof, ALineWithoutAModuleIsHeldAgainstTheWholeLine) {
  // Both come from the same check, but only one of them is what the kernel says of this file.
  auto items = explain(
      "Invalid ELF section header overflow\n"
      "Invalid architecture in ELF header: 183\n"
      "PKCS7: Sig 1: Message digest doesn't match\n");
  const Module module = read_built(honest_builder().machine(183));
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
  EXPECT_THAT(items[0].proof.text, HasSubstr("\"Invalid architecture in ELF header: 183\""));
  EXPECT_THAT(items[0].proof.text, HasSubstr("names no module"));
  EXPECT_EQ(items[1].proof.status, Proof::Status::proven);
  EXPECT_NE(items[2].proof.status, Proof::Status::proven);
}

TEST(Proof, AFileWithoutANameIsNotAnotherModule) {
  auto items =
      explain("(missing .modinfo section or name field): module has no symbols (stripped?)");
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_THAT(subject(items[0]), IsEmpty());
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
  EXPECT_THAT(items[0].proof.text, HasSubstr("the line names no module"));
}

TEST(Proof, LinesOfOtherModulesAreNotTouched) {
  auto items = explain("other: version magic 'a' should be 'b'");
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::not_run);
}

TEST(Proof, ASymbolThatTheLoaderFoundIsNotMissing) {
  // Whoever exports it was loaded when the line was printed: "load it first" would be no fix.
  const Module module = read_built(honest_builder()
                                       .import("other_fn")
                                       .version("other_fn", 7)
                                       .set_modinfo("depends", "exporter"));
  const Kernel kernel = honest_kernel();
  for (const auto& [line, fix] : std::vector<std::pair<std::string, std::string>>{
           {"honest: disagrees about version of symbol other_fn",
            "rebuild it with the Module.symvers"},
           {"honest: no symbol version for other_fn", "the module that runs: exporter"},
           {"honest: Unknown symbol other_fn (err -22)", "rebuild it with the Module.symvers"},
           {"honest: Unknown symbol other_fn (err -16)", "/sys/module/exporter/initstate"},
           {"honest: module uses symbol (other_fn) from namespace NS, but does not import it.",
            "add MODULE_IMPORT_NS(NS) to its source"}}) {
    auto items = explain(line);
    prove(items, {.module = &module, .kernel = &kernel});
    ASSERT_THAT(items, SizeIs(1));
    EXPECT_EQ(items[0].proof.status, Proof::Status::unknown) << line;
    EXPECT_THAT(items[0].proof.hint, HasSubstr(fix)) << line;
    EXPECT_THAT(items[0].proof.hint, HasSubstr("kovet check honest.ko exporter.ko --kernel "))
        << line;
    EXPECT_THAT(items[0].proof.hint, ::testing::Not(HasSubstr("first"))) << line;
    EXPECT_THAT(items[0].symbols.at(0).provider, HasSubstr("another out-of-tree module's"));
  }
  // Nothing that was loaded exports it: then loading does help.
  auto missing = explain("honest: Unknown symbol other_fn (err -2)");
  prove(missing, {.module = &module, .kernel = &kernel});
  EXPECT_THAT(missing[0].proof.hint, ::testing::StartsWith("load exporter first"));
  EXPECT_THAT(missing[0].proof.hint, ::testing::Not(HasSubstr("GPL-only")));
  const Module proprietary = read_built(honest_builder()
                                            .import("other_fn")
                                            .version("other_fn", 7)
                                            .set_modinfo("depends", "exporter")
                                            .set_modinfo("license", "Proprietary"));
  missing = explain("honest: Unknown symbol other_fn (err -2)");
  prove(missing, {.module = &proprietary, .kernel = &kernel});
  EXPECT_THAT(missing[0].proof.hint,
              HasSubstr("GPL-only, which the licence 'Proprietary' may not use"));
}

TEST(Proof, AToolsErrnoIsTracedToItsCheck) {
  auto items = explain("insmod: ERROR: could not insert module ./honest.ko: Invalid parameters");
  const Module module =
      read_built(honest_builder().import("missing_thing").version("missing_thing", 1));
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  // The kernel answers ENOENT, so this text came from elsewhere.
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
  auto right =
      explain("insmod: ERROR: could not insert module ./honest.ko: Unknown symbol in module");
  prove(right, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(right[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(right[0].proof.text, HasSubstr("missing_thing"));
}

TEST(Proof, AFileThatCouldNotBeOpenedIsNoMatterOfChecks) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items =
      explain("insmod: ERROR: could not load module ./honest.ko: No such file or directory");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::not_run);
  EXPECT_THAT(items[0].causes, SizeIs(2));
}

TEST(Proof, AnErrnoThatNoCheckGivesComesFromInit) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain("insmod: ERROR: could not insert module honest.ko: No such device");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(items[0].proof.text, HasSubstr("init function returned it"));
  // modprobe may speak of a module that it loads first.
  const Module depending = read_built(honest_builder().set_modinfo("depends", "a,b_c"));
  auto again = explain("modprobe: ERROR: could not insert 'honest': No such device");
  prove(again, {.module = &depending, .kernel = &kernel});
  EXPECT_EQ(again[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(again[0].proof.text, HasSubstr("that of a, b_c, which modprobe loads first"));
}

TEST(Proof, CausesThatTheFileExcludesAreNotListed) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain("insmod: ERROR: could not insert module honest.ko: Invalid parameters");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(items[0].proof.text, HasSubstr("the file passes symbols"));
  EXPECT_THAT(items[0].causes, ::testing::Not(::testing::Contains(HasSubstr("(symbols)"))));
  EXPECT_THAT(items[0].causes, ::testing::Contains(HasSubstr("init function returned -EINVAL")));
}

TEST(Proof, CausesThatNeedWhatTheFileLacksAreNotListed) {
  // It exports nothing; and that init returned ENOEXEC is not proven by the checks' passing.
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain("insmod: ERROR: could not insert module honest.ko: Invalid module format");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(items[0].causes, ::testing::Each(HasSubstr("init function returned -ENOEXEC")));
  EXPECT_THAT(items[0].proof.text, HasSubstr("or another kernel or another file"));
  EXPECT_THAT(items[0].proof.hint, HasSubstr("compare uname -r with"));
  auto unknown =
      explain("insmod: ERROR: could not insert module honest.ko: Unknown symbol in module");
  EXPECT_THAT(unknown[0].causes, ::testing::Contains(HasSubstr("kernels before 3.11")));
  prove(unknown, {.module = &module, .kernel = &kernel});
  EXPECT_THAT(unknown[0].causes,
              ::testing::Not(::testing::Contains(HasSubstr("kernels before 3.11"))));
}

TEST(Proof, AToolsErrnoShowsThatSignaturesAreEnforced) {
  auto items =
      explain("insmod: ERROR: could not insert module honest.ko: Key was rejected by service");
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(items[0].proof.text,
              HasSubstr("signatures are enforced, and this is an unsigned module"));
}

TEST(Proof, ASymbolThatADependencyMayExportNamesIt) {
  const Module module =
      read_built(honest_builder().set_modinfo("depends", "rival").import("its").version("its", 1));
  const Kernel kernel = honest_kernel();
  auto items =
      explain("insmod: ERROR: could not insert module honest.ko: Unknown symbol in module");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(items[0].proof.hint, HasSubstr("load rival first"));
}

TEST(Proof, WhatTheMachineRefusesBeforeTheFileIsReadIsNotRefuted) {
  const Module module = read_built(honest_builder().set_modinfo("vermagic", "5.10 "));
  const Kernel kernel = honest_kernel();
  auto items = explain("insmod: ERROR: could not insert module honest.ko: Operation not permitted");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(items[0].proof.text, HasSubstr("without them this file ends in ENOEXEC (vermagic"));
  EXPECT_THAT(items[0].causes, ::testing::Contains(HasSubstr("not root")));
}

TEST(Proof, WhatInitReturnedIsNotRefutedByTheFile) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain(
      "do_init_module: 'honest'->init suspiciously returned 19, it should follow 0/-E convention");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::not_run);
}

TEST(Proof, InsmodNamesTheFile) {
  Module module = read_built(honest_builder().import("missing_thing").version("missing_thing", 1));
  module.path = "/tmp/it's/renamed.ko";
  const Kernel kernel = honest_kernel();
  auto items =
      explain("insmod: ERROR: could not insert module renamed.ko: Unknown symbol in module");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  auto other = explain("insmod: ERROR: could not insert module b.ko: Invalid module format");
  prove(other, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(other[0].proof.status, Proof::Status::not_run);
}

TEST(Proof, TheNextCommandNamesTheFileAndTheKernel) {
  Module module = honest_module();
  module.path = "/tmp/it's/m.ko";
  const Kernel kernel = honest_kernel();
  auto items = explain("honest: version magic 'a' should be 'b'");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_THAT(items[0].next, HasSubstr("kovet check '/tmp/it'\\''s/m.ko' --kernel " + kernel.spec));
}

TEST(Proof, TheNextCommandIsNotTheOneThatWasTyped) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain("honest: Unknown symbol foo (err -2)");
  EXPECT_THAT(items[0].next, HasSubstr("kovet explain LOG --module honest.ko"));
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_THAT(items[0].next, ::testing::StartsWith("modprobe instead of insmod; "));
}

TEST(Proof, ProvidersComeFromSymversAndModulesSymbols) {
  auto items = explain(
      "x: Unknown symbol usb_stor_probe1 (err -2)\nx: Unknown symbol class_create (err -2)\n"
      "x: Unknown symbol nowhere (err -2)\n");
  const Kernel kernel = honest_kernel();
  prove(items, {.kernel = &kernel});
  ASSERT_THAT(items[0].symbols, SizeIs(3));
  EXPECT_EQ(items[0].symbols[0].provider,
            "module drivers/usb/storage/usb-storage (modprobe usb-storage), GPL-only, namespace "
            "USB_STORAGE");
  EXPECT_EQ(items[0].symbols[1].provider, "the kernel itself, GPL-only");
  EXPECT_THAT(items[0].symbols[2].provider, HasSubstr("nothing in this kernel's Module.symvers"));

  auto again = explain("x: Unknown symbol usb_stor_probe1 (err -2)\n");
  const auto owners = SymbolOwners::parse(Bytes::copy(
      "# Aliases\nalias symbol:usb_stor_probe1 usb_storage\nalias symbol:\nalias x y\n"));
  EXPECT_EQ(owners.size(), 1U);
  prove(again, {.owners = &owners});
  EXPECT_EQ(again[0].symbols[0].provider, "module usb_storage (modprobe usb_storage)");
}

TEST(Proof, SymbolsOfAModuleThatWasNotLoaded) {
  const Module module = read_built(honest_builder()
                                       .import("usb_stor_probe1")
                                       .version("usb_stor_probe1", 0x0b0bf5f1)
                                       .modinfo("import_ns", "USB_STORAGE"));
  const Kernel kernel = honest_kernel();
  auto items = explain("honest: Unknown symbol usb_stor_probe1 (err -2)\n");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(items[0].proof.text, HasSubstr("usb-storage exports these symbols"));
  EXPECT_THAT(items[0].proof.hint, HasSubstr("modprobe usb-storage"));
}

TEST(Proof, SymbolsOfTheKernelThatResolveRefuteTheLine) {
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  auto items = explain("honest: Unknown symbol _printk (err -2)\n");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
}

TEST(Proof, AnEarlierCheckThatFailsRefutesALaterLine) {
  const Module module = read_built(honest_builder().set_modinfo("vermagic", "5.10 "));
  const Kernel kernel = honest_kernel();
  auto items = explain("honest: Unknown symbol _printk (err -2)\n");
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::refuted);
  EXPECT_THAT(items[0].proof.text, HasSubstr("before that check, at vermagic"));
}

TEST(Proof, TheLogShowsThatSignaturesAreEnforced) {
  auto items = explain("Loading of unsigned module is rejected");
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  const auto verdict = prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_EQ(verdict->answer, Answer::reject);
}

TEST(Proof, ParametersNeedTheModuleAlone) {
  const Module module = honest_module();
  auto unknown = explain("honest: unknown parameter 'widht' ignored");
  prove(unknown, {.module = &module});
  EXPECT_EQ(unknown[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(unknown[0].proof.text, HasSubstr("it has: width"));
  auto invalid = explain("honest: `wide' invalid for parameter `width'");
  prove(invalid, {.module = &module});
  EXPECT_EQ(invalid[0].proof.text, "width has type int; 'wide' was given");
  EXPECT_EQ(invalid[0].proof.status, Proof::Status::proven);
}

TEST(Proof, AValueOfTheRightTypeIsNotCalledWrong) {
  const Module module = honest_module();
  auto items = explain("honest: `5' invalid for parameter `width'");
  prove(items, {.module = &module});
  EXPECT_EQ(items[0].proof.status, Proof::Status::unknown);
  EXPECT_THAT(items[0].proof.text,
              HasSubstr("width has type int, and '5' is such a value: its setter"));
  // What was given the line does not say.
  auto many = explain("width: can only take 4 arguments");
  prove(many, {.module = &module});
  EXPECT_EQ(many[0].proof.text, "width has type int");
  auto irqs = explain("honest: option 'width' enabled irq's!");
  prove(irqs, {.module = &module});
  EXPECT_EQ(irqs[0].proof.status, Proof::Status::not_run);
}

TEST(Proof, TaintLinesAreTracedToTheFactInTheModule) {
  auto items = explain("honest: loading out-of-tree module taints kernel.");
  const Module module = honest_module();
  const Kernel kernel = honest_kernel();
  prove(items, {.module = &module, .kernel = &kernel});
  EXPECT_EQ(items[0].proof.status, Proof::Status::proven);
  EXPECT_THAT(items[0].proof.text, HasSubstr("intree"));
}

TEST(Proof, WithoutEvidenceNothingIsClaimed) {
  auto items = explain("honest: Unknown symbol x (err -2)");
  EXPECT_FALSE(prove(items, {}));
  EXPECT_EQ(items[0].proof.status, Proof::Status::not_run);
  EXPECT_THAT(items[0].symbols[0].provider, IsEmpty());
}

TEST(Proof, GatesOfTheTableAreTheKernelsOrKnownOnesWithoutAnEvaluation) {
  std::vector<std::string_view> known{"", "taint"};
  for (const Gate& gate : gates()) known.push_back(gate.id);
  for (const Message& row : messages()) EXPECT_THAT(known, ::testing::Contains(row.gate)) << row.id;
  for (const ErrnoMeaning& meaning : errno_meanings())
    for (const ErrnoCause& cause : meaning.causes)
      EXPECT_THAT(known, ::testing::Contains(cause.gate)) << meaning.name;
}

}  // namespace
}  // namespace kovet::explain
