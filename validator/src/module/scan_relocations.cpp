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

constexpr std::size_t most_issues = 64;

struct Entry {
  std::uint64_t offset;
  std::uint64_t info;
  std::uint64_t addend;
};

/// The types each machine's apply_relocate*() has a case for (Linux 6.12), ascending.
constexpr std::array<std::uint32_t, 7> x86_64_types{R_X86_64_NONE, R_X86_64_64,    R_X86_64_PC32,
                                                    R_X86_64_PLT32, R_X86_64_32, R_X86_64_32S,
                                                    R_X86_64_PC64};
constexpr std::array<std::uint32_t, 3> x86_types{R_386_32, R_386_PC32, R_386_PLT32};
constexpr std::array<std::uint32_t, 39> arm64_types{
    R_AARCH64_NONE, 256, R_AARCH64_ABS64, R_AARCH64_ABS32, R_AARCH64_ABS16, R_AARCH64_PREL64,
    R_AARCH64_PREL32, R_AARCH64_PREL16, R_AARCH64_MOVW_UABS_G0, R_AARCH64_MOVW_UABS_G0_NC,
    R_AARCH64_MOVW_UABS_G1, R_AARCH64_MOVW_UABS_G1_NC, R_AARCH64_MOVW_UABS_G2,
    R_AARCH64_MOVW_UABS_G2_NC, R_AARCH64_MOVW_UABS_G3, R_AARCH64_MOVW_SABS_G0,
    R_AARCH64_MOVW_SABS_G1, R_AARCH64_MOVW_SABS_G2, R_AARCH64_LD_PREL_LO19,
    R_AARCH64_ADR_PREL_LO21, R_AARCH64_ADR_PREL_PG_HI21, R_AARCH64_ADR_PREL_PG_HI21_NC,
    R_AARCH64_ADD_ABS_LO12_NC, R_AARCH64_LDST8_ABS_LO12_NC, R_AARCH64_TSTBR14,
    R_AARCH64_CONDBR19, R_AARCH64_JUMP26, R_AARCH64_CALL26, R_AARCH64_LDST16_ABS_LO12_NC,
    R_AARCH64_LDST32_ABS_LO12_NC, R_AARCH64_LDST64_ABS_LO12_NC, R_AARCH64_MOVW_PREL_G0,
    R_AARCH64_MOVW_PREL_G0_NC, R_AARCH64_MOVW_PREL_G1, R_AARCH64_MOVW_PREL_G1_NC,
    R_AARCH64_MOVW_PREL_G2, R_AARCH64_MOVW_PREL_G2_NC, R_AARCH64_MOVW_PREL_G3,
    R_AARCH64_LDST128_ABS_LO12_NC};

/// Empty: the types of this machine are not looked at.
std::span<const std::uint32_t> known_types(Arch arch) {
  switch (arch) {
    case Arch::x86_64:
      return x86_64_types;
    case Arch::x86:
      return x86_types;
    case Arch::arm64:
      return arm64_types;
    default:
      return {};
  }
}

bool takes_rela(Arch arch) { return arch != Arch::x86 && arch != Arch::arm && arch != Arch::mips; }

class Scanner {
 public:
  Scanner(Module& module, const ElfLayout& layout)
      : module_(module),
        layout_(layout),
        types_(known_types(module.arch)),
        symbols_(module.section_of_type(SHT_SYMTAB)) {}

  void scan() {
    for (std::uint32_t i = 1; i < module_.sections.size(); ++i) {
      const Section& section = module_.sections[i];
      if (section.type != SHT_REL && section.type != SHT_RELA) continue;
      if (section.info >= module_.sections.size() || !is_relocated(section.info)) continue;
      if (!scan_section(i)) return;
    }
  }

 private:
  using Kind = RelocationIssue::Kind;

  /// The loader takes SHF_ALLOC away from what it does not keep, and from per-CPU data.
  bool is_relocated(std::uint32_t index) const {
    const Section& target = module_.sections[index];
    return (target.flags & SHF_ALLOC) && target.name != "__versions" &&
           target.name != ".modinfo" && target.name != ".data..percpu";
  }

  /// False when enough issues were found.
  bool scan_section(std::uint32_t index) {
    const Section& section = module_.sections[index];
    const bool rela = section.type == SHT_RELA;
    if (rela != takes_rela(module_.arch) && module_.arch != Arch::mips64) {
      note(Kind::unsupported_format, index, 0, 0);
      return true;
    }
    if (types_.empty()) return true;
    const std::size_t word = layout_.word();
    const std::size_t size = word * (rela ? 3 : 2);
    const std::byte* at = section.bytes.data();
    const std::byte* end = at + section.bytes.size() / size * size;
    for (; at != end; at += size) {
      const Entry entry{layout_.unsigned_long(at), layout_.unsigned_long(at + word),
                        rela ? layout_.unsigned_long(at + 2 * word) : 0};
      if (module_.arch == Arch::x86_64)
        check_x86_64(index, section.info, entry);
      else
        check_type(index, entry);
      if (module_.relocation_issues.size() >= most_issues) return false;
    }
    return true;
  }

  void check_type(std::uint32_t index, const Entry& entry) {
    const auto type = static_cast<std::uint32_t>(layout_.is_64_bit ? ELF64_R_TYPE(entry.info)
                                                                   : ELF32_R_TYPE(entry.info));
    if (std::find(types_.begin(), types_.end(), type) == types_.end())
      note(Kind::unknown_type, index, type, entry.offset);
  }

  void check_x86_64(std::uint32_t index, std::uint32_t target_index, const Entry& entry) {
    const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(entry.info));
    std::size_t width = 4;
    switch (type) {
      case R_X86_64_NONE:
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
    const std::uint64_t symbol = ELF64_R_SYM(entry.info);
    if (entry.offset > target.size || width > target.size - entry.offset ||
        symbol >= symbols_.size() / sizeof(Elf64_Sym)) {
      note(Kind::out_of_bounds, index, type, entry.offset);
      return;
    }
    if (!target.bytes.empty()) {
      const auto place = target.bytes.subspan(entry.offset, width);
      if (std::any_of(place.begin(), place.end(), [](std::byte b) { return b != std::byte{0}; }))
        note(Kind::nonzero_target, index, type, entry.offset);
    }
    if ((type == R_X86_64_32 || type == R_X86_64_32S) && overflows(type, symbol, entry.addend))
      note(Kind::overflow, index, type, entry.offset);
  }

  bool overflows(std::uint32_t type, std::uint64_t index, std::uint64_t addend) const {
    const std::byte* at = symbols_.data() + index * sizeof(Elf64_Sym);
    const auto section = static_cast<std::uint16_t>(std::to_integer<unsigned>(at[6]) |
                                                    std::to_integer<unsigned>(at[7]) << 8);
    if (section == SHN_ABS || index == 0) {
      const std::uint64_t base = index == 0 ? 0 : layout_.unsigned_long(at + 8);
      const std::uint64_t value = base + addend;
      return type == R_X86_64_32
                 ? value != static_cast<std::uint32_t>(value)
                 : static_cast<std::int64_t>(value) != static_cast<std::int32_t>(value);
    }
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
  std::span<const std::uint32_t> types_;
  std::span<const std::byte> symbols_;
};

}  // namespace

void scan_relocations(Module& module, const ElfLayout& layout) { Scanner(module, layout).scan(); }

}  // namespace kovet
