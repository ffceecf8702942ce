#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "module/module.h"
#include "tests/support/elf_builder.h"

// An honest module and the kernel that takes it; a test alters one thing and asks again.

namespace kovet::testing {

inline constexpr std::string_view honest_release = "6.12.117-honest-amd64";
inline constexpr std::string_view honest_vermagic =
    "6.12.117-honest-amd64 SMP preempt mod_unload modversions ";
inline constexpr std::uint64_t honest_struct_size = 1280;

/// One symbol the honest kernel exports.
struct KernelSymbol {
  std::string name;
  std::uint32_t crc = 0;
  std::string module = "vmlinux";
  std::string symbol_namespace = {};
  bool gpl_only = false;
};

/// What the honest kernel exports: module_layout, _printk, __fentry__, __x86_return_thunk,
/// param_ops_int, kmalloc_noprof (plain), class_create (GPL-only), usb_stor_probe1 (GPL-only,
/// namespace USB_STORAGE, of drivers/usb/storage/usb-storage).
std::vector<KernelSymbol> honest_symbols();

/// A Module.symvers in today's layout.
std::string symvers_text(std::span<const KernelSymbol> symbols);
/// The facts of such a file.
Symvers make_symvers(std::span<const KernelSymbol> symbols);
/// The facts of such a configuration ("CONFIG_X=y" lines).
KernelConfig make_config(const std::string& text);

/// Debian's configuration, as far as the loader looks at it.
std::string honest_config_text();

/// A module "honest" that imports _printk, __fentry__ and __x86_return_thunk, with versions,
/// modinfo, struct module, one parameter; built out of tree, GPL, unsigned. For x86_64 it agrees
/// with honest_kernel().
ElfBuilder honest_builder(Arch arch = Arch::x86_64);
ElfBuilder honest_builder(Arch arch, bool big_endian);

/// The facts of what the builder holds, as the reader gives them. Throws when it gives none.
Module read_built(const ElfBuilder& builder, const std::string& path = "honest.ko");
Module read_bytes(std::string_view bytes, const std::string& path = "honest.ko");
Module honest_module();

/// The facts of a kernel that accepts honest_module(): all known, no gaps.
Kernel honest_kernel();

}  // namespace kovet::testing
