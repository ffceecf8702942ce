#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

std::vector<std::string> rules_of(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const GateDetail& detail : row(verdict, "symbols").details) names.emplace_back(detail.rule);
  return names;
}

TEST(Symbols, UnknownSymbol) {
  Case test;
  test.builder.import("no_such_symbol");
  const Verdict verdict = test.judge();
  expect_reject(verdict, ENOENT, {"honest: Unknown symbol no_such_symbol (err -2)"});
  EXPECT_THAT(rules_of(verdict), ::testing::ElementsAre("unknown-symbol"));
}

TEST(Symbols, AnEmptyOrCutListOfExportsProvesNothing) {
  Case test;
  test.builder.import("no_such_symbol");
  test.kernel.symvers.value->complete = false;
  EXPECT_EQ(row(test.judge(), "symbols").status, GateStatus::unknown);
  test.kernel.symvers = Fact<Symvers>::known(Symvers{}, "test");
  EXPECT_EQ(to_string(test.judge().answer), "unknown");
}

TEST(Symbols, AListWithUnreadableLinesProvesNoAbsence) {
  Case test;
  test.kernel.symvers.value->malformed_lines = {7};
  expect_accept(test.judge());
  test.builder.import("no_such_symbol");
  const Verdict verdict = test.judge();
  EXPECT_EQ(to_string(verdict.answer), "unknown");
  EXPECT_THAT(row(verdict, "symbols").reason, ::testing::HasSubstr(":7 cannot be read"));
}

TEST(Symbols, OfTwoCrcsNeitherCounts) {
  for (const std::uint32_t second : {0x1234U, 0U}) {
    Case test;
    test.builder.import("kmalloc_noprof").version("kmalloc_noprof", 1);
    const auto first = test.kernel.symvers.value->find("kmalloc_noprof");
    test.kernel.symvers.value->contradictions.push_back(
        {"kmalloc_noprof", *first, {.crc = second, .module = "vmlinux"}, 9});
    EXPECT_EQ(to_string(test.judge().answer), "unknown");
    test.kernel.symvers.value->contradictions.front().second.crc = first->crc;  // two owners
    EXPECT_EQ(to_string(test.judge().answer), "reject");
  }
}

TEST(Symbols, WeakSymbolsMayBeAbsentButNotWrong) {
  Case test;
  test.builder.import("no_such_symbol", Binding::weak);
  expect_accept(test.judge());
  test.builder.import("kmalloc_noprof", Binding::weak).version("kmalloc_noprof", 1);
  expect_reject(test.judge(), EINVAL,
                {"honest: disagrees about version of symbol kmalloc_noprof",
                 "honest: Unknown symbol kmalloc_noprof (err -22)"});
}

TEST(Symbols, AllLinesAppearAndTheLastFailureDecides) {
  Case test;
  test.builder.import("kmalloc_noprof").version("kmalloc_noprof", 1).import("absent");
  const Verdict first = test.judge();
  expect_reject(first, ENOENT,
                {"honest: disagrees about version of symbol kmalloc_noprof",
                 "honest: Unknown symbol kmalloc_noprof (err -22)",
                 "honest: Unknown symbol absent (err -2)"});
  Case other;
  other.builder.import("absent").import("kmalloc_noprof").version("kmalloc_noprof", 1);
  EXPECT_EQ(errno_name(other.judge().error), "EINVAL");
}

TEST(Symbols, MissingEntryRejectsOnDebian) {
  Case test;
  test.builder.import("kmalloc_noprof");
  expect_reject(test.judge(), EINVAL,
                {"honest: no symbol version for kmalloc_noprof",
                 "honest: Unknown symbol kmalloc_noprof (err -22)"});
  test.kernel.distribution = Distribution::fedora;
  const Verdict tolerated = test.judge();
  expect_accept(tolerated);
  EXPECT_THAT(row(tolerated, "symbols").log,
              ::testing::ElementsAre("honest: no symbol version for kmalloc_noprof"));
}

TEST(Symbols, GplOnlySymbolsDoNotExistForOthers) {
  Case test;
  test.builder.import("class_create").version("class_create", 0x59c02473);
  expect_accept(test.judge());
  test.builder.set_modinfo("license", "GPLv2");
  const Verdict verdict = test.judge();
  expect_reject(verdict, ENOENT, {"honest: Unknown symbol class_create (err -2)"});
  EXPECT_THAT(rules_of(verdict), ::testing::ElementsAre("gpl-only-symbol"));
}

TEST(Symbols, OnlyTheFirstLicenceCounts) {
  Case test;
  test.builder.import("class_create").version("class_create", 0x59c02473);
  test.builder.modinfo("license", "Proprietary");
  expect_accept(test.judge());
}

TEST(Symbols, NamespaceMustBeImported) {
  Case test;
  test.builder.import("usb_stor_probe1").version("usb_stor_probe1", 0x0b0bf5f1);
  expect_reject(test.judge(), EINVAL,
                {"honest: module uses symbol (usb_stor_probe1) from namespace USB_STORAGE, but "
                 "does not import it.",
                 "honest: Unknown symbol usb_stor_probe1 (err -22)"});
  test.builder.modinfo("import_ns", "OTHER").modinfo("import_ns", "USB_STORAGE");
  expect_accept(test.judge());
}

TEST(Symbols, NamespaceMayBeMissingWhereTheKernelAllowsIt) {
  Case test;
  test.builder.import("usb_stor_probe1").version("usb_stor_probe1", 0x0b0bf5f1);
  test.config("CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS=y\n");
  expect_accept(test.judge());
}

TEST(Symbols, ModuleNamespacesAreGrantedByName) {
  Case test;
  std::vector<KernelSymbol> symbols = honest_symbols();
  symbols.push_back({.name = "inner", .crc = 7, .symbol_namespace = "module:other,hon*"});
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "test");
  test.kernel.version = KernelVersion{6, 17, 0};
  test.builder.import("inner").version("inner", 7);
  expect_accept(test.judge());
  symbols.back().symbol_namespace = "module:other,honestly";
  test.kernel.symvers = Fact<Symvers>::known(make_symvers(symbols), "test");
  EXPECT_EQ(errno_name(test.judge().error), "EINVAL");
}

TEST(Symbols, CommonSymbolsShareTheWalk) {
  Case test;
  test.builder.common("shared", 4).import("absent");
  const Verdict verdict = test.judge();
  EXPECT_EQ(errno_name(verdict.error), "ENOENT");
  EXPECT_THAT(verdict.log,
              ::testing::UnorderedElementsAre("honest: please compile with -fno-common",
                                              "honest: Unknown symbol absent (err -2)"));
  EXPECT_EQ(row(verdict, "common-symbols").status, GateStatus::fail);
}

TEST(Symbols, LtoCommonSymbolsAreIgnored) {
  Case test;
  test.builder.common("__gnu_lto_slim", 1);
  expect_accept(test.judge());
}

TEST(Symbols, TheReferenceToTheOffsetTableIsIgnored) {
  Case test;
  test.builder.import("_GLOBAL_OFFSET_TABLE_");
  expect_accept(test.judge());
}

TEST(Symbols, APeerSuppliesSymbols) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("name", "base").this_module("base", honest_struct_size);
  exporter.export_symbol("base_call", {.crc = 5});
  const Module base = read_built(exporter, "base.ko");
  Case test;
  test.builder.import("base_call").version("base_call", 5).set_modinfo("depends", "base");
  EXPECT_EQ(to_string(test.judge().answer), "unknown") << "it may come from base";
  test.peers = {&base};
  expect_accept(test.judge());
  EXPECT_EQ(row(test.judge(), "symbols").reason, "with base loaded first");
}

TEST(Symbols, AStalePeerIsRefused) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("name", "base").this_module("base", honest_struct_size);
  exporter.export_symbol("base_call", {.crc = 6});
  const Module base = read_built(exporter, "base.ko");
  Case test;
  test.peers = {&base};
  test.builder.import("base_call").version("base_call", 5);
  expect_reject(test.judge(), EINVAL,
                {"honest: disagrees about version of symbol base_call",
                 "honest: Unknown symbol base_call (err -22)"});
}

TEST(Symbols, ProprietaryPeersHandTheirTaintOn) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("license", "Proprietary").set_modinfo("name", "closed");
  exporter.this_module("closed", honest_struct_size).export_symbol("closed_call", {.crc = 5});
  const Module closed = read_built(exporter, "closed.ko");
  Case test;
  test.peers = {&closed};
  test.builder.import("closed_call").version("closed_call", 5);
  const Verdict inherited = test.judge();
  expect_accept(inherited);
  EXPECT_THAT(row(inherited, "symbols").log,
              ::testing::ElementsAre("honest: module uses symbols closed_call from proprietary "
                                     "module closed, inheriting taint."));
  EXPECT_EQ(inherited.taints.substr(0, 1), "P");
  // From then on GPL-only symbols are gone.
  test.builder.import("class_create").version("class_create", 0x59c02473);
  EXPECT_EQ(errno_name(test.judge().error), "ENOENT");
}

TEST(Symbols, AnExporterThatMayBeRefusedSettlesNothing) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("name", "maybe").this_module("maybe", honest_struct_size);
  exporter.export_symbol("a_call", {.crc = 5});
  const Module maybe = read_built(exporter, "maybe.ko");
  const Module* const peer = &maybe;
  Case test;
  for (const auto& [binding, status] : {std::pair{Binding::global, GateStatus::unknown},
                                        std::pair{Binding::weak, GateStatus::pass}}) {
    ElfBuilder builder = test.builder;
    builder.import("a_call", binding).version("a_call", 5);
    const Module module = read_built(builder);
    const GateInput input{.module = module,
                          .kernel = test.kernel,
                          .assumptions = test.assumptions,
                          .peers = {&peer, 1},
                          .extra_symvers = {},
                          .signature = {},
                          .uncertain = {&peer, 1}};
    EXPECT_EQ(row(judge(input), "symbols").status, status);
  }
}

TEST(Symbols, ANameRunsOnBehindItsTable) {
  Case test;
  test.kernel.version = KernelVersion{6, 12, 0};
  test.builder.import("class_create").version("class_create", 0x59c02473);
  const std::string whole = test.builder.build();
  const Module module = read_bytes(whole);
  const Section* strings = module.section(".strtab");
  ASSERT_NE(strings, nullptr);
  const std::size_t last = static_cast<std::size_t>(strings->offset + strings->size);
  // The table ends before the last name does; the file goes on.
  std::string shorter = whole;
  const std::size_t header = static_cast<std::size_t>(module.header->shoff) +
                             static_cast<std::size_t>(strings - module.sections.data()) * 64;
  shorter[header + 32] = static_cast<char>(shorter[header + 32] - 3);
  expect_accept(test.judge_module(read_bytes(shorter)));
  shorter[last - 2] = 'x';
  const Verdict verdict = test.judge_module(read_bytes(shorter));
  EXPECT_EQ(to_string(verdict.answer), "reject");
}

TEST(Symbols, AnExportOutOfOrderIsNotFound) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("name", "odd").this_module("odd", honest_struct_size);
  exporter.export_symbol("z_call", {.crc = 5}).export_symbol("a_call", {.crc = 6});
  const Module odd = read_built(exporter, "odd.ko");
  Case test;
  test.peers = {&odd};
  test.builder.import("a_call").version("a_call", 6);
  expect_accept(test.judge());
  test.builder.import("z_call").version("z_call", 5);
  expect_reject(test.judge(), ENOENT, {"honest: Unknown symbol z_call (err -2)"});
}

TEST(Symbols, WhatLiesBehindTheTableOfCrcsIsNotKnown) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("name", "odd").this_module("odd", honest_struct_size);
  exporter.export_symbol("a_call", {.crc = 5}).export_symbol("b_call", {.crc = 6});
  exporter.section("__kcrctab").content.resize(4);
  const Module odd = read_built(exporter, "odd.ko");
  Case test;
  test.peers = {&odd};
  test.builder.import("a_call").version("a_call", 5);
  expect_accept(test.judge());
  test.builder.import("b_call").version("b_call", 6);
  EXPECT_EQ(row(test.judge(), "symbols").status, GateStatus::unknown);
}

TEST(Symbols, InheritedTaintIsHandedOn) {
  ElfBuilder exporter = honest_builder();
  exporter.set_modinfo("license", "Proprietary").set_modinfo("name", "closed");
  exporter.this_module("closed", honest_struct_size).export_symbol("closed_call", {.crc = 5});
  const Module closed = read_built(exporter, "closed.ko");
  ElfBuilder wrapper = honest_builder();
  wrapper.set_modinfo("name", "wrapper").this_module("wrapper", honest_struct_size);
  wrapper.import("closed_call").version("closed_call", 5).export_symbol("wrapped", {.crc = 6});
  const Module open = read_built(wrapper, "wrapper.ko");
  Case test;
  test.peers = {&closed, &open};
  test.builder.import("class_create").version("class_create", 0x59c02473);
  test.builder.import("wrapped").version("wrapped", 6);
  expect_reject(
      test.judge(), ENOENT,
      {"honest: module using GPL-only symbols uses symbols wrapped from proprietary module "
       "wrapper.",
       "honest: Unknown symbol wrapped (err -2)"});
  test.kernel.version = KernelVersion{5, 8, 0};
  EXPECT_NE(errno_name(test.judge().error), "ENOENT");
}

TEST(Symbols, ExtraSymversSupplySymbols) {
  const std::vector<KernelSymbol> rows{{.name = "far_call", .crc = 9, .module = "/src/far"}};
  const Symvers extra = make_symvers(rows);
  Case test;
  test.builder.import("far_call").version("far_call", 9);
  EXPECT_EQ(errno_name(test.judge().error), "ENOENT");
  test.extra = {&extra};
  expect_accept(test.judge());
}

TEST(Symbols, TheKernelsOwnModuleOfThatNameIsNotThere) {
  Case test;
  test.builder.import("usb_stor_probe1").version("usb_stor_probe1", 0x0b0bf5f1);
  test.builder.modinfo("import_ns", "USB_STORAGE");
  expect_accept(test.judge());
  test.builder.this_module("usb_storage", honest_struct_size);
  expect_reject(test.judge(), ENOENT, {"usb_storage: Unknown symbol usb_stor_probe1 (err -2)"});
}

TEST(Symbols, ForAWeakSymbolAloneNoModuleIsLoaded) {
  Case test;
  test.builder.import("usb_stor_probe1", Binding::weak).version("usb_stor_probe1", 1);
  expect_accept(test.judge());
  test.builder.set_modinfo("depends", "usb-storage");
  EXPECT_EQ(row(test.judge(), "symbols").error, EINVAL);
}

}  // namespace
}  // namespace kovet::testing
