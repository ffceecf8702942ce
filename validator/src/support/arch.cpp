#include "support/arch.h"

#include <elf.h>

#include <algorithm>
#include <array>

namespace kovet {

namespace {

struct Row {
  Arch arch;
  std::string_view uname;
  std::string_view kernel;  // folder below arch/
  std::uint16_t machine;
  bool is_64_bit;
};

constexpr std::array rows{
    Row{Arch::x86, "i686", "x86", EM_386, false},
    Row{Arch::x86_64, "x86_64", "x86", EM_X86_64, true},
    Row{Arch::arm, "armv7l", "arm", EM_ARM, false},
    Row{Arch::arm64, "aarch64", "arm64", EM_AARCH64, true},
    Row{Arch::ppc64, "ppc64le", "powerpc", EM_PPC64, true},
    Row{Arch::s390x, "s390x", "s390", EM_S390, true},
    Row{Arch::mips, "mips", "mips", EM_MIPS, false},
    Row{Arch::mips64, "mips64", "mips", EM_MIPS, true},
    Row{Arch::riscv64, "riscv64", "riscv", EM_RISCV, true},
};

template <class Match>
const Row* find(Match match) {
  const auto* row = std::find_if(rows.begin(), rows.end(), match);
  return row == rows.end() ? nullptr : row;
}

}  // namespace

std::string_view to_string(Arch arch) {
  const Row* row = find([&](const Row& r) { return r.arch == arch; });
  return row ? row->uname : "unknown";
}

Arch arch_from_elf(std::uint16_t machine, bool is_64_bit) {
  const Row* row =
      find([&](const Row& r) { return r.machine == machine && r.is_64_bit == is_64_bit; });
  return row ? row->arch : Arch::unknown;
}

std::string_view arch_folder(Arch arch) {
  const Row* row = find([&](const Row& r) { return r.arch == arch; });
  return row ? row->kernel : std::string_view{};
}

Arch arch_from_kernel_name(std::string_view name, bool is_64_bit) {
  const Row* row = find([&](const Row& r) { return r.kernel == name && r.is_64_bit == is_64_bit; });
  return row ? row->arch : Arch::unknown;
}

std::uint16_t elf_machine(Arch arch) {
  const Row* row = find([&](const Row& r) { return r.arch == arch; });
  return row ? row->machine : std::uint16_t{EM_NONE};
}

bool is_64_bit(Arch arch) {
  const Row* row = find([&](const Row& r) { return r.arch == arch; });
  return row && row->is_64_bit;
}

}  // namespace kovet
