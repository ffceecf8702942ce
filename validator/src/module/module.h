#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/arch.h"
#include "support/bytes.h"

// The facts of one kernel module. All views point into `Module::bytes` or `Module::kept`, which the
// module keeps alive (or, in tests, into string literals).

namespace kovet {

/// The ELF header as the kernel reads it: in the byte order and word size of e_machine's kernel.
struct ElfHeader {
  bool magic_ok = true;          ///< the first four bytes are 0x7f "ELF"
  std::uint8_t elf_class = 2;    ///< EI_CLASS as written (1: 32 bit, 2: 64 bit); kernels ignore it
  std::uint8_t elf_data = 1;     ///< EI_DATA as written (1: little endian, 2: big); ignored too
  std::uint16_t type = 1;        ///< e_type; modules are ET_REL (1)
  std::uint16_t machine = 62;    ///< e_machine
  std::uint32_t flags = 0;       ///< e_flags
  std::uint64_t shoff = 0;       ///< e_shoff, bytes from the start of the file
  std::uint16_t shentsize = 64;  ///< e_shentsize, bytes
  std::uint16_t shnum = 0;       ///< e_shnum
  std::uint16_t shstrndx = 0;    ///< e_shstrndx
  std::uint16_t shdr_size = 64;  ///< sizeof(Elf_Shdr) for this machine's word size
  std::uint16_t ehdr_size = 64;  ///< sizeof(Elf_Ehdr) for this machine's word size
};

/// One section header, and its content where it lies inside the file.
struct Section {
  std::string_view name;             ///< empty when sh_name is out of range
  std::uint32_t name_offset = 0;     ///< sh_name
  std::uint32_t type = 0;            ///< sh_type (SHT_*)
  std::uint64_t flags = 0;           ///< sh_flags (SHF_*)
  std::uint64_t addr = 0;            ///< sh_addr
  std::uint64_t offset = 0;          ///< sh_offset, bytes from the start of the file
  std::uint64_t size = 0;            ///< sh_size, bytes
  std::uint32_t link = 0;            ///< sh_link
  std::uint32_t info = 0;            ///< sh_info
  std::uint64_t addralign = 0;       ///< sh_addralign, bytes
  std::uint64_t entsize = 0;         ///< sh_entsize, bytes
  std::span<const std::byte> bytes;  ///< empty for NOBITS and for what lies outside the file
};

/// What the loader asks of a table of strings.
struct StringTable {
  bool begins_with_nul = true, ends_with_nul = true;
};

/// One "key=value" of .modinfo, in file order. A key may repeat.
struct ModinfoEntry {
  std::string_view key;
  std::string_view value;
};

enum class Binding : std::uint8_t { local, global, weak, other };

/// One entry of .symtab.
struct Symbol {
  std::string_view name;          ///< empty when st_name is out of range
  std::uint32_t name_offset = 0;  ///< st_name
  Binding binding = Binding::global;
  std::uint8_t type = 0;      ///< STT_*
  std::uint16_t section = 0;  ///< st_shndx; SHN_UNDEF (0) for imports
  std::uint64_t value = 0;    ///< st_value
  std::uint64_t size = 0;     ///< st_size, bytes
  std::uint32_t index = 0;    ///< place in .symtab, which is the order the kernel resolves in
};

/// One (symbol, CRC) pair of a version table.
struct SymbolVersion {
  std::string_view name;
  std::uint64_t crc = 0;  ///< basic table: the whole `unsigned long`; extended: u32
};

/// A version table (`__versions`, or `__version_ext_crcs` with `__version_ext_names`).
struct VersionTable {
  std::vector<SymbolVersion> entries;  ///< in file order
  std::uint64_t size = 0;              ///< bytes of the section (of the CRCs for the extended one)
  std::uint64_t trailing_bytes = 0;    ///< bytes at the end that are no whole entry
  bool more_than_names = false;        ///< extended: CRCs are left over when the names end
};

/// One exported symbol.
struct Export {
  std::string_view name;
  std::optional<std::uint32_t> crc;   ///< absent when the module was built without modversions
  std::string_view symbol_namespace;  ///< empty: none
  bool gpl_only = false;
  bool crc_outside = false;  ///< the table of CRCs ends before this one; kernels do not look
  bool found = true;  ///< false: the kernel's search of the table, halving it, ends elsewhere
};

/// One module parameter.
struct Parameter {
  std::string_view name;
  std::string_view type;         ///< from parmtype=; empty when absent
  std::string_view description;  ///< from parm=; empty when absent
};

/// One entry of the `__param` section, which the kernel searches in this order.
struct ParameterEntry {
  std::string_view name;
  std::string_view setter;        ///< symbol of its struct kernel_param_ops: "param_ops_int"
  std::uint32_t limit = 0;        ///< arrays: most elements; param_ops_string: bytes with the NUL
  std::uint8_t flags = 0;         ///< KERNEL_PARAM_FL_*: 1 unsafe, 2 names hardware
  std::uint16_t permissions = 0;  ///< of its file in /sys/module/NAME/parameters; 0: it has none
};

/// `.gnu.linkonce.this_module`
struct ThisModule {
  std::uint32_t section = 0;  ///< index of the section
  std::uint64_t size = 0;     ///< of the section, bytes
  std::uint64_t stored = 0;   ///< bytes of it that the file holds
  /// st_size of the symbol __this_module, which the compiler wrote; absent without that symbol.
  std::optional<std::uint64_t> symbol_size;
  std::string_view name;  ///< struct module.name; empty when it could not be located
};

/// One digest of what a signature is about.
struct ContentDigest {
  int hash = 0;  ///< libcrypto's NID
  std::vector<unsigned char> value;
};

/// The 12 bytes before the signature marker (include/linux/module_signature.h).
struct SignatureTrailer {
  std::uint8_t algo = 0, hash = 0, id_type = 0, signer_len = 0, key_id_len = 0;
  bool padding_zero = true;
  std::uint32_t sig_len = 0;  ///< bytes, big endian in the file
  /// The signature itself (PKCS#7 DER for id_type 2); empty when sig_len does not fit the file.
  std::span<const std::byte> signature;
  /// By all hashes that the signature names, where digest_signed_content() was called.
  std::optional<std::vector<ContentDigest>> digests;
};

/// A relocation that is not plainly fine, in the order the kernel applies them.
struct RelocationIssue {
  static constexpr std::size_t most = 64;  ///< of one module; the rest is not looked at
  enum class Kind : std::uint8_t {
    unsupported_format,  ///< SHT_REL where the machine takes SHT_RELA, or the other way round
    unknown_type,        ///< a type the machine's apply_relocate*() does not list, or refuses
    conditional_type,    ///< one that depends on configuration or version; the first of each type
    nonzero_target,      ///< x86-64: the bytes to fill are not zero
    overflow,            ///< x86-64: an address that can never fit 32 bits
    overlap,             ///< x86-64: a place that the relocation before it has filled in part
    out_of_bounds,       ///< the place or the symbol lies outside; kernels do not look
    static_call_key,     ///< a static call whose key is code; kernels refuse it, and may crash
    livepatch_name,      ///< SHF_RELA_LIVEPATCH, and not called .klp.rela.OBJECT.SECTION
    livepatch_symbols,   ///< SHF_RELA_LIVEPATCH for vmlinux: its symbols are looked for at once
  };
  Kind kind = Kind::unknown_type;
  std::uint32_t section = 0;  ///< index of the relocation section
  std::uint32_t type = 0;     ///< R_*
  std::uint64_t offset = 0;   ///< r_offset, bytes into the target section
};

/// A table of x86-64 by which the kernel patches, locks or calls, and which is not as tools make
/// it: the first oddity of each table.
struct OddTable {
  enum class Kind : std::uint8_t {
    init_pointers,  ///< struct module: filled elsewhere than at its init and exit, or otherwise
    parameter,      ///< `__param`: an entry of another module, or without a name or operations
    call_site,      ///< `__mcount_loc`: leads to what is no call of __fentry__
    nop_site,       ///< `__mcount_loc`: leads to a nop, as objtool leaves it for some kernels
    return_site,    ///< `.return_sites`: leads to what is no jump to __x86_return_thunk
    twice,          ///< two entries lead to one place, which is patched when the second is followed
    unfilled,       ///< more or fewer entries than relocations fill, or not in their places
  };
  Kind kind = Kind::unfilled;
  std::uint32_t section = 0;  ///< index of the table
  std::uint64_t offset = 0;   ///< bytes into it; 0 where all of it is meant
};

/// Everything the loader reads from one `.ko`. A malformed file has a header, sections as far as
/// they could be read, and little else: the ELF gate says what the kernel thinks of it.
struct Module {
  std::string path;  ///< as the user named it
  /// Decompressed content, signature trailer included. Null after drop_bytes().
  std::shared_ptr<const Bytes> bytes;
  std::shared_ptr<const Bytes> kept;  ///< after drop_bytes(): what the views point into
  std::uint64_t size = 0;             ///< of the decompressed content, bytes
  std::string sha256;                 ///< of the decompressed content, hex; empty: not asked for
  Compression compression = Compression::none;
  std::uint64_t stored_size = 0;  ///< bytes on disk, compressed
  std::string packed_start;       ///< the first 16 bytes of a compressed file: its format's header
  bool joined_streams = false;    ///< the content is that of several streams, not of the first
  std::uint64_t elf_size = 0;     ///< bytes the kernel parses: without the signature
  std::optional<SignatureTrailer> signature;
  bool marker_misplaced = false;  ///< the marker occurs, but not at the very end

  std::optional<ElfHeader> header;  ///< absent when the file is shorter than an ELF header
  Arch arch = Arch::unknown;
  bool big_endian = false;
  std::vector<Section> sections;  ///< empty when the section table is unusable
  std::optional<Section>
      lone_section;               ///< e_shnum is 0: what kernels look at as section 0 all the same
  bool section_names_end = true;  ///< false: the last byte of their table is no NUL
  std::optional<StringTable> symbol_strings;  ///< of the first SHT_SYMTAB; absent: not in the file

  std::string name;               ///< modinfo name=, else struct module.name
  bool modinfo_allocated = true;  ///< .modinfo has SHF_ALLOC; kernels before 6.3 demand it
  std::vector<ModinfoEntry> modinfo;
  std::optional<ThisModule> this_module;
  std::optional<VersionTable> versions;           ///< `__versions`, only if SHF_ALLOC
  std::optional<VersionTable> extended_versions;  ///< both sections present and SHF_ALLOC
  bool lone_extended_section = false;  ///< only one of the two extended sections is there
  std::vector<Symbol> imports;         ///< undefined symbols in .symtab order; index 0 left out
  std::vector<Symbol> commons;         ///< SHN_COMMON symbols in .symtab order
  std::vector<Symbol> bad_section_symbols;  ///< st_shndx names no section, and no reserved index
  std::uint32_t symbol_tables = 0;          ///< how many SHT_SYMTAB sections there are
  bool symbol_name_outside = false;         ///< some st_name lies behind the string table
  std::vector<Export> exports;              ///< as in the kernel's tables: those for all come first
  bool exports_unclear = false;       ///< a table has entries whose names the file does not hold
  std::vector<Parameter> parameters;  ///< parmtype= and parm=, for people
  std::vector<ParameterEntry> parameter_table;  ///< `__param`, what the kernel goes by
  bool parameter_table_read = true;  ///< false: `__param` is there and could not be understood
  std::vector<RelocationIssue> relocation_issues;  ///< at most 64 of them
  std::vector<OddTable> odd_tables;                ///< at most one of each kind of table

  /// First value of a modinfo key, as the kernel's get_modinfo() gives it.
  std::optional<std::string_view> first(std::string_view key) const;
  /// All values of a modinfo key.
  std::vector<std::string_view> all(std::string_view key) const;
  /// First section of that name; `allocated` as the kernel's find_sec() demands SHF_ALLOC.
  const Section* section(std::string_view name, bool allocated = false) const;
  /// Content of the first section of a type (SHT_*); empty when there is none.
  std::span<const std::byte> section_of_type(std::uint32_t type) const;
  /// What the kernel calls it in messages: name, else the file's name without endings.
  std::string display_name() const;
};

}  // namespace kovet
