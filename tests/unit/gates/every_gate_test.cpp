#include <elf.h>

#include <functional>
#include <map>

#include "gates/evaluate.h"
#include "tests/unit/gates/judging.h"

// For every gate one change to the honest module or its kernel that this gate refuses, before any
// other does. A gate that is added to the table needs its row here.

namespace kovet::testing {
namespace {

using Change = std::function<void(Case&)>;

const std::map<std::string_view, Change>& changes() {
  static const std::map<std::string_view, Change> all{
      {"signature", [](Case& c) { c.assumptions.sig_enforce = true; }},
      {"elf", [](Case& c) { c.builder.type(ET_EXEC); }},
      {"struct-module-size", [](Case& c) { c.builder.this_module("honest", 1344); }},
      {"elf-symbols",
       [](Case& c) {
         c.builder.add_section({.name = ".symtab2", .type = SHT_SYMTAB, .flags = 0});
       }},
      {"blacklist", [](Case& c) { c.assumptions.blacklist = {"honest"}; }},
      {"module-layout",
       [](Case& c) {
         c.builder.remove_section("__versions");
         c.builder.version("module_layout", 1);
       }},
      {"vermagic", [](Case& c) { c.builder.set_modinfo("vermagic", "1.0 "); }},
      {"livepatch",
       [](Case& c) {
         c.builder.modinfo("livepatch", "Y");
         c.without("CONFIG_LIVEPATCH=y");
       }},
      {"already-loaded", [](Case& c) { c.assumptions.loaded = {"honest"}; }},
      {"write-exec",
       [](Case& c) {
         c.builder.add_section({.name = ".odd", .flags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR});
       }},
      {"allocation",
       [](Case& c) {
         c.builder.add_section({.name = ".bss2",
                                .type = SHT_NOBITS,
                                .flags = SHF_ALLOC | SHF_WRITE,
                                .size = 2000ULL << 20});
       }},
      {"percpu",
       [](Case& c) {
         c.builder.section(".data..percpu").flags = SHF_ALLOC | SHF_WRITE;
         c.builder.section(".data..percpu").content.assign(8196, '\0');
       }},
      {"constructors",
       [](Case& c) {
         c.builder.add_section({.name = ".ctors"}).add_section({.name = ".init_array"});
         c.config("CONFIG_CONSTRUCTORS=y\n");
       }},
      {"export-versions",
       [](Case& c) {
         c.builder.export_symbol("mine");
         c.without("CONFIG_MODULE_FORCE_LOAD=y");
       }},
      {"module-namespace-import",
       [](Case& c) {
         c.builder.modinfo("import_ns", "module:kvm");
         c.kernel.version = KernelVersion{6, 16, 0};
       }},
      {"symbols", [](Case& c) { c.builder.import("nowhere"); }},
      {"common-symbols", [](Case& c) { c.builder.common("shared", 8); }},
      {"relocations",
       [](Case& c) {
         c.builder.section(".text").content.resize(64);
         c.builder.relocation(".text", 32, R_X86_64_GOTPCREL, "_printk");
       }},
      {"duplicate-exports", [](Case& c) { c.builder.export_symbol("kmalloc_noprof", {.crc = 1}); }},
      {"livepatch-object", [](Case& c) { c.builder.this_module("vmlinux", honest_struct_size); }},
      {"btf",
       [](Case& c) { c.builder.add_section({.name = ".BTF", .flags = 0, .content = "no BTF"}); }},
      {"parameters",
       [](Case& c) {
         c.builder.remove_section("__param").remove_section(".rela__param");
         c.builder.parameter("level", "int");
         c.assumptions.parameters = {{"", "level=high"}};
       }},
      {"sysfs",
       [](Case& c) {
         BuiltinModules modules;
         modules.by_name["honest"].has_version = true;
         c.kernel.builtin = Fact<BuiltinModules>::known(modules, "modules.builtin.modinfo");
       }},
  };
  return all;
}

const Gate* first_failing(const Verdict& verdict) {
  for (const Verdict::Row& row : verdict.rows)
    if (row.result.status == GateStatus::fail) return row.gate;
  return nullptr;
}

TEST(EveryGate, RefusesWhatItIsThereFor) {
  for (const auto& [id, change] : changes()) {
    Case test;
    expect_accept(test.judge());
    change(test);
    const Verdict verdict = test.judge();
    ASSERT_EQ(to_string(verdict.answer), "reject") << id;
    // Both kinds of symbol failures come from one walk, which the gate of imports answers for.
    EXPECT_EQ(first_failing(verdict)->id, id);
    EXPECT_NE(verdict.error, 0) << id;
  }
}

TEST(EveryGate, HasItsRow) {
  // Those have tests of their own: an empty file, a compressed one, another machine's.
  const std::set<std::string_view> elsewhere{"syscall", "compression", "plt", "ftrace-trampoline",
                                             "init"};
  for (const Gate& gate : gates())
    EXPECT_TRUE(changes().contains(gate.id) || elsewhere.contains(gate.id)) << gate.id;
  for (const auto& [id, change] : changes())
    EXPECT_TRUE(std::ranges::any_of(gates(), [&](const Gate& gate) { return gate.id == id; }))
        << id;
}

TEST(EveryGate, AnEmptyFile) {
  Case test;
  EXPECT_EQ(first_failing(test.judge_module(read_bytes("")))->id, "syscall");
}

TEST(EveryGate, FtraceTrampolinesOfArm64) {
  Case test;
  test.builder = honest_builder(Arch::arm64);
  test.config("CONFIG_DYNAMIC_FTRACE=y\nCONFIG_ARM64_MODULE_PLTS=y\n");
  const auto ask = [&](KernelVersion version) {
    test.kernel.version = version;
    const Module module = read_built(test.builder);
    return gate::ftrace_trampoline({module, test.kernel, test.assumptions, {}, {}, {}});
  };
  EXPECT_EQ(ask({6, 12, 0}).status, GateStatus::fail);
  EXPECT_EQ(ask({6, 1, 0}).error, ENOEXEC);
  test.builder.add_section({.name = ".text.ftrace_trampoline"});
  EXPECT_EQ(ask({6, 12, 0}).status, GateStatus::fail);
  EXPECT_EQ(ask({6, 6, 0}).status, GateStatus::unknown);
  EXPECT_EQ(ask({6, 1, 0}).status, GateStatus::pass);
  test.builder.add_section({.name = ".init.text.ftrace_trampoline"});
  EXPECT_EQ(ask({6, 12, 0}).status, GateStatus::pass);
  EXPECT_EQ(row(Case().judge(), "ftrace-trampoline").status, GateStatus::not_applicable);
}

TEST(EveryGate, PltSectionsOfArm64) {
  Case test;
  test.builder = honest_builder(Arch::arm64);
  const Module module = read_built(test.builder);
  const GateResult result = gate::plt({module, test.kernel, test.assumptions, {}, {}, {}});
  EXPECT_EQ(result.status, GateStatus::fail);
  EXPECT_EQ(result.log, std::vector<std::string>{"honest: module PLT section(s) missing"});
}

}  // namespace
}  // namespace kovet::testing
