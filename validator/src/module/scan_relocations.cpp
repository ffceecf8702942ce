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

/// The types a machine's apply_relocate*() has a case for (Linux 6.1 and 6.12).
struct MachineTypes {
  std::span<const std::uint16_t> always;
  std::span<const std::uint16_t> sometimes;  // see conditional() of gates/relocations.cpp
};

constexpr std::array<std::uint16_t, 3> x86_types{R_386_32, R_386_PC32, R_386_PLT32};
constexpr std::array<std::uint16_t, 39> arm64_types{
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
constexpr std::array<std::uint16_t, 13> arm_types{
    R_ARM_NONE,   R_ARM_ABS32, R_ARM_TARGET1, R_ARM_PC24,  R_ARM_CALL,        R_ARM_JUMP24,
    R_ARM_V4BX,   R_ARM_PREL31, R_ARM_REL32,  R_ARM_MOVW_ABS_NC, R_ARM_MOVT_ABS,
    R_ARM_MOVW_PREL_NC, R_ARM_MOVT_PREL};
constexpr std::array<std::uint16_t, 9> arm_conditional{
    R_ARM_THM_PC22 /* THM_CALL */, R_ARM_THM_JUMP24, R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS,
    R_ARM_THM_MOVW_PREL_NC, R_ARM_THM_MOVT_PREL, R_ARM_ALU_PC_G0_NC, R_ARM_ALU_PC_G1_NC,
    R_ARM_LDR_PC_G2};
constexpr std::array<std::uint16_t, 8> ppc64_types{
    R_PPC64_ADDR32,  R_PPC64_ADDR64, R_PPC64_REL24,      R_PPC64_REL64,
    R_PPC64_REL32,   118 /* ENTRY */, R_PPC64_REL16_HA, R_PPC64_REL16_LO};
constexpr std::array<std::uint16_t, 10> ppc64_conditional{
    R_PPC64_TOC,      R_PPC64_TOC16,       R_PPC64_TOC16_LO, R_PPC64_TOC16_HA,
    R_PPC64_TOC16_DS, R_PPC64_TOC16_LO_DS, R_PPC64_TOCSAVE,  116 /* REL24_NOTOC */,
    132 /* PCREL34 */, 133 /* GOT_PCREL34 */};
constexpr std::array<std::uint16_t, 36> s390_types{
    R_390_NONE,   R_390_8,        R_390_12,       R_390_16,      R_390_20,       R_390_32,
    R_390_64,     R_390_PC16,     R_390_PC16DBL,  R_390_PC32DBL, R_390_PC32,     R_390_PC64,
    R_390_GOT12,  R_390_GOT16,    R_390_GOT20,    R_390_GOT32,   R_390_GOT64,    R_390_GOTENT,
    R_390_GOTPLT12, R_390_GOTPLT16, R_390_GOTPLT20, R_390_GOTPLT32, R_390_GOTPLT64,
    R_390_GOTPLTENT, R_390_PLT16DBL, R_390_PLT32DBL, R_390_PLT32, R_390_PLT64, R_390_PLTOFF16,
    R_390_PLTOFF32, R_390_PLTOFF64, R_390_GOTOFF16, R_390_GOTOFF32, R_390_GOTOFF64, R_390_GOTPC,
    R_390_GOTPCDBL};
constexpr std::array<std::uint16_t, 11> mips_types{
    R_MIPS_NONE, R_MIPS_32, R_MIPS_26, R_MIPS_HI16, R_MIPS_LO16, R_MIPS_PC16,
    60 /* PC21_S2 */, 61 /* PC26_S2 */, R_MIPS_64, R_MIPS_HIGHER, R_MIPS_HIGHEST};
constexpr std::array<std::uint16_t, 20> riscv_types{
    R_RISCV_32,     R_RISCV_64,      R_RISCV_BRANCH,     R_RISCV_JAL,        R_RISCV_CALL,
    R_RISCV_CALL_PLT, R_RISCV_GOT_HI20, R_RISCV_PCREL_HI20, R_RISCV_PCREL_LO12_I,
    R_RISCV_PCREL_LO12_S, R_RISCV_HI20, R_RISCV_LO12_I, R_RISCV_LO12_S, R_RISCV_ADD32,
    R_RISCV_ADD64,  R_RISCV_SUB32,   R_RISCV_SUB64,      R_RISCV_RVC_BRANCH, R_RISCV_RVC_JUMP,
    R_RISCV_RELAX};
constexpr std::array<std::uint16_t, 13> riscv_conditional{
    R_RISCV_ADD8, R_RISCV_ADD16, R_RISCV_SUB8, R_RISCV_SUB16, R_RISCV_SUB6, R_RISCV_SET6,
    R_RISCV_SET8, R_RISCV_SET16, R_RISCV_SET32, R_RISCV_32_PCREL, 59 /* PLT32 */,
    60 /* SET_ULEB128 */, 61 /* SUB_ULEB128 */};

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
bool takes_rela(Arch arch) { return arch != Arch::x86 && arch != Arch::arm && arch != Arch::mips; }

class Scanner {
 public:
  Scanner(Module& module, const ElfLayout& layout)
      : module_(module),
        layout_(layout),
        types_(types_of(module.arch)),
        symbols_(module.section_of_type(SHT_SYMTAB)) {
    const Section* percpu = module.section(".data..percpu", true);
    for (const Section& section : module.sections)
      stays_.push_back(&section == percpu || is_relocated(section));
  }

  void scan() {
    for (std::uint32_t i = 1; i < module_.sections.size(); ++i) {
      const Section& section = module_.sections[i];
      if (section.type != SHT_REL && section.type != SHT_RELA) continue;
      if (section.info >= module_.sections.size() || !is_relocated(module_.sections[section.info]))
        continue;
      if (!scan_section(i)) return;
    }
  }

 private:
  using Kind = RelocationIssue::Kind;

  /// The loader takes SHF_ALLOC away from what it does not keep, and from per-CPU data.
  static bool is_relocated(const Section& target) {
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
    if (types_.always.empty() && module_.arch != Arch::x86_64) return true;
    const std::size_t word = layout_.word();
    const std::size_t size = word * (rela ? 3 : 2);
    last_start_ = last_end_ = 0;
    const std::byte* at = section.bytes.data();
    const std::byte* end = at + section.bytes.size() / size * size;
    for (; at != end; at += size) {
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
    const bool noted = std::any_of(
        module_.relocation_issues.begin(), module_.relocation_issues.end(),
        [&](const RelocationIssue& issue) {
          return issue.kind == Kind::conditional_type && issue.type == type;
        });
    if (!noted) note(Kind::conditional_type, index, type, entry.offset);
  }

  std::uint32_t type_of(const Entry& entry, const std::byte* at) const {
    // Of three types that one entry may hold there, the kernel looks at the first.
    if (module_.arch == Arch::mips64) return std::to_integer<std::uint32_t>(at[15]);
    return static_cast<std::uint32_t>(layout_.is_64_bit ? ELF64_R_TYPE(entry.info)
                                                        : ELF32_R_TYPE(entry.info));
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
    if (const auto section = section_of(symbol); section < stays_.size() && section != SHN_UNDEF &&
                                                 !stays_[section])
      note(Kind::out_of_bounds, index, type, entry.offset);
    if (entry.offset < last_end_ && last_start_ < entry.offset + width)
      note(Kind::overlap, index, type, entry.offset);
    last_start_ = entry.offset;
    last_end_ = entry.offset + width;
    if (!target.bytes.empty()) {
      const auto place = target.bytes.subspan(entry.offset, width);
      if (std::any_of(place.begin(), place.end(), [](std::byte b) { return b != std::byte{0}; }))
        note(Kind::nonzero_target, index, type, entry.offset);
    }
    if ((type == R_X86_64_32 || type == R_X86_64_32S) && overflows(type, symbol, entry.addend))
      note(Kind::overflow, index, type, entry.offset);
  }

  /// st_shndx
  std::uint16_t section_of(std::uint64_t index) const {
    const std::byte* at = symbols_.data() + index * sizeof(Elf64_Sym);
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[6]) |
                                      std::to_integer<unsigned>(at[7]) << 8);
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
  std::uint64_t last_start_ = 0, last_end_ = 0;  // of the place that was relocated last
  std::span<const std::byte> symbols_;
  std::vector<bool> stays_;  // by section: it is in memory once the module is loaded
};

}  // namespace

void scan_relocations(Module& module, const ElfLayout& layout) { Scanner(module, layout).scan(); }

}  // namespace kovet
