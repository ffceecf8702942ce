#include <elf.h>

#include "module/read_module.h"
#include "tests/support/facts.h"

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

ElfBuilder honest_builder(Arch arch) {
  return honest_builder(arch, arch == Arch::s390x);
}

ElfBuilder honest_builder(Arch arch, bool big_endian) {
  ElfBuilder builder(arch);
  builder.big_endian(big_endian);
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

}  // namespace kovet::testing
