#include <algorithm>

#include "tests/support/btf_maker.h"
#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

void add_relocation_cases(CaseList& list, const std::string& plain) {
  const auto relocation = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "relocation-" + name, plain,
        [change](KoEditor& ko) {
          auto all = ko.relocations(".rela.exit.text");
          change(all.at(0), ko);
          ko.set_relocations(".rela.exit.text", all);
        },
        ci);
  };
  const auto type = [](std::uint32_t number) {
    return [number](Elf64_Rela& entry, KoEditor&) {
      entry.r_info = ELF64_R_INFO(ELF64_R_SYM(entry.r_info), number);
    };
  };
  for (const std::uint32_t number : {3U, 9U, 12U, 42U, 255U, 0x10000U})
    relocation("type-" + std::to_string(number), type(number), number == 42);
  relocation("type-none", type(R_X86_64_NONE));
  relocation(
      "target-not-zero",
      [](Elf64_Rela& entry, KoEditor& ko) {
        ko.patch(ko.offset(".exit.text") + entry.r_offset, "\x01");
      },
      true);
  relocation("none-target-not-zero", [type](Elf64_Rela& entry, KoEditor& ko) {
    type(R_X86_64_NONE)(entry, ko);
    ko.patch(ko.offset(".exit.text") + entry.r_offset, "\x01");
  });
  relocation("overflow-32", type(R_X86_64_32), true);
  relocation("of-debug-section-ignored", [](Elf64_Rela&, KoEditor& ko) {
    ko.add_section(".rela.comment", SHT_RELA, 0, std::string(24, '\x7f'), 8);
    const std::size_t index = ko.index_of(".rela.comment");
    auto entry = ko.section(index);
    entry.sh_info = static_cast<Elf64_Word>(ko.index_of(".comment"));
    entry.sh_link = static_cast<Elf64_Word>(ko.index_of(".symtab"));
    entry.sh_entsize = sizeof(Elf64_Rela);
    ko.set_section(index, entry);
  });
}

/// The loader keeps the symbol table and its strings in memory, and relocates them like the rest.
void add_symbol_relocation_cases(CaseList& list, const std::string& plain) {
  const auto relocation = [&](const std::string& name, const std::string& target,
                              std::uint32_t section_type, std::uint32_t type, std::uint64_t symbol,
                              bool ci = false) {
    list.add(
        "relocation-of-" + name, plain,
        [=](KoEditor& ko) {
          ko.add_section(
              ".rela.agree", section_type, 0,
              std::string(section_type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel), '\0'),
              8);
          const std::size_t index = ko.index_of(".rela.agree");
          auto entry = ko.section(index);
          entry.sh_info = static_cast<Elf64_Word>(ko.index_of(target));
          entry.sh_link = static_cast<Elf64_Word>(ko.index_of(".symtab"));
          ko.set_section(index, entry);
          const Elf64_Xword info = ELF64_R_INFO(symbol, std::uint64_t{type});
          ko.patch(entry.sh_offset + sizeof(Elf64_Addr),
                   {reinterpret_cast<const char*>(&info), sizeof(info)});
        },
        ci);
  };
  for (const std::string target : {".symtab", ".strtab"}) {
    relocation(target + "-type-42", target, SHT_RELA, 42, 1, true);
    relocation(target + "-type-none", target, SHT_RELA, R_X86_64_NONE, 1);
    relocation(target + "-without-addends", target, SHT_REL, R_X86_64_64, 1);
  }
  relocation(".strtab-not-zero", ".strtab", SHT_RELA, R_X86_64_64, 1);
  // What is read there is not the file's: unknown on purpose.
  relocation(".text-symbol-behind-the-table", ".exit.text", SHT_RELA, 42, 99999);
}

/// Both are laid out with what their headers say.
void add_symbol_table_alignment_cases(CaseList& list, const std::string& plain) {
  for (const std::string name : {".symtab", ".strtab"})
    for (const unsigned bits : {4U, 20U, 28U, 30U, 31U})
      list.add("alignment-" + std::to_string(bits) + "-bits-" + name, plain, [=](KoEditor& ko) {
        const std::size_t index = ko.index_of(name);
        auto entry = ko.section(index);
        entry.sh_addralign = std::uint64_t{1} << bits;
        ko.set_section(index, entry);
      });
}

void add_flag_cases(CaseList& list, const std::string& plain) {
  list.add(
      "write-exec-text", plain, [](KoEditor& ko) { ko.flags(".init.text", SHF_WRITE); }, true);
  list.add("write-exec-data", plain, [](KoEditor& ko) { ko.flags(".data", SHF_EXECINSTR); });
  list.add("write-exec-not-allocated", plain,
           [](KoEditor& ko) { ko.flags(".comment", SHF_WRITE | SHF_EXECINSTR); });
  list.add("write-exec-empty", plain, [](KoEditor& ko) {
    ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR, "");
  });
  list.add("write-exec-this-module", plain,
           [](KoEditor& ko) { ko.flags(".gnu.linkonce.this_module", SHF_EXECINSTR); });
  list.add("write-exec-modinfo", plain,
           [](KoEditor& ko) { ko.flags(".modinfo", SHF_WRITE | SHF_EXECINSTR); });
  list.add("write-exec-two", plain,
           [](KoEditor& ko) { ko.flags(".init.text", SHF_WRITE).flags(".data", SHF_EXECINSTR); });
}

void add_percpu_cases(CaseList& list, const std::string& plain) {
  for (const std::uint64_t size : {std::uint64_t{64}, std::uint64_t{8193}, std::uint64_t{32768},
                                   std::uint64_t{32769}, std::uint64_t{64} << 20})
    list.add("percpu-" + std::to_string(size), plain, [size](KoEditor& ko) {
      const std::size_t index = ko.index_of(".data..percpu");
      auto entry = ko.section(index);
      entry.sh_type = SHT_NOBITS;
      entry.sh_size = size;
      ko.set_section(index, entry);
    });
  // The kernel copies what the file holds there, and behind it, whatever the type says.
  list.add("percpu-nobits-inside", plain, [](KoEditor& ko) {
    const std::size_t index = ko.index_of(".data..percpu");
    auto entry = ko.section(index);
    entry.sh_type = SHT_NOBITS;
    entry.sh_size = std::min<std::uint64_t>(8192, ko.bytes().size() - entry.sh_offset);
    ko.set_section(index, entry);
  });
  list.add("percpu-nobits-behind-the-file", plain, [](KoEditor& ko) {
    const std::size_t index = ko.index_of(".data..percpu");
    auto entry = ko.section(index);
    entry.sh_type = SHT_NOBITS;
    entry.sh_offset = ko.bytes().size() - 63;
    entry.sh_size = 64;
    ko.set_section(index, entry);
  });
  list.add("percpu-alignment", plain, [](KoEditor& ko) {
    const std::size_t index = ko.index_of(".data..percpu");
    auto entry = ko.section(index);
    entry.sh_addralign = 8192;
    ko.set_section(index, entry);
  });
}

/// Static arrays about the size that is taken to be there, and about all the room for modules.
void add_size_cases(CaseList& list, const std::string& plain) {
  for (const std::uint64_t mib : {1ULL, 63ULL, 64ULL, 1007ULL, 1008ULL, 1009ULL, 2048ULL, 4096ULL})
    list.add(
        "size-" + std::to_string(mib) + "-mib", plain,
        [mib](KoEditor& ko) {
          ko.add_section(".bss.agree", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, "");
          const std::size_t index = ko.index_of(".bss.agree");
          auto entry = ko.section(index);
          entry.sh_size = mib << 20;
          ko.set_section(index, entry);
        },
        mib == 2048);
}

/// BTF with a base of its own, whose types every kernel has, or none.
void add_relocated_btf_cases(CaseList& list, const std::string& plain) {
  const auto add = [&](const std::string& name, auto fill_base, auto fill, bool ci = false) {
    BtfMaker base;
    fill_base(base);
    BtfMaker own = BtfMaker::on(base);
    fill(own);
    list.add(
        "btf-base-" + name, plain,
        [base = base.build(), own = own.build()](KoEditor& ko) {
          if (!ko.has(".BTF")) ko.add_section(".BTF", SHT_PROGBITS, 0, "");
          ko.replace(".BTF", own);
          ko.add_section(".BTF.base", SHT_PROGBITS, 0, base, 4);
        },
        ci);
  };
  const auto pointer = [](BtfMaker& own) { own.pointer(1); };
  const auto nothing = [](BtfMaker&) {};
  const auto by_value = [](BtfMaker& own) { own.holder("agree_holder", 64, own.array(1, 1, 2)); };
  const auto bare = [](std::uint32_t kind, const std::string& name, std::uint32_t size,
                       bool flag = false) {
    return [=](BtfMaker& base) { base.bare(kind, name, size, flag); };
  };
  const auto number = [](std::uint32_t size, std::uint32_t encoding) {
    return [=](BtfMaker& base) { base.number("int", size, encoding); };
  };
  add("int", number(4, BTF_INT_SIGNED), pointer, true);
  add("int-of-8", number(8, BTF_INT_SIGNED), pointer, true);
  add("int-unsigned", number(4, 0), pointer);
  add("struct", bare(BTF_KIND_STRUCT, "list_head", 16), pointer);
  add("struct-of-another-size", bare(BTF_KIND_STRUCT, "list_head", 24), pointer);
  add("struct-by-value", bare(BTF_KIND_STRUCT, "list_head", 16), by_value, true);
  add("struct-by-value-of-another-size", bare(BTF_KIND_STRUCT, "list_head", 24), by_value, true);
  add("struct-missing", bare(BTF_KIND_STRUCT, "agree_no_such", 16), pointer);
  add("struct-as-union", bare(BTF_KIND_UNION, "list_head", 16), pointer);
  add("forward", bare(BTF_KIND_FWD, "list_head", 0), pointer);
  add("forward-union", bare(BTF_KIND_FWD, "list_head", 0, true), pointer);
  add("enum", bare(BTF_KIND_ENUM, "pid_type", 4), pointer);
  add("enum-of-8", bare(BTF_KIND_ENUM, "pid_type", 8), pointer);
  add("enum64", bare(BTF_KIND_ENUM64, "pid_type", 4), pointer);
  add(
      "anonymous", [](BtfMaker& base) { base.type(BTF_KIND_STRUCT, 0, 16); }, pointer, true);
  add(
      "pointer",
      [](BtfMaker& base) {
        base.number("int", 4, BTF_INT_SIGNED);
        base.pointer(1);
      },
      pointer, true);
  add(
      "twice",
      [](BtfMaker& base) {
        base.bare(BTF_KIND_STRUCT, "list_head", 16);
        base.bare(BTF_KIND_STRUCT, "list_head", 24);
      },
      pointer);
  add("bad-size", bare(BTF_KIND_ENUM, "pid_type", 3), pointer, true);
  add("bad-name", bare(BTF_KIND_STRUCT, "two words", 16), pointer);
  add("without-types", nothing, [](BtfMaker& own) { own.pointer(0); });
  add("below-nothing", number(4, BTF_INT_SIGNED), nothing);
  add(
      "string-of-the-base", number(4, BTF_INT_SIGNED),
      [](BtfMaker& own) { own.type(BTF_KIND_TYPEDEF, 2, 1); }, true);
  add("name-of-the-base", number(4, BTF_INT_SIGNED),
      [](BtfMaker& own) { own.type(BTF_KIND_TYPEDEF, 1, 1); });
  add("bad-type-above", number(4, BTF_INT_SIGNED),
      [](BtfMaker& own) { own.alias("two words", 1); });
  for (const std::size_t size : {8U, 23U, 24U})
    list.add("btf-base-cut-to-" + std::to_string(size), plain, [size](KoEditor& ko) {
      BtfMaker base;
      base.number("int", 4, BTF_INT_SIGNED);
      ko.add_section(".BTF.base", SHT_PROGBITS, 0, base.build().substr(0, size), 4);
    });
}

void add_btf_cases(CaseList& list, const Honest& honest) {
  const auto& plain = honest["agree_plain"];
  const auto btf = [&](const std::string& name, auto make, bool ci = false) {
    list.add(
        "btf-" + name, plain,
        [make](KoEditor& ko) {
          if (!ko.has(".BTF")) ko.add_section(".BTF", SHT_PROGBITS, 0, "");
          std::string text = ko.content(".BTF");
          make(text);
          ko.replace(".BTF", text);
        },
        ci);
  };
  btf("empty", [](std::string& text) { text.clear(); });
  btf(
      "garbage", [](std::string& text) { text = "this is no BTF"; }, true);
  btf("wrong-magic", [](std::string& text) { text.replace(0, 1, "\x01"); });
  btf("wrong-version", [](std::string& text) { text.replace(2, 1, "\x09"); });
  btf("cut", [](std::string& text) { text.pop_back(); });
  btf("longer", [](std::string& text) { text += std::string(4, '\0'); });
  for (const std::size_t size : {0U, 7U})
    list.add("btf-base-of-" + std::to_string(size), plain, [size](KoEditor& ko) {
      ko.add_section(".BTF.base", SHT_PROGBITS, 0, std::string(size, '\0'), 4);
    });
  add_relocated_btf_cases(list, plain);
  list.add("btf-removed", plain, [](KoEditor& ko) { ko.rename_section(".BTF", ".gone"); });
  list.add("btf-allocated-garbage", plain, [](KoEditor& ko) {
    ko.rename_section(".BTF", ".gone");
    ko.add_section(".BTF", SHT_PROGBITS, SHF_ALLOC, "this is no BTF");
  });
}

}  // namespace

void add_formation_cases(CaseList& list, const Honest& honest) {
  const auto& plain = honest["agree_plain"];
  add_relocation_cases(list, plain);
  add_symbol_relocation_cases(list, plain);
  add_symbol_table_alignment_cases(list, plain);
  add_flag_cases(list, plain);
  add_percpu_cases(list, plain);
  add_size_cases(list, plain);
  add_btf_cases(list, honest);
  list.add("constructors-both", plain, [](KoEditor& ko) {
    ko.add_section(".ctors", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(8, '\0'), 8);
    ko.add_section(".init_array", SHT_INIT_ARRAY, SHF_ALLOC | SHF_WRITE, std::string(8, '\0'), 8);
  });
  list.add("obsolete-parameters", plain, [](KoEditor& ko) {
    ko.add_section("__obsparm", SHT_PROGBITS, SHF_ALLOC, std::string(64, '\0'), 8);
  });
  list.add("two-sections-of-one-name", plain, [](KoEditor& ko) {
    ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC, "content");
    ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC, "more");
  });
  list.add("two-empty-sections-of-one-name", plain, [](KoEditor& ko) {
    ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC, "content");
    ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC, "");
  });
  list.add("unknown-section", plain,
           [](KoEditor& ko) { ko.add_section(".agree", SHT_PROGBITS, SHF_ALLOC, "content"); });
}

}  // namespace kovet::testing
