#include <utility>

#include "tests/vm/variants.h"

namespace kovet::testing {

void add_competing_cases(CaseList& list, const Honest& honest) {
  const std::string tail = std::string(100, '\x30') +
                           std::string("\0\0\1\0\0\0\0\0\0\0\0\x64", 12) +
                           "~Module signature appended~\n";
  const std::vector<std::pair<std::string, CaseList::Change>> changes{
      {"null-section",
       [](KoEditor& ko) {
         auto entry = ko.section(0);
         entry.sh_addr = 1;
         ko.set_section(0, entry);
       }},
      {"two-this-module",
       [](KoEditor& ko) {
         constexpr auto* name = ".gnu.linkonce.this_module";
         ko.add_section(name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, ko.content(name), 64);
       }},
      {"two-modinfo",
       [](KoEditor& ko) {
         ko.add_section(".modinfo", SHT_PROGBITS, SHF_ALLOC, std::string("a=1\0", 4));
       }},
      {"struct-size",
       [](KoEditor& ko) {
         constexpr auto* name = ".gnu.linkonce.this_module";
         ko.replace(name, ko.content(name) + std::string(64, '\0'));
       }},
      {"strtab", [](KoEditor& ko) { ko.patch(ko.offset(".strtab"), "x"); }},
      {"layout-crc", [](KoEditor& ko) { ko.set_crc("module_layout", 1); }},
      {"layout-missing", [](KoEditor& ko) { ko.remove_version("module_layout"); }},
      {"vermagic", [](KoEditor& ko) { ko.set_modinfo("vermagic", "1.0 SMP "); }},
      {"write-exec", [](KoEditor& ko) { ko.flags(".data", SHF_EXECINSTR); }},
      {"percpu",
       [](KoEditor& ko) {
         auto entry = ko.section(ko.index_of(".data..percpu"));
         entry.sh_type = SHT_NOBITS;
         entry.sh_size = std::uint64_t{64} << 20;
         ko.set_section(ko.index_of(".data..percpu"), entry);
       }},
      {"symbol-crc", [](KoEditor& ko) { ko.set_crc("kfree", 1); }},
      {"unknown-symbol", [](KoEditor& ko) { ko.add_symbol("agree_nowhere", STB_GLOBAL); }},
      {"common", [](KoEditor& ko) { ko.add_symbol("agree_c", STB_GLOBAL, SHN_COMMON, 8, 8); }},
      {"license", [](KoEditor& ko) { ko.set_modinfo("license", "Proprietary"); }},
      {"staging", [](KoEditor& ko) { ko.add_modinfo("staging", "Y"); }},
      {"relocation",
       [](KoEditor& ko) {
         auto all = ko.relocations(".rela.exit.text");
         all.at(0).r_info = ELF64_R_INFO(ELF64_R_SYM(all.at(0).r_info), 42);
         ko.set_relocations(".rela.exit.text", all);
       }},
      {"btf", [](KoEditor& ko) { ko.replace(".BTF", "this is no BTF"); }},
      // What follows changes the end of the file: always the second of a pair.
      {"signature", [&tail](KoEditor& ko) { ko.append(tail); }},
      {"signature-params",
       [&tail](KoEditor& ko) {
         auto other = tail;
         other[102] = 2;
         other[100] = 1;
         ko.append(other);
       }},
  };
  for (std::size_t i = 0; i < changes.size(); ++i)
    for (std::size_t k = i + 1; k < changes.size(); ++k) {
      if (changes[i].first == "signature") continue;
      list.add(
          "pair-" + changes[i].first + "+" + changes[k].first, honest["agree_plain"],
          [&](KoEditor& ko) {
            changes[i].second(ko);
            changes[k].second(ko);
          },
          (i + k) % 9 == 0);
    }
}

}  // namespace kovet::testing
