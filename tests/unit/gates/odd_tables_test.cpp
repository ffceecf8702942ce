#include "gates/evaluate.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

GateResult ask(const Case& test) {
  return row(test.judge(), "relocations");
}

/// The honest module with a table that no relocation fills, and a header that says it fills
/// another.
Case with_unfilled(const std::string& name, std::uint32_t info = 0) {
  Case test;
  test.builder.remove_section(name).remove_section(".rela" + name);
  test.builder.add_section({.name = name, .content = std::string(40, '\0'), .info = info});
  return test;
}

TEST(OddTables, AreUnknownWhateverTheirHeadersAndTheConfigurationSay) {
  for (const char* name : {"__mcount_loc", ".return_sites", "__param"})
    for (const std::uint32_t info : {0U, 1U, 0x7fffffffU})
      for (const char* config : {"CONFIG_KALLSYMS=y\n", "# CONFIG_KALLSYMS is not set\n"}) {
        Case test = with_unfilled(name, info);
        test.config(config);
        const GateResult result = ask(test);
        EXPECT_EQ(result.status, GateStatus::unknown) << name << info << config;
        EXPECT_THAT(result.reason, ::testing::HasSubstr(std::string("the entries of ") + name));
      }
}

TEST(OddTables, ParametersNamedNoModuleBeforeFourPointTwo) {
  Case test = with_unfilled("__param");
  test.kernel.version = KernelVersion{4, 1, 0};
  EXPECT_EQ(ask(test).status, GateStatus::pass);
  test.kernel.version = KernelVersion{4, 2, 0};
  EXPECT_EQ(ask(test).status, GateStatus::unknown);
  test.kernel.version.reset();
  EXPECT_EQ(ask(test).status, GateStatus::unknown);
}

TEST(OddTables, NopsAreForKernelsThatObjtoolMadeThemFor) {
  const auto ask_with = [](const std::string& config) {
    Case test;
    std::string& text = test.builder.section(".text").content;
    const auto place = static_cast<std::int64_t>(text.size());
    text += std::string("\x0f\x1f\x44\0\0", 5);
    test.builder.add_section({.name = "__mcount_loc", .content = std::string(8, '\0')});
    test.builder.relocation("__mcount_loc", 0, test.builder.pointer_relocation(), "init_module",
                            place);
    test.config(config);
    return ask(test).status;
  };
  EXPECT_EQ(ask_with("CONFIG_FTRACE_MCOUNT_USE_OBJTOOL=y\n"), GateStatus::pass);
  EXPECT_EQ(ask_with("CONFIG_FTRACE_MCOUNT_USE_CC=y\n"), GateStatus::unknown);
}

TEST(OddTables, PointersOfStructModuleThatAreMoved) {
  Case test;
  test.builder.relocation(".gnu.linkonce.this_module", 0x148, test.builder.pointer_relocation(),
                          "init_module");
  const GateResult result = ask(test);
  EXPECT_EQ(result.status, GateStatus::unknown);
  EXPECT_THAT(result.reason, ::testing::HasSubstr(".gnu.linkonce.this_module+0x148"));
}

}  // namespace
}  // namespace kovet::testing
