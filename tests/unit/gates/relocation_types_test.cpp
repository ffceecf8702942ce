#include "gates/evaluate.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

/// What the gate says of one relocation of that type.
GateResult ask(Arch arch, std::uint32_t type, const std::string& config = "",
               KernelVersion version = {6, 12, 117}) {
  ElfBuilder builder = honest_builder(arch);
  builder.section(".text").content.resize(64);
  builder.relocation(".text", 32, type, "_printk");
  const Module module = read_built(builder);
  Kernel kernel = honest_kernel();
  kernel.version = version;
  kernel.config = Fact<KernelConfig>::known(make_config(honest_config_text() + config), "test");
  const Assumptions assumptions;
  return gate::relocations({module, kernel, assumptions, {}, {}, {}});
}

struct Row {
  Arch arch;
  std::uint32_t good, bad;
  int error;
  std::string line;  ///< for the bad one
};

TEST(RelocationTypes, OfEveryMachine) {
  for (const Row& row : {
           Row{Arch::x86, 1, 3, ENOEXEC, "module: honest: Unknown relocation: 3"},
           Row{Arch::arm, 28, 96, ENOEXEC, "honest: unknown relocation: 96"},
           Row{Arch::arm64, 283, 311, ENOEXEC,
               "Modules: module honest: unsupported RELA relocation: 311"},
           Row{Arch::ppc64, 10, 20, ENOEXEC, "module_64: honest: Unknown ADD relocation: 20"},
           Row{Arch::s390x, 22, 60, ENOEXEC, "module honest: unknown relocation: 60"},
           Row{Arch::mips, 4, 9, EINVAL, "honest: Unknown relocation type 9"},
           Row{Arch::mips64, 18, 9, EINVAL, "honest: Unknown relocation type 9"},
           Row{Arch::riscv64, 19, 0, EINVAL, "honest: Unknown relocation type 0"},
       }) {
    EXPECT_EQ(ask(row.arch, row.good).status, GateStatus::pass)
        << to_string(row.arch) << ": " << ask(row.arch, row.good).reason;
    const GateResult refused = ask(row.arch, row.bad);
    EXPECT_EQ(refused.status, GateStatus::fail) << to_string(row.arch);
    EXPECT_EQ(refused.error, row.error) << to_string(row.arch);
    EXPECT_EQ(refused.log, std::vector{row.line});
  }
}

TEST(RelocationTypes, WordingByVersion) {
  EXPECT_EQ(ask(Arch::arm64, 311, "", {6, 1, 0}).log,
            std::vector<std::string>{"module honest: unsupported RELA relocation: 311"});
  EXPECT_EQ(ask(Arch::riscv64, 3, "", {6, 1, 0}).log,
            std::vector<std::string>{"honest: Unknown relocation type 3"});
  EXPECT_EQ(ask(Arch::riscv64, 3).log,
            std::vector<std::string>{
                "honest: Dynamic linking not supported in kernel modules PC = <address>"});
  EXPECT_EQ(ask(Arch::s390x, 9).log, std::vector<std::string>{});
}

TEST(RelocationTypes, SomeDependOnConfigurationOrVersion) {
  constexpr std::uint32_t thumb_call = 10, toc16 = 47, pcrel34 = 132, add8 = 33;
  EXPECT_EQ(ask(Arch::arm, thumb_call).status, GateStatus::fail);
  EXPECT_EQ(ask(Arch::arm, thumb_call, "CONFIG_THUMB2_KERNEL=y\n").status, GateStatus::pass);
  EXPECT_EQ(ask(Arch::ppc64, toc16).status, GateStatus::pass);
  EXPECT_EQ(ask(Arch::ppc64, toc16, "CONFIG_PPC_KERNEL_PCREL=y\n").status, GateStatus::fail);
  EXPECT_EQ(ask(Arch::ppc64, pcrel34).status, GateStatus::fail);
  EXPECT_EQ(ask(Arch::riscv64, add8).status, GateStatus::pass);
  EXPECT_EQ(ask(Arch::riscv64, add8, "", {6, 1, 0}).status, GateStatus::fail);
  EXPECT_EQ(ask(Arch::riscv64, add8, "", {6, 5, 0}).status, GateStatus::unknown);
}

}  // namespace
}  // namespace kovet::testing
