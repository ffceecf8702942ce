#include <elf.h>

#include <algorithm>

#include "tests/support/elf_builder.h"

// The parts of ElfBuilder that know what a kernel module looks like, not just an ELF file.

namespace kovet::testing {

namespace {

constexpr std::size_t version_entry = 64;  // struct modversion_info, 32 and 64 bit alike

std::string entry_of(std::string_view key, std::string_view value) {
  return std::string(key) + '=' + std::string(value) + '\0';
}

/// `content` without the NUL-terminated entries of that key.
std::string without(const std::string& content, std::string_view key) {
  std::string kept;
  const std::string prefix = std::string(key) + '=';
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\0', at), content.size() - 1);
    const std::string entry = content.substr(at, end + 1 - at);
    if (!entry.starts_with(prefix)) kept += entry;
    at = end + 1;
  }
  return kept;
}

}  // namespace

ElfBuilder& ElfBuilder::modinfo(std::string_view key, std::string_view value) {
  return append(".modinfo", entry_of(key, value));
}

ElfBuilder& ElfBuilder::set_modinfo(std::string_view key, std::string_view value) {
  return remove_modinfo(key).modinfo(key, value);
}

ElfBuilder& ElfBuilder::remove_modinfo(std::string_view key) {
  std::string& content = section(".modinfo").content;
  content = without(content, key);
  return *this;
}

ElfBuilder& ElfBuilder::version(std::string_view name, std::uint64_t crc) {
  std::string entry = number(crc, word()) + std::string(name);
  entry.resize(version_entry);
  SectionSpec& table = section("__versions");
  table.addralign = 32;
  table.content += entry;
  return *this;
}

ElfBuilder& ElfBuilder::extended_version(std::string_view name, std::uint32_t crc) {
  section("__version_ext_crcs").addralign = 4;
  append("__version_ext_crcs", number(crc, 4));
  return append("__version_ext_names", std::string(name) + '\0');
}

ElfBuilder& ElfBuilder::this_module(std::string_view name, std::uint64_t size) {
  SectionSpec& spec = section(".gnu.linkonce.this_module");
  spec.flags = SHF_ALLOC | SHF_WRITE;
  spec.addralign = 64;
  spec.content.assign(size, '\0');
  // struct module: enum state, struct list_head, char name[MODULE_NAME_LEN].
  const std::size_t place = word() * 3;
  for (std::size_t i = 0; i < name.size() && place + i < size; ++i)
    spec.content[place + i] = name[i];
  std::erase_if(symbols_, [](const SymbolSpec& s) { return s.name == "__this_module"; });
  return symbol({.name = "__this_module",
                 .section = ".gnu.linkonce.this_module",
                 .type = STT_OBJECT,
                 .size = size});
}

ElfBuilder& ElfBuilder::export_symbol(std::string_view name, const ExportSpec& spec) {
  const std::string plain(name);
  const std::string suffix = spec.gpl_only ? "_gpl" : "";
  SectionSpec& text = section(".text");
  text.flags = SHF_ALLOC | SHF_EXECINSTR;
  symbol({.name = plain,
          .section = ".text",
          .type = STT_FUNC,
          .value = text.content.size(),
          .size = 4});
  text.content.append(4, '\0');

  SectionSpec& strings = section("__ksymtab_strings");
  strings.flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS;
  strings.entsize = 1;
  const auto add_string = [&](const std::string& label, const std::string& value) {
    symbol({.name = label,
            .section = strings.name,
            .binding = Binding::local,
            .value = strings.content.size()});
    strings.content.append(value).push_back('\0');
  };
  add_string("__kstrtab_" + plain, plain);
  add_string("__kstrtabns_" + plain, spec.symbol_namespace);

  SectionSpec& table = section("__ksymtab" + suffix);
  table.addralign = 4;
  const std::uint64_t place = table.content.size();
  symbol({.name = "__ksymtab_" + plain,
          .section = table.name,
          .binding = Binding::local,
          .value = place});
  // PREL32 where the kernel has it, else three pointers.
  const bool relative = arch_ != Arch::arm && arch_ != Arch::mips && arch_ != Arch::mips64;
  const std::size_t field = relative ? 4 : word();
  const std::uint32_t type = relative ? relative_relocation() : pointer_relocation();
  table.content.append(field * 3, '\0');
  relocation(table.name, place, type, plain);
  relocation(table.name, place + field, type, "__kstrtab_" + plain);
  relocation(table.name, place + field * 2, type, "__kstrtabns_" + plain);

  if (!spec.crc) return *this;
  SectionSpec& crcs = section("__kcrctab" + suffix);
  crcs.addralign = 4;
  symbol({.name = "__crc_" + plain,
          .section = crcs.name,
          .binding = Binding::local,
          .value = crcs.content.size()});
  crcs.content += number(*spec.crc, 4);
  return *this;
}

ElfBuilder& ElfBuilder::parameter(std::string_view name, std::string_view type_name,
                                  std::string_view description, std::string setter) {
  const std::string plain(name);
  SectionSpec& names = section(".rodata");
  symbol({.name = "__param_str_" + plain,
          .section = ".rodata",
          .binding = Binding::local,
          .type = STT_OBJECT,
          .value = names.content.size(),
          .size = plain.size() + 1});
  names.content.append(plain).push_back('\0');

  // struct kernel_param: name, mod, ops, perm (u16), level (s8), flags (u8), arg.
  SectionSpec& table = section("__param");
  table.addralign = word();
  const std::uint64_t place = table.content.size();
  symbol({.name = "__param_" + plain,
          .section = "__param",
          .binding = Binding::local,
          .type = STT_OBJECT,
          .value = place,
          .size = word() * 5});
  table.content += std::string(word() * 3, '\0') + number(0444, 2);
  table.content.resize(place + word() * 5);
  relocation("__param", place, pointer_relocation(), "__param_str_" + plain);
  const auto has = [&](std::string_view wanted) {
    return std::ranges::any_of(symbols_, [&](const auto& each) { return each.name == wanted; });
  };
  if (has("__this_module"))
    relocation("__param", place + word(), pointer_relocation(), "__this_module");
  if (setter.empty()) setter = "param_ops_" + std::string(type_name);
  if (!has(setter)) symbol({.name = setter, .section = ".rodata"});
  relocation("__param", place + word() * 2, pointer_relocation(), setter);
  if (!description.empty()) modinfo("parm", plain + ':' + std::string(description));
  return modinfo("parmtype", plain + ':' + std::string(type_name));
}

ElfBuilder& ElfBuilder::signature(std::string_view der, const TrailerSpec& trailer) {
  std::string fields;
  for (const std::uint8_t byte :
       {trailer.algo, trailer.hash, trailer.id_type, trailer.signer_len, trailer.key_id_len})
    fields.push_back(static_cast<char>(byte));
  fields += trailer.padding;
  const std::uint64_t length = trailer.sig_len.value_or(static_cast<std::uint32_t>(der.size()));
  for (int shift = 24; shift >= 0; shift -= 8) fields.push_back(static_cast<char>(length >> shift));
  return tail(std::string(der) + fields + std::string(signature_marker));
}

}  // namespace kovet::testing
