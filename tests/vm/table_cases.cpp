#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

constexpr const char* this_module = ".gnu.linkonce.this_module";

void add_this_module_cases(CaseList& list, const std::string& plain) {
  list.add(
      "this-module-missing", plain, [](KoEditor& ko) { ko.rename_section(this_module, ".gone"); },
      true);
  list.add(
      "this-module-twice", plain,
      [](KoEditor& ko) {
        ko.add_section(this_module, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, ko.content(this_module),
                       64);
      },
      true);
  list.add("this-module-twice-not-allocated", plain, [](KoEditor& ko) {
    ko.add_section(this_module, SHT_PROGBITS, 0, ko.content(this_module), 64);
  });
  list.add("this-module-not-allocated", plain,
           [](KoEditor& ko) { ko.flags(this_module, 0, SHF_ALLOC); });
  list.add("this-module-nobits", plain, [](KoEditor& ko) {
    auto entry = ko.section(ko.index_of(this_module));
    entry.sh_type = SHT_NOBITS;
    ko.set_section(ko.index_of(this_module), entry);
  });
  // Smaller ones make kernels before 6.4 read beyond what they copied: grow only.
  for (const long change : {-1L, -64L})
    list.add("this-module-smaller-" + std::to_string(-change) + "-with-bad-vermagic", plain,
             [change](KoEditor& ko) {
               auto text = ko.content(this_module);
               text.resize(text.size() + static_cast<std::size_t>(change));
               ko.replace(this_module, text).set_modinfo("vermagic", "1.0 ");
             });
  for (const long change : {1L, 64L})
    list.add(
        "this-module-larger-" + std::to_string(change), plain,
        [change](KoEditor& ko) {
          auto text = ko.content(this_module);
          text.resize(text.size() + static_cast<std::size_t>(change));
          ko.replace(this_module, text);
        },
        change == 1);
}

void add_symtab_cases(CaseList& list, const std::string& plain) {
  const auto symtab = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "symtab-" + name, plain,
        [change](KoEditor& ko) {
          const std::size_t index = ko.index_of(".symtab");
          auto entry = ko.section(index);
          change(entry, ko);
          ko.set_section(index, entry);
        },
        ci);
  };
  symtab(
      "missing", [](auto& entry, auto&) { entry.sh_type = SHT_PROGBITS; }, true);
  symtab("link-0", [](auto& entry, auto&) { entry.sh_link = 0; });
  symtab(
      "link-at-count",
      [](auto& entry, auto& ko) { entry.sh_link = static_cast<Elf64_Word>(ko.count()); }, true);
  symtab("info-0", [](auto& entry, auto&) { entry.sh_info = 0; });
  symtab("entsize-0", [](auto& entry, auto&) { entry.sh_entsize = 0; });
  list.add(
      "symtab-twice", plain,
      [](KoEditor& ko) {
        const auto first = ko.section(ko.index_of(".symtab"));
        ko.add_section(".symtab2", SHT_SYMTAB, 0, ko.content(".symtab"), 8);
        const std::size_t index = ko.index_of(".symtab2");
        auto entry = ko.section(index);
        entry.sh_link = first.sh_link;
        entry.sh_info = first.sh_info;
        entry.sh_entsize = first.sh_entsize;
        ko.set_section(index, entry);
      },
      true);
}

void add_strtab_cases(CaseList& list, const std::string& plain) {
  const auto strtab = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "strtab-" + name, plain,
        [change](KoEditor& ko) {
          auto text = ko.content(".strtab");
          change(text, ko);
        },
        ci);
  };
  strtab(
      "leading-byte", [](auto&, auto& ko) { ko.patch(ko.offset(".strtab"), "x"); }, true);
  strtab(
      "last-byte",
      [](auto& text, auto& ko) { ko.patch(ko.offset(".strtab") + text.size() - 1, "x"); }, true);
  strtab("empty", [](auto&, auto& ko) { ko.replace(".strtab", ""); });
  const auto name_at = [&](const std::string& name, int distance, bool ci) {
    list.add(
        "strtab-name-" + name, plain,
        [distance](KoEditor& ko) {
          const auto all = ko.symbols();
          auto symbol = all.at(1);  // a local one that nothing depends on
          symbol.st_name = static_cast<Elf64_Word>(ko.content(".strtab").size() +
                                                   static_cast<std::size_t>(distance));
          ko.set_symbol(1, symbol);
        },
        ci);
  };
  name_at("at-last-byte", -1, false);
  name_at("past-end", 0, true);
  name_at("far-past-end", 1000, false);
}

}  // namespace

void add_table_cases(CaseList& list, const Honest& honest) {
  const auto& plain = honest["agree_plain"];
  add_this_module_cases(list, plain);
  add_symtab_cases(list, plain);
  add_strtab_cases(list, plain);
  list.add(
      "modinfo-twice", plain,
      [](KoEditor& ko) {
        ko.add_section(".modinfo", SHT_PROGBITS, SHF_ALLOC, "extra=1" + std::string(1, '\0'));
      },
      true);
  list.add("modinfo-twice-not-allocated", plain, [](KoEditor& ko) {
    ko.add_section(".modinfo", SHT_PROGBITS, 0, "extra=1" + std::string(1, '\0'));
  });
  list.add("modinfo-missing", plain, [](KoEditor& ko) { ko.rename_section(".modinfo", ".gone"); });
  list.add("modinfo-not-allocated", plain,
           [](KoEditor& ko) { ko.flags(".modinfo", 0, SHF_ALLOC); });
  list.add("modinfo-nobits", plain, [](KoEditor& ko) {
    auto entry = ko.section(ko.index_of(".modinfo"));
    entry.sh_type = SHT_NOBITS;
    ko.set_section(ko.index_of(".modinfo"), entry);
  });
  list.add("modinfo-empty", plain, [](KoEditor& ko) { ko.replace(".modinfo", ""); });
  list.add("extended-crcs-only", plain, [](KoEditor& ko) {
    ko.add_section("__version_ext_crcs", SHT_PROGBITS, SHF_ALLOC, std::string(4, '\0'), 4);
  });
  list.add("extended-names-only", plain, [](KoEditor& ko) {
    ko.add_section("__version_ext_names", SHT_PROGBITS, SHF_ALLOC, "kfree" + std::string(1, '\0'));
  });
  list.add("extended-wrong", plain, [](KoEditor& ko) {
    ko.add_section("__version_ext_crcs", SHT_PROGBITS, SHF_ALLOC, std::string(4, '\1'), 4);
    ko.add_section("__version_ext_names", SHT_PROGBITS, SHF_ALLOC, "kfree" + std::string(1, '\0'));
  });
}

}  // namespace kovet::testing
