#pragma once

#include <elf.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "module/module.h"

// The only code that knows the layout of ELF structures. libelf translates them from any class
// and byte order; bounds are checked here, because libelf refuses files about which the kernel
// has something more exact to say.

namespace kovet {

/// How the structures of one file are laid out.
struct ElfLayout {
  bool is_64_bit = true;
  bool big_endian = false;

  std::size_t word() const { return is_64_bit ? 8 : 4; }  ///< sizeof(unsigned long), bytes
  std::uint16_t u16(const std::byte* at) const;
  std::uint32_t u32(const std::byte* at) const;
  std::uint64_t unsigned_long(const std::byte* at) const;
};

/// The layout the machine's kernel would assume: e_ident is believed only where e_machine
/// leaves a choice. `file` holds at least 20 bytes.
ElfLayout detect_layout(std::span<const std::byte> file);

/// Reads the header. `file` holds at least `ehdr_size` bytes of the layout.
ElfHeader read_header(std::span<const std::byte> file, const ElfLayout& layout);

/// Reads the section table; empty when it does not lie inside the file, or has an entry size
/// that is not the machine's. Names are empty when the name table is unusable.
std::vector<Section> read_sections(std::span<const std::byte> file, const ElfHeader& header,
                                   const ElfLayout& layout);

/// Translates entries of a symbol table.
std::vector<Elf64_Sym> read_symbols(std::span<const std::byte> table, const ElfLayout& layout);

/// Where a name is cut, bytes: kernels know none of more than 512 (KSYM_NAME_LEN). Many entries
/// that share one endless string must not cost the square of the file's size.
inline constexpr std::size_t max_name_length = 4096;

/// The NUL-terminated string at `offset`, of at most `most` bytes; it ends with the bytes at the
/// latest.
std::string_view string_at(std::span<const std::byte> bytes, std::uint64_t offset,
                           std::size_t most = max_name_length);

}  // namespace kovet
