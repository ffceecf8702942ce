#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>

#include "tests/vm/variants.h"

// Honest modules with one thing changed at random. They are loaded with a parameter that is refused
// at the very end, so that what the change did to their code is never run: whatever the loader says
// before that is an answer to the change. What it writes through is left alone: what a relocation
// points to, the tables by which it patches code, and the fields of struct module, which are
// pointers. A kernel that takes damage there dies later or never, and no file tells. The wild ones
// change that as well: of them, many are to be *unknown*.

namespace kovet::testing {

namespace {

class Mutator {
 public:
  Mutator(const std::string& module, std::uint64_t seed) : ko_(module), random_(seed) {}

  /// Changes something about the end of the file, where a signature is.
  std::string mutate_end() { return below(4) == 0 ? length() : signature(); }

  /// Changes the module; returns what was changed.
  std::string mutate() {
    constexpr std::array ways{&Mutator::header,  &Mutator::section_header, &Mutator::section_header,
                              &Mutator::symbol,  &Mutator::symbol,         &Mutator::relocation,
                              &Mutator::modinfo, &Mutator::content,        &Mutator::content,
                              &Mutator::length,  &Mutator::signature};
    return (this->*ways[below(ways.size())])();
  }
  /// The same, and what the loader writes through or goes by.
  std::string mutate_wild() {
    constexpr std::array ways{&Mutator::wild_section,    &Mutator::wild_section,
                              &Mutator::wild_symbol,     &Mutator::wild_relocation,
                              &Mutator::wild_relocation, &Mutator::wild_content,
                              &Mutator::wild_content};
    return (this->*ways[below(ways.size())])();
  }
  const std::string& bytes() const { return ko_.bytes(); }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  /// Values that loaders trip over, near and far from the right one.
  std::uint64_t odd(std::uint64_t right, unsigned bits) {
    const std::array<std::uint64_t, 12> values{0,
                                               1,
                                               right + 1,
                                               right - 1,
                                               right ^ (1ULL << below(bits)),
                                               right * 2,
                                               ko_.count(),
                                               ko_.count() - 1,
                                               ko_.bytes().size(),
                                               ~0ULL,
                                               1ULL << (bits - 1),
                                               random_()};
    return values[below(values.size())];
  }

  template <class Field>
  void set_odd(Field& field) {
    const Field right = field;
    for (int tries = 0; field == right && tries < 64; ++tries)
      field = static_cast<Field>(odd(right, sizeof(Field) * 8));
  }

  std::string header() {
    auto head = ko_.header();
    std::string what;
    const auto set = [&](const char* name, auto& field) {
      what = name;
      set_odd(field);
    };
    switch (below(8)) {
      case 0:
        set("e_ident", head.e_ident[below(EI_NIDENT)]);
        break;
      case 1:
        set("e_type", head.e_type);
        break;
      case 2:
        set("e_machine", head.e_machine);
        break;
      case 3:
        set("e_shoff", head.e_shoff);
        break;
      case 4:
        set("e_shentsize", head.e_shentsize);
        break;
      case 5:
        set("e_shnum", head.e_shnum);
        break;
      case 6:
        set("e_shstrndx", head.e_shstrndx);
        break;
      default:
        set("e_flags", head.e_flags);
    }
    ko_.set_header(head);
    return what;
  }

  std::string name_of(std::size_t index) {
    const auto names = ko_.section(ko_.header().e_shstrndx);
    return ko_.bytes().c_str() + names.sh_offset + ko_.section(index).sh_name;
  }

  std::string section_header() {
    const std::size_t index = below(ko_.count());
    const std::string name = name_of(index);
    auto entry = ko_.section(index);
    if (patches(name)) throw std::runtime_error("by " + name + " the kernel patches code");
    std::string what;
    const auto set = [&](const char* field_name, auto& field) {
      what = name + "." + field_name;
      set_odd(field);
    };
    // Which section is relocated is left alone where it would be another one.
    switch (below(entry.sh_type == SHT_RELA ? 6 : 8)) {
      case 0:
        set("sh_name", entry.sh_name);
        break;
      case 1:
        set("sh_type", entry.sh_type);
        break;
      case 2:
        set("sh_flags", entry.sh_flags);
        break;
      case 3:
        set("sh_offset", entry.sh_offset);
        break;
      case 4:
        set("sh_size", entry.sh_size);
        break;
      case 5:
        set("sh_link", entry.sh_link);
        break;
      case 6:
        set("sh_info", entry.sh_info);
        break;
      default:
        set("sh_entsize", entry.sh_entsize);
    }
    ko_.set_section(index, entry);
    return what;
  }

  std::string symbol() {
    const auto all = ko_.symbols();
    const std::size_t index = below(all.size());
    auto entry = all[index];
    std::string what;
    const auto set = [&](const char* field_name, auto& field) {
      what = "symbol-" + std::to_string(index) + "." + field_name;
      set_odd(field);
    };
    switch (below(5)) {
      case 0:
        set("st_name", entry.st_name);
        break;
      case 1:
        set("st_info", entry.st_info);
        break;
      case 2:
        set("st_other", entry.st_other);
        break;
      case 3:
        set("st_size", entry.st_size);
        break;
      default:
        set("st_shndx", entry.st_shndx);
    }
    ko_.set_symbol(index, entry);
    return what;
  }

  /// Tables by which the loader patches code, or calls it.
  static bool patches(const std::string& table) {
    constexpr std::array names{"__mcount_loc", "_sites",     "altinstr", ".smp_locks",
                               ".orc_",        ".parainstr", "__bug",    ".static_call",
                               "__jump_table", ".ibt_",      "__param"};
    return std::ranges::any_of(
        names, [&](const char* name) { return table.find(name) != std::string::npos; });
  }

  std::string relocation() {
    std::vector<std::string> tables;
    for (std::size_t i = 1; i < ko_.count(); ++i)
      if (ko_.section(i).sh_type == SHT_RELA && ko_.section(i).sh_size != 0 && !patches(name_of(i)))
        tables.push_back(name_of(i));
    if (tables.empty()) throw std::runtime_error("no relocations");
    const auto& table = tables[below(tables.size())];
    auto all = ko_.relocations(table);
    auto& entry = all[below(all.size())];
    auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(entry.r_info));
    // Of code only types that are refused: with others it would be wild, and the kernel patches it.
    constexpr std::uint32_t none_has = 40;
    const bool of_code = table.find("text") != std::string::npos;
    do {
      set_odd(type);
    } while (type == R_X86_64_NONE || (of_code && type < none_has));
    entry.r_info = ELF64_R_INFO(ELF64_R_SYM(entry.r_info), std::uint64_t{type});
    ko_.set_relocations(table, all);
    return table + ".type";
  }

  std::string flip(const std::string& section) {
    const auto text = ko_.content(section);
    if (text.empty()) throw std::runtime_error("empty section");
    const std::size_t at = below(text.size());
    const std::array<char, 5> values{'\0', '\xff', static_cast<char>(text[at] + 1),
                                     static_cast<char>(text[at] ^ (1 << below(8))),
                                     static_cast<char>(random_())};
    ko_.patch(ko_.offset(section) + at, std::string(1, values[below(values.size())]));
    return section + "+" + std::to_string(at);
  }

  std::string modinfo() { return flip(".modinfo"); }

  std::string content() {
    constexpr std::array names{
        "__versions",  ".strtab",       ".shstrtab",     "__ksymtab_strings",
        "__kcrctab",   "__kcrctab_gpl", ".BTF",          ".note.gnu.property",
        ".note.Linux", ".comment",      ".rodata.str1.1"};
    std::vector<std::string> there;
    for (const auto* name : names)
      if (ko_.has(name)) there.emplace_back(name);
    return flip(there[below(there.size())]);
  }

  std::string wild_section() {
    const std::size_t index = below(ko_.count());
    auto entry = ko_.section(index);
    const std::string name = name_of(index);
    switch (below(5)) {
      case 0:
        set_odd(entry.sh_addralign);
        break;
      case 1:
        set_odd(entry.sh_addr);
        break;
      case 2:
        set_odd(entry.sh_info);
        break;
      case 3:
        set_odd(entry.sh_size);
        break;
      default:
        set_odd(entry.sh_type);
    }
    ko_.set_section(index, entry);
    return name + ".wild";
  }

  std::string wild_symbol() {
    const auto all = ko_.symbols();
    const std::size_t index = below(all.size());
    auto entry = all[index];
    if (below(2) == 0)
      set_odd(entry.st_value);
    else
      entry.st_shndx = static_cast<std::uint16_t>(below(ko_.count()));
    ko_.set_symbol(index, entry);
    return "symbol-" + std::to_string(index) + ".wild";
  }

  std::string wild_relocation() {
    std::vector<std::string> tables;
    for (std::size_t i = 1; i < ko_.count(); ++i)
      if (ko_.section(i).sh_type == SHT_RELA && ko_.section(i).sh_size != 0)
        tables.push_back(name_of(i));
    const auto& table = tables[below(tables.size())];
    auto all = ko_.relocations(table);
    const std::size_t index = below(all.size());
    auto& entry = all[index];
    auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(entry.r_info));
    auto symbol = static_cast<std::uint32_t>(ELF64_R_SYM(entry.r_info));
    const char* what = "type";
    switch (below(4)) {
      case 0:
        what = "offset";
        set_odd(entry.r_offset);
        break;
      case 1:
        what = "addend";
        set_odd(entry.r_addend);
        break;
      case 2:
        what = "symbol";
        if (below(2) == 0)
          set_odd(symbol);
        else
          symbol = static_cast<std::uint32_t>(below(ko_.symbols().size()));
        break;
      default:
        if (below(2) == 0)
          set_odd(type);
        else
          type = static_cast<std::uint32_t>(below(40));
    }
    entry.r_info = ELF64_R_INFO(std::uint64_t{symbol}, std::uint64_t{type});
    ko_.set_relocations(table, all);
    return table + "-" + std::to_string(index) + "." + what;
  }

  std::string wild_content() {
    std::vector<std::string> there;
    for (std::size_t i = 1; i < ko_.count(); ++i)
      if (ko_.section(i).sh_type != SHT_NOBITS && ko_.section(i).sh_size != 0)
        there.push_back(name_of(i));
    return flip(there[below(there.size())]) + ".wild";
  }

  std::string length() {
    const std::size_t size = ko_.bytes().size();
    switch (below(4)) {
      case 0:
        ko_.resize(below(size));
        return "cut";
      case 1:
        ko_.resize(size - 1 - below(200));
        return "cut-at-the-end";
      case 2:
        ko_.append(std::string(1 + below(64), static_cast<char>(random_())));
        return "longer";
      default:
        ko_.table_to_end().resize(ko_.bytes().size() - below(130));
        return "table-at-the-end-cut";
    }
  }

  /// Anywhere in the last bytes: a signature, where there is one.
  std::string signature() {
    const std::size_t size = ko_.bytes().size(), back = 1 + below(std::min<std::size_t>(size, 700));
    ko_.patch(size - back,
              std::string(1, static_cast<char>(ko_.bytes()[size - back] ^ (1 << below(8)))));
    return "end-" + std::to_string(back);
  }

  KoEditor ko_;
  std::mt19937_64 random_;
};

}  // namespace

CaseList wild_cases(const Honest& honest, std::size_t count, std::uint64_t seed) {
  CaseList list;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string prefix = "wild-" + std::to_string(seed + i);
    try {
      Mutator mutator(honest[i % 3 == 0 ? "agree_exports" : "agree_rich"], seed + i);
      const std::string what = mutator.mutate_wild();
      list.add_bytes(prefix + "-" + what, mutator.bytes(), false, 0, "result=x");
    } catch (const std::exception& reason) {
      list.leave_out(prefix, reason.what());
    }
  }
  return list;
}

CaseList mutated_cases(const Honest& honest, std::size_t count, std::uint64_t seed) {
  CaseList list;
  constexpr std::uint64_t every_few = 6;  // of those that are signed
  const auto& kernels_own =
      honest.signed_module.empty() ? honest["agree_signed"] : honest.signed_module;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string prefix = "mutated-" + std::to_string(seed + i);
    try {
      const bool of_signature = i % every_few == 0;
      Mutator mutator(!of_signature              ? honest["agree_rich"]
                      : i % (2 * every_few) == 0 ? kernels_own
                                                 : honest["agree_signed"],
                      seed + i);
      const std::string what = of_signature ? mutator.mutate_end() : mutator.mutate();
      list.add_bytes(prefix + "-" + what, mutator.bytes(), false, 0,
                     of_signature ? "" : "result=x");
      if (of_signature) list.let_talk();
    } catch (const std::exception& reason) {
      list.leave_out(prefix, reason.what());
    }
  }
  return list;
}

}  // namespace kovet::testing
