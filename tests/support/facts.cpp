#include "tests/support/facts.h"

#include <elf.h>
#include <fmt/format.h>

#include "module/read_module.h"

namespace kovet::testing {

std::vector<KernelSymbol> honest_symbols() {
  return {{.name = "module_layout", .crc = 0x2f9b2b9a},
          {.name = "_printk", .crc = 0x122c3a7e},
          {.name = "__fentry__", .crc = 0xbdfb6dbb},
          {.name = "__x86_return_thunk", .crc = 0x5b8239ca},
          {.name = "param_ops_int", .crc = 0xdf2e995e},
          {.name = "kmalloc_noprof", .crc = 0x76d9b876},
          {.name = "class_create", .crc = 0x59c02473, .gpl_only = true},
          {.name = "usb_stor_probe1",
           .crc = 0x0b0bf5f1,
           .module = "drivers/usb/storage/usb-storage",
           .symbol_namespace = "USB_STORAGE",
           .gpl_only = true}};
}

std::string symvers_text(std::span<const KernelSymbol> symbols) {
  std::string text;
  for (const KernelSymbol& symbol : symbols)
    text += fmt::format("0x{:08x}\t{}\t{}\t{}\t{}\n", symbol.crc, symbol.name, symbol.module,
                        symbol.gpl_only ? "EXPORT_SYMBOL_GPL" : "EXPORT_SYMBOL",
                        symbol.symbol_namespace);
  return text;
}

Symvers make_symvers(std::span<const KernelSymbol> symbols) {
  Symvers facts;
  facts.path = "/usr/src/linux-headers-honest/Module.symvers";
  facts.text = Bytes::copy(symvers_text(symbols));
  std::string_view rest = facts.text->text();
  for (const KernelSymbol& symbol : symbols) {
    const auto take = [&rest](char end) {
      const std::string_view field = rest.substr(0, rest.find(end));
      rest.remove_prefix(field.size() + 1);
      return field;
    };
    take('\t');
    const std::string_view name = take('\t');
    const std::string_view module = take('\t');
    take('\t');
    facts.symbols.emplace(name, SymversEntry{.crc = symbol.crc,
                                             .module = module,
                                             .symbol_namespace = take('\n'),
                                             .gpl_only = symbol.gpl_only});
  }
  return facts;
}

KernelConfig make_config(const std::string& text) {
  return KernelConfig::parse(Bytes::copy(text));
}

std::string honest_config_text() {
  return "CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_SMP=y\nCONFIG_PREEMPT_BUILD=y\n"
         "CONFIG_PREEMPT_DYNAMIC=y\nCONFIG_MODULES=y\nCONFIG_MODULE_UNLOAD=y\n"
         "CONFIG_MODVERSIONS=y\nCONFIG_ASM_MODVERSIONS=y\nCONFIG_MODULE_FORCE_LOAD=y\n"
         "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_SHA256=y\nCONFIG_MODULE_SIG_HASH=\"sha256\"\n"
         "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_LIVEPATCH=y\nCONFIG_STRICT_MODULE_RWX=y\n"
         "CONFIG_DEBUG_INFO_BTF=y\nCONFIG_DEBUG_INFO_BTF_MODULES=y\nCONFIG_MITIGATION_RETPOLINE=y\n"
         "CONFIG_CC_VERSION_TEXT=\"gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0\"\n";
}

ElfBuilder honest_builder(Arch arch) {
  ElfBuilder builder(arch);
  SectionSpec& text = builder.section(".text");
  text.flags = SHF_ALLOC | SHF_EXECINSTR;
  text.addralign = 16;
  text.content.assign(16, '\0');
  builder.modinfo("license", "GPL").modinfo("description", "An honest module");
  builder.modinfo("depends", "").modinfo("name", "honest").modinfo("retpoline", "Y");
  builder.modinfo("vermagic", honest_vermagic);

  const bool x86 = arch == Arch::x86_64 || arch == Arch::x86;
  if (x86) text.content[0] = text.content[5] = '\xe8';
  std::uint64_t place = x86 ? 1 : 0;
  for (const KernelSymbol& symbol : honest_symbols()) {
    const bool called = symbol.name == "_printk" || symbol.name == "__fentry__";
    if (symbol.name != "module_layout" && !called && symbol.name != "__x86_return_thunk") continue;
    builder.version(symbol.name, symbol.crc);
    if (symbol.name == "module_layout") continue;
    builder.import(symbol.name);
    if (!called) continue;
    builder.relocation(".text", place, builder.call_relocation(), symbol.name,
                       arch == Arch::x86_64 ? -4 : 0);
    place += x86 ? 5 : 4;
  }
  builder.this_module("honest", honest_struct_size);
  builder.symbol({.name = "init_module", .section = ".text", .type = STT_FUNC, .size = 5});
  builder.relocation(".gnu.linkonce.this_module", 0x138, builder.pointer_relocation(),
                     "init_module");
  return builder.parameter("width", "int", "a width");
}

Module read_bytes(std::string_view bytes, const std::string& path) {
  auto read = read_module(Bytes::copy(bytes), path);
  if (!read) throw Fatal(read.error());
  return std::move(*read);
}

Module read_built(const ElfBuilder& builder, const std::string& path) {
  return read_bytes(builder.build(), path);
}

Module honest_module() {
  return read_built(honest_builder());
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
