#pragma once

#include <cstdint>
#include <string_view>

namespace kovet {

/// The machines Debian ships kernels for. One value per kernel architecture and word size.
enum class Arch { unknown, x86, x86_64, arm, arm64, ppc64, s390x, mips, mips64, riscv64 };

/// As `uname -m` has it: "x86_64", "i686", "armv7l", "aarch64", "ppc64le", "s390x", ...
std::string_view to_string(Arch arch);

/// From e_machine and EI_CLASS (elf.h).
Arch arch_from_elf(std::uint16_t machine, bool is_64_bit);

/// The kernel's folder below arch/, such as "x86"; empty for Arch::unknown.
std::string_view arch_folder(Arch arch);
/// From the name of a folder below the kernel's arch/ ("x86" needs `is_64_bit` to decide).
Arch arch_from_kernel_name(std::string_view name, bool is_64_bit);

/// e_machine that this architecture's elf_check_arch() accepts.
std::uint16_t elf_machine(Arch arch);

bool is_64_bit(Arch arch);

}  // namespace kovet
