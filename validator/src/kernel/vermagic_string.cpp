#include <fmt/format.h>

#include <array>
#include <span>

#include "kernel/config_facts.h"

// include/linux/vermagic.h and arch/*/include/asm/vermagic.h.

namespace kovet {

namespace {

/// A piece of the string, or why it is not known.
using Piece = Result<std::string>;

struct Family {
  std::string_view option;  // without CONFIG_
  std::string_view word;    // empty: the option's own name
};

// In the order of the kernel's #elif chains: the first that is set counts.
constexpr std::array x86_families{
    Family{"M386", "386"},
    Family{"M486SX", "486SX"},
    Family{"M486", "486"},
    Family{"M586", "586"},
    Family{"M586TSC", "586TSC"},
    Family{"M586MMX", "586MMX"},
    Family{"MCORE2", "CORE2"},
    Family{"MATOM", "ATOM"},
    Family{"M686", "686"},
    Family{"MPENTIUMII", "PENTIUMII"},
    Family{"MPENTIUMIII", "PENTIUMIII"},
    Family{"MPENTIUMM", "PENTIUMM"},
    Family{"MPENTIUM4", "PENTIUM4"},
    Family{"MK6", "K6"},
    Family{"MK7", "K7"},
    Family{"MK8", "K8"},
    Family{"MELAN", "ELAN"},
    Family{"MCRUSOE", "CRUSOE"},
    Family{"MEFFICEON", "EFFICEON"},
    Family{"MWINCHIPC6", "WINCHIPC6"},
    Family{"MWINCHIP3D", "WINCHIP3D"},
    Family{"MCYRIXIII", "CYRIXIII"},
    Family{"MVIAC3_2", "VIAC3-2"},
    Family{"MVIAC7", "VIAC7"},
    Family{"MGEODEGX1", "GEODEGX1"},
    Family{"MGEODE_LX", "GEODE"},
};

constexpr std::array mips_families{
    Family{"CPU_BMIPS", "BMIPS"},
    Family{"CPU_MIPS32_R1", "MIPS32_R1"},
    Family{"CPU_MIPS32_R2", "MIPS32_R2"},
    Family{"CPU_MIPS32_R5", "MIPS32_R5"},
    Family{"CPU_MIPS32_R6", "MIPS32_R6"},
    Family{"CPU_MIPS64_R1", "MIPS64_R1"},
    Family{"CPU_MIPS64_R2", "MIPS64_R2"},
    Family{"CPU_MIPS64_R5", "MIPS64_R5"},
    Family{"CPU_MIPS64_R6", "MIPS64_R6"},
    Family{"CPU_R3000", "R3000"},
    Family{"CPU_R4300", "R4300"},
    Family{"CPU_R4X00", "R4X00"},
    Family{"CPU_TX49XX", "TX49XX"},
    Family{"CPU_R5000", "R5000"},
    Family{"CPU_R5500", "R5500"},
    Family{"CPU_NEVADA", "NEVADA"},
    Family{"CPU_R10000", "R10000"},
    Family{"CPU_RM7000", "RM7000"},
    Family{"CPU_SB1", "SB1"},
    Family{"CPU_LOONGSON32", "LOONGSON32"},
    Family{"CPU_LOONGSON2EF", "LOONGSON2EF"},
    Family{"CPU_LOONGSON64", "LOONGSON64"},
    Family{"CPU_CAVIUM_OCTEON", "OCTEON"},
    Family{"CPU_P5600", "P5600"},
};

// arch/arm/Makefile assigns __LINUX_ARM_ARCH__ once per option, newest first: the oldest stays.
constexpr std::array arm_versions{
    Family{"CPU_32v3", "ARMv3"},  Family{"CPU_32v4", "ARMv4"}, Family{"CPU_32v4T", "ARMv4"},
    Family{"CPU_32v5", "ARMv5"},  Family{"CPU_32v6", "ARMv6"}, Family{"CPU_32v7", "ARMv7"},
    Family{"CPU_32v7M", "ARMv7"},
};

Piece family_of(const KernelConfig& config, std::span<const Family> families,
                std::string_view machine) {
  for (const Family& family : families)
    if (config.enabled(family.option)) return fmt::format("{} ", family.word);
  return Error{{}, fmt::format("the configuration names no {} processor family", machine), {}};
}

Piece machine_piece(const KernelConfig& config, Arch arch) {
  switch (arch) {
    case Arch::x86_64:
    case Arch::s390x:
      return std::string();
    case Arch::arm64:
      return std::string("aarch64");
    case Arch::riscv64:
      return std::string("riscv");
    case Arch::x86:
      return family_of(config, x86_families, "x86");
    case Arch::arm: {
      Piece piece = family_of(config, arm_versions, "ARM");
      if (piece && config.enabled("THUMB2_KERNEL")) *piece += "thumb2 ";
      if (piece && config.enabled("ARM_PATCH_PHYS_VIRT")) *piece += "p2v8 ";
      return piece;
    }
    case Arch::mips:
    case Arch::mips64: {
      Piece piece = family_of(config, mips_families, "MIPS");
      if (piece) *piece += arch == Arch::mips64 ? "64BIT " : "32BIT ";
      return piece;
    }
    case Arch::ppc64: {
      std::string piece;
      if (config.enabled("ARCH_USING_PATCHABLE_FUNCTION_ENTRY"))
        piece = "patchable-function-entry ";
      else if (config.enabled("MPROFILE_KERNEL"))
        piece = "mprofile-kernel ";
      if (config.enabled("RELOCATABLE")) piece += "relocatable ";
      return piece;
    }
    case Arch::unknown:
      break;
  }
  return Error{{}, "the vermagic of this machine is not known to Kovet", {}};
}

/// Since 6.13 a kernel can be PREEMPT_RT and PREEMPT_BUILD at once (some 6.12 too); which one
/// counts was changed by a fix that went to stable series as well, so the header is asked.
Piece preempt_piece(const KernelConfig& config, const VermagicInput& input) {
  constexpr KernelVersion preempt_build{5, 16, 0};
  const bool rt = config.enabled("PREEMPT_RT");
  const bool full = config.enabled(input.version < preempt_build ? "PREEMPT" : "PREEMPT_BUILD");
  if (!rt || !full) return std::string(full ? "preempt " : rt ? "preempt_rt " : "");
  const std::size_t full_at = input.header.find("ifdef CONFIG_PREEMPT_BUILD");
  const std::size_t rt_at = input.header.find("ifdef CONFIG_PREEMPT_RT");
  if ((full_at == std::string_view::npos) == (rt_at == std::string_view::npos)) {
    return Error{{},
                 "the configuration has both CONFIG_PREEMPT_BUILD and CONFIG_PREEMPT_RT, and which "
                 "of them vermagic tells differs between updates",
                 "include/linux/vermagic.h of the kernel, or any module that came with it"};
  }
  return std::string(rt_at == std::string_view::npos ? "preempt " : "preempt_rt ");
}

Piece randstruct_piece(const KernelConfig& config, const VermagicInput& input) {
  if (!config.enabled("RANDSTRUCT") && !config.enabled("GCC_PLUGIN_RANDSTRUCT"))
    return std::string();
  if (!input.randstruct.empty()) return std::string(input.randstruct);
  return Error{
      {},
      "the kernel's structures are laid out at random (RANDSTRUCT), and the hash of the "
      "seed is part of vermagic",
      "include/generated/randstruct_hash.h of the kernel, or any module that came with it"};
}

}  // namespace

Fact<std::string> compute_vermagic(const KernelConfig& config, const VermagicInput& input,
                                   const std::string& origin) {
  std::string text = fmt::format("{} {}", input.release, config.enabled("SMP") ? "SMP " : "");
  const std::array pieces{
      preempt_piece(config, input),
      Piece(std::string(config.enabled("MODULE_UNLOAD") ? "mod_unload " : "")),
      Piece(std::string(config.enabled("MODVERSIONS") ? "modversions " : "")),
      machine_piece(config, input.arch),
      randstruct_piece(config, input),
  };
  for (const Piece& piece : pieces) {
    if (!piece) {
      const Error& error = piece.error();
      return Fact<std::string>::absent(
          error.what, error.hint.empty() ? "any module that came with this kernel" : error.hint);
    }
    text += *piece;
  }
  return Fact<std::string>::known(std::move(text), origin);
}

}  // namespace kovet
