#include "tests/support/facts.h"

#include <fmt/format.h>

#include "kernel/read_kernel.h"

namespace kovet::testing {

std::string symvers_text(std::span<const KernelSymbol> symbols) {
  std::string text;
  for (const KernelSymbol& symbol : symbols)
    text += fmt::format("0x{:08x}\t{}\t{}\t{}\t{}\n", symbol.crc, symbol.name, symbol.module,
                        symbol.gpl_only ? "EXPORT_SYMBOL_GPL" : "EXPORT_SYMBOL",
                        symbol.symbol_namespace);
  return text;
}

Symvers make_symvers(std::span<const KernelSymbol> symbols) {
  return parse_symvers(Bytes::copy(symvers_text(symbols)),
                       "/usr/src/linux-headers-honest/Module.symvers")
      .value();
}

KernelConfig make_config(const std::string& text) {
  return KernelConfig::parse(Bytes::copy(text));
}

std::string honest_config_text() {
  return "CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_SMP=y\nCONFIG_SYSFS=y\nCONFIG_KALLSYMS=y\nCONFIG_"
         "PREEMPT_BUILD=y\n"
         "CONFIG_PREEMPT_DYNAMIC=y\nCONFIG_MODULES=y\nCONFIG_MODULE_UNLOAD=y\n"
         "CONFIG_MODVERSIONS=y\nCONFIG_ASM_MODVERSIONS=y\nCONFIG_MODULE_FORCE_LOAD=y\n"
         "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_SHA256=y\nCONFIG_MODULE_SIG_HASH=\"sha256\"\n"
         "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_LIVEPATCH=y\nCONFIG_STRICT_MODULE_RWX=y\n"
         "CONFIG_DEBUG_INFO_BTF=y\nCONFIG_DEBUG_INFO_BTF_MODULES=y\nCONFIG_MITIGATION_RETPOLINE=y\n"
         "CONFIG_CC_VERSION_TEXT=\"gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0\"\n";
}

Kernel honest_kernel() {
  const std::string tree = "/usr/src/linux-headers-honest";
  return Kernel{
      .spec = std::string(honest_release),
      .source = tree,
      .modules_dir = "/lib/modules/" + std::string(honest_release),
      .release = Fact<std::string>::known(std::string(honest_release),
                                          tree + "/include/generated/utsrelease.h"),
      .version = KernelVersion{6, 12, 117},
      .arch = Fact<Arch>::known(Arch::x86_64, tree + "/include/config/auto.conf"),
      .config = Fact<KernelConfig>::known(make_config(honest_config_text()),
                                          tree + "/include/config/auto.conf"),
      .symvers = Fact<Symvers>::known(make_symvers(honest_symbols()), tree + "/Module.symvers"),
      .vermagic = Fact<std::string>::known(std::string(honest_vermagic),
                                           tree + "/include/config/auto.conf"),
      .struct_module_size = Fact<std::uint64_t>::known(honest_struct_size, tree + "/vmlinux"),
      .compiler = Fact<std::string>::known("gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0",
                                           tree + "/include/config/auto.conf"),
  };
}

}  // namespace kovet::testing
