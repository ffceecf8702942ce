#include "kernel/config_facts.h"

namespace kovet {

Arch arch_of(const KernelConfig& config) {
  const bool wide = config.enabled("64BIT");
  if (config.enabled("X86_64")) return Arch::x86_64;
  if (config.enabled("X86_32") || config.enabled("X86")) return wide ? Arch::x86_64 : Arch::x86;
  if (config.enabled("ARM64")) return Arch::arm64;
  if (config.enabled("ARM")) return Arch::arm;
  if (config.enabled("PPC64")) return Arch::ppc64;
  if (config.enabled("S390")) return wide ? Arch::s390x : Arch::unknown;
  if (config.enabled("MIPS")) return wide ? Arch::mips64 : Arch::mips;
  if (config.enabled("RISCV")) return wide ? Arch::riscv64 : Arch::unknown;
  return Arch::unknown;
}

bool is_big_endian(const KernelConfig& config) {
  if (config.enabled("S390")) return true;
  if (config.enabled("PPC") || config.enabled("MIPS")) return !config.enabled("CPU_LITTLE_ENDIAN");
  return config.enabled("CPU_BIG_ENDIAN");
}

}  // namespace kovet
