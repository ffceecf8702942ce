#include <elf.h>

#include <algorithm>
#include <array>
#include <span>

#include "module/read_parts.h"

// What arch/*/kernel/module.c would object to, as far as it follows from the file alone.
// Addresses are not known, but the range they fall into is: on x86-64 modules and the kernel
// live in the top 2 GiB.

namespace kovet {

namespace {

constexpr std::size_t most_issues = RelocationIssue::most;
constexpr std::uint64_t rela_livepatch =
    0x00100000;  // SHF_RELA_LIVEPATCH of include/uapi/linux/elf.h

struct Entry {
  std::uint64_t offset;
  std::uint64_t info;
  std::uint64_t addend;
};

/// The types a machine's apply_relocate*() has a case for (Linux 6.1 and 6.12).
struct MachineTypes {
  std::span<const std::uint16_t> always;
  std::span<const std::uint16_t> sometimes;  // see conditional() of gates/relocations.cpp
};

constexpr std::array<std::uint16_t, 3> x86_types{R_386_32, R_386_PC32, R_386_PLT32};
constexpr std::array<std::uint16_t, 39> arm64_types{R_AARCH64_NONE,
                                                    256,
                                                    R_AARCH64_ABS64,
                                                    R_AARCH64_ABS32,
                                                    R_AARCH64_ABS16,
                                                    R_AARCH64_PREL64,
                                                    R_AARCH64_PREL32,
                                                    R_AARCH64_PREL16,
                                                    R_AARCH64_MOVW_UABS_G0,
                                                    R_AARCH64_MOVW_UABS_G0_NC,
                                                    R_AARCH64_MOVW_UABS_G1,
                                                    R_AARCH64_MOVW_UABS_G1_NC,
                                                    R_AARCH64_MOVW_UABS_G2,
                                                    R_AARCH64_MOVW_UABS_G2_NC,
                                                    R_AARCH64_MOVW_UABS_G3,
                                                    R_AARCH64_MOVW_SABS_G0,
                                                    R_AARCH64_MOVW_SABS_G1,
                                                    R_AARCH64_MOVW_SABS_G2,
                                                    R_AARCH64_LD_PREL_LO19,
                                                    R_AARCH64_ADR_PREL_LO21,
                                                    R_AARCH64_ADR_PREL_PG_HI21,
                                                    R_AARCH64_ADR_PREL_PG_HI21_NC,
                                                    R_AARCH64_ADD_ABS_LO12_NC,
                                                    R_AARCH64_LDST8_ABS_LO12_NC,
                                                    R_AARCH64_TSTBR14,
                                                    R_AARCH64_CONDBR19,
                                                    R_AARCH64_JUMP26,
                                                    R_AARCH64_CALL26,
                                                    R_AARCH64_LDST16_ABS_LO12_NC,
                                                    R_AARCH64_LDST32_ABS_LO12_NC,
                                                    R_AARCH64_LDST64_ABS_LO12_NC,
                                                    R_AARCH64_MOVW_PREL_G0,
                                                    R_AARCH64_MOVW_PREL_G0_NC,
                                                    R_AARCH64_MOVW_PREL_G1,
                                                    R_AARCH64_MOVW_PREL_G1_NC,
                                                    R_AARCH64_MOVW_PREL_G2,
                                                    R_AARCH64_MOVW_PREL_G2_NC,
                                                    R_AARCH64_MOVW_PREL_G3,
                                                    R_AARCH64_LDST128_ABS_LO12_NC};
constexpr std::array<std::uint16_t, 13> arm_types{
    R_ARM_NONE,     R_ARM_ABS32,        R_ARM_TARGET1,  R_ARM_PC24,  R_ARM_CALL,
    R_ARM_JUMP24,   R_ARM_V4BX,         R_ARM_PREL31,   R_ARM_REL32, R_ARM_MOVW_ABS_NC,
    R_ARM_MOVT_ABS, R_ARM_MOVW_PREL_NC, R_ARM_MOVT_PREL};
constexpr std::array<std::uint16_t, 9> arm_conditional{R_ARM_THM_PC22 /* THM_CALL */,
                                                       R_ARM_THM_JUMP24,
                                                       R_ARM_THM_MOVW_ABS_NC,
                                                       R_ARM_THM_MOVT_ABS,
                                                       R_ARM_THM_MOVW_PREL_NC,
                                                       R_ARM_THM_MOVT_PREL,
                                                       R_ARM_ALU_PC_G0_NC,
                                                       R_ARM_ALU_PC_G1_NC,
                                                       R_ARM_LDR_PC_G2};
constexpr std::array<std::uint16_t, 8> ppc64_types{
    R_PPC64_ADDR32, R_PPC64_ADDR64,  R_PPC64_REL24,    R_PPC64_REL64,
    R_PPC64_REL32,  118 /* ENTRY */, R_PPC64_REL16_HA, R_PPC64_REL16_LO};
constexpr std::array<std::uint16_t, 10> ppc64_conditional{R_PPC64_TOC,       R_PPC64_TOC16,
                                                          R_PPC64_TOC16_LO,  R_PPC64_TOC16_HA,
                                                          R_PPC64_TOC16_DS,  R_PPC64_TOC16_LO_DS,
                                                          R_PPC64_TOCSAVE,   116 /* REL24_NOTOC */,
                                                          132 /* PCREL34 */, 133 /* GOT_PCREL34 */};
constexpr std::array<std::uint16_t, 36> s390_types{
    R_390_NONE,     R_390_8,        R_390_12,       R_390_16,       R_390_20,       R_390_32,
    R_390_64,       R_390_PC16,     R_390_PC16DBL,  R_390_PC32DBL,  R_390_PC32,     R_390_PC64,
    R_390_GOT12,    R_390_GOT16,    R_390_GOT20,    R_390_GOT32,    R_390_GOT64,    R_390_GOTENT,
    R_390_GOTPLT12, R_390_GOTPLT16, R_390_GOTPLT20, R_390_GOTPLT32, R_390_GOTPLT64, R_390_GOTPLTENT,
    R_390_PLT16DBL, R_390_PLT32DBL, R_390_PLT32,    R_390_PLT64,    R_390_PLTOFF16, R_390_PLTOFF32,
    R_390_PLTOFF64, R_390_GOTOFF16, R_390_GOTOFF32, R_390_GOTOFF64, R_390_GOTPC,    R_390_GOTPCDBL};
constexpr std::array<std::uint16_t, 11> mips_types{
    R_MIPS_NONE,      R_MIPS_32,        R_MIPS_26, R_MIPS_HI16,   R_MIPS_LO16,   R_MIPS_PC16,
    60 /* PC21_S2 */, 61 /* PC26_S2 */, R_MIPS_64, R_MIPS_HIGHER, R_MIPS_HIGHEST};
constexpr std::array<std::uint16_t, 20> riscv_types{
    R_RISCV_32,           R_RISCV_64,           R_RISCV_BRANCH,   R_RISCV_JAL,
    R_RISCV_CALL,         R_RISCV_CALL_PLT,     R_RISCV_GOT_HI20, R_RISCV_PCREL_HI20,
    R_RISCV_PCREL_LO12_I, R_RISCV_PCREL_LO12_S, R_RISCV_HI20,     R_RISCV_LO12_I,
    R_RISCV_LO12_S,       R_RISCV_ADD32,        R_RISCV_ADD64,    R_RISCV_SUB32,
    R_RISCV_SUB64,        R_RISCV_RVC_BRANCH,   R_RISCV_RVC_JUMP, R_RISCV_RELAX};
constexpr std::array<std::uint16_t, 13> riscv_conditional{R_RISCV_ADD8,
                                                          R_RISCV_ADD16,
                                                          R_RISCV_SUB8,
                                                          R_RISCV_SUB16,
                                                          R_RISCV_SUB6,
                                                          R_RISCV_SET6,
                                                          R_RISCV_SET8,
                                                          R_RISCV_SET16,
                                                          R_RISCV_SET32,
                                                          R_RISCV_32_PCREL,
                                                          59 /* PLT32 */,
                                                          60 /* SET_ULEB128 */,
                                                          61 /* SUB_ULEB128 */};

/// Tables of x86-64 whose entries the loader follows, all of which compilers and objtool fill with
/// pointers into sections.
constexpr std::array<std::string_view, 4> pointer_tables{"__param", "__mcount_loc", ".init_array",
                                                         ".ctors"};
constexpr std::array<std::string_view, 5> offset_tables{
    ".return_sites", ".retpoline_sites", ".call_sites", ".ibt_endbr_seal", ".smp_locks"};
constexpr std::array<std::string_view, 3> mixed_tables{".static_call_sites", "__jump_table",
                                                       ".altinstructions"};

enum class Table : std::uint8_t { none, pointers, offsets, mixed };

Table table_of(std::string_view name) {
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (among(pointer_tables)) return Table::pointers;
  if (among(offset_tables)) return Table::offsets;
  return among(mixed_tables) ? Table::mixed : Table::none;
}

/// Both empty: the types of this machine are not looked at.
MachineTypes types_of(Arch arch) {
  switch (arch) {
    case Arch::x86:
      return {x86_types, {}};
    case Arch::arm64:
      return {arm64_types, {}};
    case Arch::arm:
      return {arm_types, arm_conditional};
    case Arch::ppc64:
      return {ppc64_types, ppc64_conditional};
    case Arch::s390x:
      return {s390_types, {}};
    case Arch::mips:
    case Arch::mips64:
      return {mips_types, {}};
    case Arch::riscv64:
      return {riscv_types, riscv_conditional};
    default:
      return {};
  }
}

/// Kernels for mips64 take both.
bool takes_rela(Arch arch) {
  return arch != Arch::x86 && arch != Arch::arm && arch != Arch::mips;
}

class Scanner {
 public:
  Scanner(Module& module, const ElfLayout& layout)
      : module_(module),
        layout_(layout),
        types_(types_of(module.arch)),
        symbols_(module.section_of_type(SHT_SYMTAB)),
        symtab_(find_symtab(module)),
        strtab_(symtab_ && symtab_->link != SHN_UNDEF && symtab_->link < module.sections.size()
                    ? &module.sections[symtab_->link]
                    : nullptr),
        percpu_(module.section(".data..percpu", true)),
        static_calls_(module.section(".static_call_sites", true)),
        not_kept_{module.section("__versions", true), module.section(".modinfo", true)} {
    for (const Section& section : module.sections)
      stays_.push_back(&section == percpu_ || is_relocated(section));
  }

  void scan() {
    for (std::uint32_t i = 1; i < module_.sections.size(); ++i) {
      const Section& section = module_.sections[i];
      const bool livepatch = section.flags & rela_livepatch;  // whatever type it has
      if (section.type != SHT_REL && section.type != SHT_RELA && !livepatch) continue;
      if (section.info >= module_.sections.size() || !is_relocated(module_.sections[section.info]))
        continue;
      if (livepatch) {
        look_at_livepatch(i);
        continue;
      }
      if (!scan_section(i)) return;
    }
  }

 private:
  using Kind = RelocationIssue::Kind;

  static const Section* find_symtab(const Module& module) {
    const auto found = std::find_if(module.sections.begin(), module.sections.end(),
                                    [](const Section& s) { return s.type == SHT_SYMTAB; });
    return found == module.sections.end() ? nullptr : &*found;
  }

  /// The loader takes SHF_ALLOC away from what it does not keep, and from per-CPU data: from the
  /// first of each name. It gives it to the symbol table and its strings with CONFIG_KALLSYMS.
  bool is_relocated(const Section& target) const {
    if (&target == symtab_ || &target == strtab_) return true;
    return (target.flags & SHF_ALLOC) && &target != percpu_ && &target != not_kept_[0] &&
           &target != not_kept_[1];
  }

  /// klp_apply_section_relocs(): sscanf(name, ".klp.rela.%55[^.]"). Those of other objects than
  /// vmlinux wait until these are loaded.
  void look_at_livepatch(std::uint32_t index) {
    constexpr std::string_view prefix = ".klp.rela.", vmlinux = "vmlinux";
    std::string_view object = module_.sections[index].name;
    if (!object.starts_with(prefix) || object.size() == prefix.size() ||
        object[prefix.size()] == '.') {
      note(Kind::livepatch_name, index, 0, 0);
      return;
    }
    object.remove_prefix(prefix.size());
    object = object.substr(0, object.find('.'));
    if (object == vmlinux && module_.sections[index].size >= 3 * layout_.word())
      note(Kind::livepatch_symbols, index, 0, 0);
  }

  /// False when enough issues were found.
  bool scan_section(std::uint32_t index) {
    const Section& section = module_.sections[index];
    const bool rela = section.type == SHT_RELA;
    if (rela != takes_rela(module_.arch) && module_.arch != Arch::mips64) {
      note(Kind::unsupported_format, index, 0, 0);
      return true;
    }
    if (types_.always.empty() && module_.arch != Arch::x86_64) return true;
    const std::size_t word = layout_.word();
    const std::size_t size = word * (rela ? 3 : 2);
    filled_.clear();
    filled_up_to_ = 0;
    if (module_.arch == Arch::x86_64 && !earlier_tables(index, section.info)) return true;
    const Section& target = module_.sections[section.info];
    table_ = module_.arch == Arch::x86_64 ? table_of(target.name) : Table::none;
    // The last entry, which is not whole, is read all the same.
    if (table_ == Table::offsets && target.size % sizeof(std::uint32_t) != 0)
      note(Kind::out_of_bounds, index, 0, target.size);
    const std::byte* at = section.bytes.data();
    const std::byte* end = at + section.bytes.size() / size * size;
    for (at_entry_ = 0; at != end; at += size, ++at_entry_) {
      const Entry entry{layout_.unsigned_long(at), layout_.unsigned_long(at + word),
                        rela ? layout_.unsigned_long(at + 2 * word) : 0};
      if (module_.arch == Arch::x86_64)
        check_x86_64(index, section.info, entry);
      else
        check_type(index, entry, at);
      if (module_.relocation_issues.size() >= most_issues) return false;
    }
    return true;
  }

  void check_type(std::uint32_t index, const Entry& entry, const std::byte* at) {
    const auto type = type_of(entry, at);
    const auto among = [&](std::span<const std::uint16_t> types) {
      return std::find(types.begin(), types.end(), type) != types.end();
    };
    if (among(types_.always)) return;
    if (!among(types_.sometimes)) {
      note(Kind::unknown_type, index, type, entry.offset);
      return;
    }
    note_conditional(index, type, entry.offset);
  }

  void note_conditional(std::uint32_t index, std::uint32_t type, std::uint64_t offset) {
    const bool noted =
        std::any_of(module_.relocation_issues.begin(), module_.relocation_issues.end(),
                    [&](const RelocationIssue& issue) {
                      return issue.kind == Kind::conditional_type && issue.type == type;
                    });
    if (!noted) note(Kind::conditional_type, index, type, offset);
  }

  std::uint32_t type_of(const Entry& entry, const std::byte* at) const {
    // Of three types that one entry may hold there, the kernel looks at the first.
    if (module_.arch == Arch::mips64) return std::to_integer<std::uint32_t>(at[15]);
    return static_cast<std::uint32_t>(layout_.is_64_bit ? ELF64_R_TYPE(entry.info)
                                                        : ELF32_R_TYPE(entry.info));
  }

  void check_x86_64(std::uint32_t index, std::uint32_t target_index, const Entry& entry) {
    const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(entry.info));
    const std::uint64_t symbol = ELF64_R_SYM(entry.info);
    // The symbol is read before the type is looked at.
    if (symbol >= symbols_.size() / sizeof(Elf64_Sym)) {
      note(Kind::out_of_bounds, index, type, entry.offset);
      return;
    }
    std::size_t width = 4;
    switch (type) {
      case R_X86_64_NONE:
        if (table_ != Table::none) note(Kind::out_of_bounds, index, type, entry.offset);
        return;
      case R_X86_64_64:
      case R_X86_64_PC64:
        width = 8;
        break;
      case R_X86_64_32:
      case R_X86_64_32S:
      case R_X86_64_PC32:
      case R_X86_64_PLT32:
        break;
      default:
        note(Kind::unknown_type, index, type, entry.offset);
        return;
    }
    const Section& target = module_.sections[target_index];
    if (&target == static_calls_ && entry.offset % 8 == 4 && is_code(symbol))
      note(Kind::static_call_key, index, type, entry.offset);
    // By then the kernel has put addresses into the symbol table.
    if (entry.offset > target.size || width > target.size - entry.offset || &target == symtab_) {
      note(Kind::out_of_bounds, index, type, entry.offset);
      return;
    }
    if (const auto section = section_of(symbol);
        section < stays_.size() && section != SHN_UNDEF && !stays_[section])
      note(Kind::out_of_bounds, index, type, entry.offset);
    if (table_ != Table::none && is_wild(type, symbol, entry.addend))
      note(Kind::out_of_bounds, index, type, entry.offset);
    if (fills_again(index, target_index, entry.offset, width))
      note(Kind::overlap, index, type, entry.offset);
    if (!target.bytes.empty()) {
      const auto place = target.bytes.subspan(entry.offset, width);
      if (std::any_of(place.begin(), place.end(), [](std::byte b) { return b != std::byte{0}; }))
        note(Kind::nonzero_target, index, type, entry.offset);
    }
    if (type == R_X86_64_32 && section_of(symbol) < module_.sections.size() &&
        &module_.sections[section_of(symbol)] == percpu_)
      note_conditional(index, type, entry.offset);
    if ((type == R_X86_64_32 || type == R_X86_64_32S) && overflows(type, symbol, entry.addend))
      note(Kind::overflow, index, type, entry.offset);
  }

  /// Whether an entry of such a table is no pointer of its kind, or one that leads out of the
  /// section.
  bool is_wild(std::uint32_t type, std::uint64_t symbol, std::uint64_t addend) const {
    if (type == R_X86_64_32 || type == R_X86_64_32S) return true;
    if (table_ == Table::pointers && type != R_X86_64_64) return true;
    if (table_ == Table::offsets && type != R_X86_64_PC32 && type != R_X86_64_PLT32) return true;
    const std::uint16_t section = section_of(symbol);
    if (section == SHN_UNDEF) {
      constexpr std::uint64_t largest_object = std::uint64_t{16} << 20;  // of the kernel's own
      return symbol == 0 || addend > largest_object;
    }
    if (section >= module_.sections.size()) return true;
    const std::uint64_t value =
        layout_.unsigned_long(symbols_.data() + symbol * sizeof(Elf64_Sym) + 8);
    const std::uint64_t place = value + addend, size = module_.sections[section].size;
    return value > size || place > size;
  }

  /// Tables of one target before this one, which linkers do not make. False: too many to follow.
  bool earlier_tables(std::uint32_t index, std::uint32_t target) {
    constexpr unsigned most_tables = 16;
    if (tables_.empty()) tables_.resize(module_.sections.size());
    const unsigned before = tables_[target]++;
    if (before > 0 && (before >= most_tables || !remember(target))) {
      note(Kind::overlap, index, 0, 0);
      return false;
    }
    for (std::uint32_t i = 1; before > 0 && i < index; ++i) {
      const Section& section = module_.sections[i];
      if (section.type == SHT_RELA && section.info == target && !(section.flags & rela_livepatch))
        fill_all(section.bytes, target);
    }
    return true;
  }

  /// Whether an entry before this one has filled a byte of the place. Entries mostly follow each
  /// other; only where they do not is every byte remembered.
  bool fills_again(std::uint32_t index, std::uint32_t target, std::uint64_t at, std::size_t width) {
    const std::uint64_t end = at + width;
    if (filled_.empty() && at >= filled_up_to_) {
      filled_up_to_ = end;
      return false;
    }
    if (filled_.empty()) {
      if (!remember(target)) return true;
      const auto bytes = module_.sections[index].bytes;
      fill_all(bytes.first(std::min<std::size_t>(bytes.size(), at_entry_ * sizeof(Elf64_Rela))),
               target);
    }
    bool again = false;
    for (std::uint64_t i = at; i < end; ++i) {
      again = again || filled_[i];
      filled_[i] = true;
    }
    return again;
  }

  bool remember(std::uint32_t target) {
    constexpr std::uint64_t most_bytes = 64 << 20;
    const std::uint64_t size = module_.sections[target].size;
    if (size == 0 || size > most_bytes) return false;
    if (filled_.empty()) filled_.resize(size);
    return true;
  }

  void fill_all(std::span<const std::byte> entries, std::uint32_t target) {
    const std::uint64_t size = module_.sections[target].size;
    for (; entries.size() >= sizeof(Elf64_Rela); entries = entries.subspan(sizeof(Elf64_Rela))) {
      const std::uint64_t at = layout_.unsigned_long(entries.data());
      const auto type = static_cast<std::uint32_t>(layout_.unsigned_long(entries.data() + 8));
      const std::size_t width = type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
      if (type == R_X86_64_NONE || at > size || width > size - at) continue;
      std::fill_n(filled_.begin() + static_cast<std::ptrdiff_t>(at), width, true);
    }
  }

  /// st_shndx
  std::uint16_t section_of(std::uint64_t index) const {
    const std::byte* at = symbols_.data() + index * sizeof(Elf64_Sym);
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[6]) |
                                      std::to_integer<unsigned>(at[7]) << 8);
  }

  /// static_call_add_module(): what lies in code must be a trampoline of the kernel's own,
  /// __SCT__*.
  bool is_code(std::uint64_t index) const {
    if (index >= symbols_.size() / sizeof(Elf64_Sym)) return false;
    const std::uint16_t section = section_of(index);
    if (section != SHN_UNDEF)
      return section < module_.sections.size() && (module_.sections[section].flags & SHF_EXECINSTR);
    if (!symtab_ || symtab_->link >= module_.sections.size()) return false;
    const std::string_view name =
        string_at(file_from(module_, module_.sections[symtab_->link]),
                  layout_.u32(symbols_.data() + index * sizeof(Elf64_Sym)));
    return !name.starts_with("__SCT__") && !name.starts_with("__SCK__");
  }

  bool overflows(std::uint32_t type, std::uint64_t index, std::uint64_t addend) const {
    const std::byte* at = symbols_.data() + index * sizeof(Elf64_Sym);
    const std::uint16_t section = section_of(index);
    if (section == SHN_ABS || index == 0) {
      const std::uint64_t base = index == 0 ? 0 : layout_.unsigned_long(at + 8);
      const std::uint64_t value = base + addend;
      return type == R_X86_64_32
                 ? value != static_cast<std::uint32_t>(value)
                 : static_cast<std::int64_t>(value) != static_cast<std::int32_t>(value);
    }
    // Per-CPU data of a module lies among the first addresses, as kernels before 6.15 have it.
    if (section < module_.sections.size() && &module_.sections[section] == percpu_) return false;
    // A weak symbol that nobody exports is 0, and fits; whether it is exported is not known here.
    const bool weak = ELF64_ST_BIND(std::to_integer<unsigned char>(at[4])) == STB_WEAK;
    if (section == SHN_UNDEF && weak) return false;
    return type == R_X86_64_32;
  }

  void note(Kind kind, std::uint32_t section, std::uint32_t type, std::uint64_t offset) {
    if (module_.relocation_issues.size() < most_issues)
      module_.relocation_issues.push_back({kind, section, type, offset});
  }

  Module& module_;
  const ElfLayout& layout_;
  const MachineTypes types_;
  Table table_ = Table::none;       // what the target is
  std::vector<unsigned> tables_;    // by section: how many relocation tables it had so far
  std::uint64_t filled_up_to_ = 0;  // while entries follow each other: end of the last place
  std::vector<bool> filled_;        // by byte of the target, once they do not
  std::size_t at_entry_ = 0;
  std::span<const std::byte> symbols_;
  const Section* symtab_;
  const Section* strtab_;
  const Section* percpu_;
  const Section* static_calls_;
  std::array<const Section*, 2> not_kept_;
  std::vector<bool> stays_;  // by section: it is in memory once the module is loaded
};

}  // namespace

void scan_relocations(Module& module, const ElfLayout& layout) {
  Scanner(module, layout).scan();
}

}  // namespace kovet
