#include <elf.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "module/read_parts.h"

// Tables of x86-64 by which the loader patches code, takes locks and calls functions: what objtool
// and compilers write into them is always of one form. The kernel trusts it.

namespace kovet {

namespace {

constexpr std::size_t entry_size = sizeof(Elf64_Rela);

class FollowedTables {
 public:
  FollowedTables(Module& module, const ElfLayout& layout)
      : module_(module),
        layout_(layout),
        tables_(module.sections.size(), 0),
        cursors_(module.sections.size(), 0) {
    const auto& sections = module.sections;
    for (std::uint32_t i = 1; i < sections.size(); ++i)
      if (sections[i].type == SHT_RELA && sections[i].info < sections.size() &&
          tables_[sections[i].info] == 0)
        tables_[sections[i].info] = i;
    const auto symtab = std::find_if(sections.begin(), sections.end(),
                                     [](const Section& s) { return s.type == SHT_SYMTAB; });
    if (symtab == sections.end()) return;
    symbols_ = symtab->bytes;
    if (symtab->link != SHN_UNDEF && symtab->link < sections.size())
      names_ = file_from(module, sections[symtab->link]);
  }

  void scan() {
    if (const auto table = index_of(".gnu.linkonce.this_module")) look_at_this_module(*table);
    if (const auto table = index_of("__param")) look_at_parameters(*table);
    constexpr std::byte call{0xe8}, jump{0xe9};
    if (const auto table = index_of("__mcount_loc"))
      look_at_sites(*table, sizeof(std::uint64_t), {call, {"__fentry__", "mcount"}, SHN_UNDEF});
    if (const auto table = index_of(".return_sites"))
      look_at_sites(*table, sizeof(std::uint32_t), {jump, {"__x86_return_thunk", ""}, SHN_UNDEF});
  }

 private:
  struct Entry {
    std::uint64_t at = 0;  // r_offset
    std::uint32_t type = 0, symbol = 0;
    std::uint64_t addend = 0;
  };

  /// A call or a jump to a symbol of the kernel's, of five bytes.
  struct Branch {
    std::byte opcode;
    std::array<std::string_view, 2> symbols;  // either; compilers before -mfentry called mcount
    std::uint32_t index;                      // of the symbol, once it was seen
  };

  std::optional<std::uint32_t> index_of(std::string_view name) const {
    const Section* section = module_.section(name, true);
    if (!section || section->size == 0) return std::nullopt;
    return static_cast<std::uint32_t>(section - module_.sections.data());
  }

  std::span<const std::byte> entries_of(std::uint32_t target) const {
    return tables_[target] == 0 ? std::span<const std::byte>()
                                : module_.sections[tables_[target]].bytes;
  }

  Entry entry_at(std::span<const std::byte> entries, std::size_t number) const {
    const std::byte* at = entries.data() + number * entry_size;
    const std::uint64_t info = layout_.unsigned_long(at + 8);
    return {layout_.unsigned_long(at), static_cast<std::uint32_t>(info),
            static_cast<std::uint32_t>(info >> 32), layout_.unsigned_long(at + 16)};
  }

  const std::byte* symbol(std::uint32_t index) const {
    return index < symbols_.size() / sizeof(Elf64_Sym) ? symbols_.data() + index * sizeof(Elf64_Sym)
                                                       : nullptr;
  }
  std::string_view name_of(std::uint32_t index) const {
    const std::byte* found = symbol(index);
    return found ? string_at(names_, layout_.u32(found)) : std::string_view();
  }
  /// st_shndx; SHN_UNDEF also where there is no such symbol.
  std::uint32_t section_of(std::uint32_t index) const {
    const std::byte* found = symbol(index);
    return found ? layout_.u16(found + 6) : SHN_UNDEF;
  }
  /// Into its section, bytes.
  std::uint64_t place_of(const Entry& entry) const {
    const std::byte* found = symbol(entry.symbol);
    return (found ? layout_.unsigned_long(found + 8) : 0) + entry.addend;
  }

  using Kind = OddTable::Kind;

  void note(Kind kind, std::uint32_t table, std::uint64_t offset = 0) {
    module_.odd_tables.push_back({kind, table, offset});
  }

  /// modpost's source: .init = init_module, .exit = cleanup_module, in this order behind the name.
  void look_at_this_module(std::uint32_t table) {
    constexpr std::uint64_t behind_name = 3 * 8 + 56;
    const auto entries = entries_of(table);
    std::uint64_t init = 0, exit = 0;  // where they are
    for (std::size_t i = 0; i < entries.size() / entry_size; ++i) {
      const Entry entry = entry_at(entries, i);
      if (entry.type == R_X86_64_NONE) continue;
      const std::string_view name = name_of(entry.symbol);
      std::uint64_t& place = name == "init_module" ? init : exit;
      if ((name != "init_module" && name != "cleanup_module") || place != 0 || entry.addend != 0 ||
          entry.at < behind_name || entry.at % sizeof(std::uint64_t) != 0)
        return note(Kind::init_pointers, table, entry.at);
      place = entry.at;
    }
    if (exit != 0 && exit < init) note(Kind::init_pointers, table, exit);
  }

  /// Loading a parameter's value takes a lock of the module that its entry names, if it names one.
  void look_at_parameters(std::uint32_t table) {
    constexpr std::uint64_t size = 40, name = 0, owner = 8, operations = 16, argument = 32;
    const auto this_module = index_of(".gnu.linkonce.this_module");
    const auto percpu = index_of(".data..percpu");  // its symbols are offsets, not addresses
    const auto entries = entries_of(table);
    const auto bytes = module_.sections[table].bytes;
    std::uint64_t operation_tables = 0;
    for (std::size_t i = 0; i < entries.size() / entry_size; ++i) {
      const Entry entry = entry_at(entries, i);
      if (entry.type == R_X86_64_NONE) continue;
      const std::uint32_t section = section_of(entry.symbol);
      const bool is_code =
          section < module_.sections.size() && (module_.sections[section].flags & SHF_EXECINSTR);
      bool fits = !percpu || section != *percpu;
      switch (entry.at % size) {
        case owner:
          fits = fits && this_module && section == *this_module && place_of(entry) == 0;
          break;
        case operations:
          fits = fits && !is_code && (section != SHN_UNDEF || entry.addend == 0);
          ++operation_tables;
          break;
        case name:
          fits = fits && !is_code && section != SHN_UNDEF && section < module_.sections.size();
          break;
        case argument:  // whatever the setter takes: a function, too
          break;
        default:
          fits = false;
      }
      if (!fits) return note(Kind::parameter, table, entry.at);
    }
    for (std::uint64_t at = 0; at + size <= bytes.size(); at += size) {
      const auto held = bytes.subspan(at + owner, sizeof(std::uint64_t));
      if (std::any_of(held.begin(), held.end(), [](std::byte b) { return b != std::byte{0}; }))
        return note(Kind::parameter, table, at + owner);
    }
    if (operation_tables != module_.sections[table].size / size) note(Kind::unfilled, table);
  }

  /// Every entry of `width` bytes leads to a branch that is as the compiler made it.
  void look_at_sites(std::uint32_t table, std::uint64_t width, Branch branch) {
    const bool calls = branch.opcode == std::byte{0xe8};
    const std::uint64_t size = module_.sections[table].size;
    const auto entries = entries_of(table);
    const std::size_t count = entries.size() / entry_size;
    if (size % width != 0 || count != size / width) return note(Kind::unfilled, table);
    bool nops = false;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> sites;  // section, place in it
    sites.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Entry entry = entry_at(entries, i);
      if (entry.at % width != 0) return note(Kind::unfilled, table, entry.at);
      const std::uint32_t section = section_of(entry.symbol);
      const std::uint64_t place = place_of(entry);
      sites.emplace_back(section, place);
      if (is_branch(section, place, branch)) continue;
      if (!calls || !is_nop(section, place))
        return note(calls ? Kind::call_site : Kind::return_site, table, entry.at);
      if (!nops) note(Kind::nop_site, table, entry.at);
      nops = true;
    }
    // What was patched once is not what it was.
    if (!std::is_sorted(sites.begin(), sites.end())) std::sort(sites.begin(), sites.end());
    if (std::adjacent_find(sites.begin(), sites.end()) != sites.end()) note(Kind::twice, table);
  }

  static constexpr std::size_t instruction_size = 5;  // bytes, of a branch and of the nop for one

  /// Empty: not inside.
  std::span<const std::byte> instruction(std::uint32_t section, std::uint64_t at) const {
    if (section == SHN_UNDEF || section >= module_.sections.size()) return {};
    const auto code = module_.sections[section].bytes;
    if (at > code.size() || code.size() - at < instruction_size) return {};
    return code.subspan(at, instruction_size);
  }

  bool is_nop(std::uint32_t section, std::uint64_t at) const {
    constexpr std::array nop{std::byte{0x0f}, std::byte{0x1f}, std::byte{0x44}, std::byte{0},
                             std::byte{0}};
    const auto found = instruction(section, at);
    return std::equal(found.begin(), found.end(), nop.begin(), nop.end());
  }

  bool is_branch(std::uint32_t section, std::uint64_t at, Branch& branch) {
    constexpr std::uint64_t from_next_instruction = ~std::uint64_t{0} - 3;  // -4
    const auto found = instruction(section, at);
    if (found.empty() || found[0] != branch.opcode) return false;
    const auto entry = find(section, at + 1);
    if (!entry || entry->addend != from_next_instruction ||
        (entry->type != R_X86_64_PLT32 && entry->type != R_X86_64_PC32))
      return false;
    if (branch.index != SHN_UNDEF) return entry->symbol == branch.index;
    const std::string_view name = name_of(entry->symbol);
    if (name.empty() || section_of(entry->symbol) != SHN_UNDEF ||
        std::find(branch.symbols.begin(), branch.symbols.end(), name) == branch.symbols.end())
      return false;
    branch.index = entry->symbol;
    return true;
  }

  /// The relocation of that place. Compilers write them in the order of places, and so are the
  /// tables that lead there: the next one is mostly near the last one.
  std::optional<Entry> find(std::uint32_t section, std::uint64_t at) {
    constexpr std::size_t near = 8;
    const auto entries = entries_of(section);
    const std::size_t count = entries.size() / entry_size;
    std::size_t& cursor = cursors_[section];
    for (std::size_t i = cursor; i < std::min(cursor + near, count); ++i) {
      const Entry entry = entry_at(entries, i);
      if (entry.at != at) continue;
      cursor = i;
      return entry;
    }
    std::size_t low = 0, high = count;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (entry_at(entries, middle).at < at)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == count || entry_at(entries, low).at != at) return std::nullopt;
    cursor = low;
    return entry_at(entries, low);
  }

  Module& module_;
  const ElfLayout& layout_;
  std::vector<std::uint32_t> tables_;  // by section: its first relocation section, 0: none
  std::vector<std::size_t> cursors_;   // by section: number of the relocation found last
  std::span<const std::byte> symbols_, names_;
};

}  // namespace

void scan_followed_tables(Module& module, const ElfLayout& layout) {
  if (module.arch == Arch::x86_64) FollowedTables(module, layout).scan();
}

}  // namespace kovet
