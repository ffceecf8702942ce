#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kovet::testing {

/// Changes one thing in a real .ko of a 64-bit little-endian kernel and leaves the rest as the
/// compiler made it. What grows is moved to the end of the file. Throws std::runtime_error when
/// the file has not what is to be changed: a variant that changes nothing would prove nothing.
class KoEditor {
 public:
  explicit KoEditor(std::string bytes);

  const std::string& bytes() const { return bytes_; }

  Elf64_Ehdr header() const;
  KoEditor& set_header(const Elf64_Ehdr& header);

  std::size_t count() const { return header().e_shnum; }
  Elf64_Shdr section(std::size_t index) const;
  KoEditor& set_section(std::size_t index, const Elf64_Shdr& section);
  std::size_t index_of(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::string content(std::string_view name) const;

  KoEditor& replace(std::string_view name, const std::string& content);
  KoEditor& replace(std::size_t index, const std::string& content);
  KoEditor& rename_section(std::string_view name, std::string_view new_name);
  KoEditor& add_section(std::string_view name, std::uint32_t type, std::uint64_t flags,
                        const std::string& content, std::uint64_t alignment = 1);
  /// Flags that are set and cleared.
  KoEditor& flags(std::string_view name, std::uint64_t set, std::uint64_t cleared = 0);
  /// Moves the section table behind everything else, so that the file ends with it.
  KoEditor& table_to_end();
  KoEditor& resize(std::size_t size);
  KoEditor& append(std::string_view tail);

  std::vector<std::string> modinfo() const;
  KoEditor& set_modinfo_lines(const std::vector<std::string>& lines);
  KoEditor& set_modinfo(std::string_view key, std::string_view value);
  KoEditor& add_modinfo(std::string_view key, std::string_view value);
  KoEditor& remove_modinfo(std::string_view key);
  std::string modinfo_value(std::string_view key) const;
  /// modinfo name= and struct module.name.
  KoEditor& rename_module(std::string_view name);

  std::vector<Elf64_Sym> symbols() const;
  std::size_t symbol_index(std::string_view name) const;
  KoEditor& set_symbol(std::size_t index, const Elf64_Sym& symbol);
  KoEditor& rename_symbol(std::string_view name, std::string_view new_name);
  /// Appends a symbol; `shndx` 0 makes it an import.
  KoEditor& add_symbol(std::string_view name, unsigned char binding, std::uint16_t shndx = 0,
                       std::uint64_t value = 0, std::uint64_t size = 0);
  KoEditor& add_symbol_name(std::size_t index, std::string_view name);

  struct Version {
    std::uint64_t crc;
    std::string name;
  };
  std::vector<Version> versions() const;
  KoEditor& set_versions(const std::vector<Version>& versions);
  KoEditor& set_crc(std::string_view name, std::uint64_t crc);
  std::uint64_t crc(std::string_view name) const;
  KoEditor& remove_version(std::string_view name);

  std::vector<Elf64_Rela> relocations(std::string_view rela_section) const;
  KoEditor& set_relocations(std::string_view rela_section, const std::vector<Elf64_Rela>& all);
  /// The file offset of a section's content.
  std::size_t offset(std::string_view name) const { return section(index_of(name)).sh_offset; }
  KoEditor& patch(std::size_t offset, std::string_view bytes);

 private:
  std::optional<std::size_t> find(std::string_view name) const;
  std::string_view name_of(const Elf64_Shdr& section) const;
  std::size_t string_table() const;
  std::uint32_t add_string(std::size_t table, std::string_view text);

  std::string bytes_;
};

}  // namespace kovet::testing
