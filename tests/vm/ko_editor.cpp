#include "tests/vm/ko_editor.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace kovet::testing {

namespace {

template <class T>
T load(const std::string& bytes, std::size_t offset) {
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("ko editor: outside the file");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class T>
void store(std::string& bytes, std::size_t offset, const T& value) {
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("ko editor: outside the file");
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <class T>
std::vector<T> as_table(const std::string& content) {
  std::vector<T> table(content.size() / sizeof(T));
  std::memcpy(table.data(), content.data(), table.size() * sizeof(T));
  return table;
}

template <class T>
std::string as_content(const std::vector<T>& table) {
  return {reinterpret_cast<const char*>(table.data()), table.size() * sizeof(T)};
}

std::string key_of(const std::string& line) {
  return line.substr(0, line.find('='));
}

constexpr std::size_t version_entry = 64, crc_size = 8;

}  // namespace

KoEditor::KoEditor(std::string bytes) : bytes_(std::move(bytes)) {
  if (header().e_ident[EI_CLASS] != ELFCLASS64 || header().e_type != ET_REL)
    throw std::runtime_error("ko editor: no 64-bit relocatable file");
}

Elf64_Ehdr KoEditor::header() const {
  return load<Elf64_Ehdr>(bytes_, 0);
}

KoEditor& KoEditor::set_header(const Elf64_Ehdr& header) {
  store(bytes_, 0, header);
  return *this;
}

Elf64_Shdr KoEditor::section(std::size_t index) const {
  return load<Elf64_Shdr>(bytes_, header().e_shoff + index * sizeof(Elf64_Shdr));
}

KoEditor& KoEditor::set_section(std::size_t index, const Elf64_Shdr& section) {
  store(bytes_, header().e_shoff + index * sizeof(Elf64_Shdr), section);
  return *this;
}

std::string_view KoEditor::name_of(const Elf64_Shdr& entry) const {
  const auto names = section(header().e_shstrndx);
  return bytes_.c_str() + names.sh_offset + entry.sh_name;
}

std::optional<std::size_t> KoEditor::find(std::string_view name) const {
  for (std::size_t i = 1; i < count(); ++i)
    if (name_of(section(i)) == name) return i;
  return std::nullopt;
}

std::size_t KoEditor::index_of(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  throw std::runtime_error("ko editor: no section " + std::string(name));
}

std::string KoEditor::content(std::string_view name) const {
  const auto entry = section(index_of(name));
  return bytes_.substr(entry.sh_offset, entry.sh_size);
}

KoEditor& KoEditor::replace(std::size_t index, const std::string& content) {
  constexpr std::size_t alignment = 64;
  bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
  auto entry = section(index);
  entry.sh_offset = bytes_.size();
  entry.sh_size = content.size();
  bytes_ += content;
  return set_section(index, entry);
}

KoEditor& KoEditor::replace(std::string_view name, const std::string& content) {
  return replace(index_of(name), content);
}

std::uint32_t KoEditor::add_string(std::size_t table, std::string_view text) {
  const auto entry = section(table);
  auto strings = bytes_.substr(entry.sh_offset, entry.sh_size);
  const auto offset = static_cast<std::uint32_t>(strings.size());
  strings += text;
  strings += '\0';
  replace(table, strings);
  return offset;
}

KoEditor& KoEditor::rename_section(std::string_view name, std::string_view new_name) {
  const std::size_t index = index_of(name);
  const auto offset = add_string(header().e_shstrndx, new_name);
  auto entry = section(index);
  entry.sh_name = offset;
  return set_section(index, entry);
}

KoEditor& KoEditor::table_to_end() {
  auto head = header();
  const auto table = bytes_.substr(head.e_shoff, head.e_shnum * sizeof(Elf64_Shdr));
  bytes_.resize((bytes_.size() + 7) / 8 * 8);
  head.e_shoff = bytes_.size();
  bytes_ += table;
  return set_header(head);
}

KoEditor& KoEditor::add_section(std::string_view name, std::uint32_t type, std::uint64_t flags,
                                const std::string& content, std::uint64_t alignment) {
  const auto name_offset = add_string(header().e_shstrndx, name);
  Elf64_Shdr entry{};
  entry.sh_name = name_offset;
  entry.sh_type = type;
  entry.sh_flags = flags;
  entry.sh_addralign = alignment;
  table_to_end();
  bytes_.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  auto head = header();
  ++head.e_shnum;
  set_header(head);
  return replace(head.e_shnum - 1u, content);
}

KoEditor& KoEditor::flags(std::string_view name, std::uint64_t set, std::uint64_t cleared) {
  const std::size_t index = index_of(name);
  auto entry = section(index);
  entry.sh_flags = (entry.sh_flags | set) & ~cleared;
  return set_section(index, entry);
}

KoEditor& KoEditor::resize(std::size_t size) {
  bytes_.resize(size);
  return *this;
}

KoEditor& KoEditor::append(std::string_view tail) {
  bytes_ += tail;
  return *this;
}

std::vector<std::string> KoEditor::modinfo() const {
  std::vector<std::string> lines;
  const std::string text = content(".modinfo");
  for (std::size_t at = 0; at < text.size();) {
    const std::string line = text.c_str() + at;
    if (!line.empty()) lines.push_back(line);
    at += line.size() + 1;
  }
  return lines;
}

KoEditor& KoEditor::set_modinfo_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\0';
  return replace(".modinfo", text);
}

std::string KoEditor::modinfo_value(std::string_view key) const {
  for (const auto& line : modinfo())
    if (key_of(line) == key) return line.substr(key.size() + 1);
  throw std::runtime_error("ko editor: no modinfo " + std::string(key));
}

KoEditor& KoEditor::set_modinfo(std::string_view key, std::string_view value) {
  auto lines = modinfo();
  bool found = false;
  for (auto& line : lines)
    if (key_of(line) == key) {
      line = std::string(key) + "=" + std::string(value);
      found = true;
    }
  if (!found) throw std::runtime_error("ko editor: no modinfo " + std::string(key));
  return set_modinfo_lines(lines);
}

KoEditor& KoEditor::add_modinfo(std::string_view key, std::string_view value) {
  auto lines = modinfo();
  lines.push_back(std::string(key) + "=" + std::string(value));
  return set_modinfo_lines(lines);
}

KoEditor& KoEditor::remove_modinfo(std::string_view key) {
  auto lines = modinfo();
  if (std::erase_if(lines, [&](const auto& line) { return key_of(line) == key; }) == 0)
    throw std::runtime_error("ko editor: no modinfo " + std::string(key));
  return set_modinfo_lines(lines);
}

KoEditor& KoEditor::rename_module(std::string_view name) {
  // struct module: enum module_state, a list head, then the name (include/linux/module.h).
  constexpr std::size_t name_offset = 24, name_size = 56;
  auto text = content(".gnu.linkonce.this_module");
  std::string field(name);
  field.resize(name_size);
  text.replace(name_offset, name_size, field);
  patch(offset(".gnu.linkonce.this_module"), text);
  return set_modinfo("name", name);
}

std::vector<Elf64_Sym> KoEditor::symbols() const {
  return as_table<Elf64_Sym>(content(".symtab"));
}

std::size_t KoEditor::symbol_index(std::string_view name) const {
  const auto all = symbols();
  const auto strings = content(".strtab");
  for (std::size_t i = 1; i < all.size(); ++i)
    if (strings.c_str() + all[i].st_name == name) return i;
  throw std::runtime_error("ko editor: no symbol " + std::string(name));
}

KoEditor& KoEditor::set_symbol(std::size_t index, const Elf64_Sym& symbol) {
  store(bytes_, offset(".symtab") + index * sizeof symbol, symbol);
  return *this;
}

KoEditor& KoEditor::add_symbol_name(std::size_t index, std::string_view name) {
  const auto text = add_string(index_of(".strtab"), name);
  auto symbol = symbols().at(index);
  symbol.st_name = text;
  return set_symbol(index, symbol);
}

KoEditor& KoEditor::rename_symbol(std::string_view name, std::string_view new_name) {
  return add_symbol_name(symbol_index(name), new_name);
}

KoEditor& KoEditor::add_symbol(std::string_view name, unsigned char binding, std::uint16_t shndx,
                               std::uint64_t value, std::uint64_t size) {
  Elf64_Sym symbol{};
  symbol.st_name = add_string(index_of(".strtab"), name);
  symbol.st_info = ELF64_ST_INFO(binding, STT_NOTYPE);
  symbol.st_shndx = shndx;
  symbol.st_value = value;
  symbol.st_size = size;
  auto all = symbols();
  all.push_back(symbol);
  return replace(".symtab", as_content(all));
}

std::vector<KoEditor::Version> KoEditor::versions() const {
  std::vector<Version> all;
  const auto table = content("__versions");
  for (std::size_t at = 0; at + version_entry <= table.size(); at += version_entry)
    all.push_back({load<std::uint64_t>(table, at), table.c_str() + at + crc_size});
  return all;
}

KoEditor& KoEditor::set_versions(const std::vector<Version>& versions) {
  std::string table;
  for (const auto& version : versions) {
    std::string entry(version_entry, '\0');
    store(entry, 0, version.crc);
    entry.replace(crc_size, std::min(version.name.size(), version_entry - crc_size), version.name);
    table += entry.substr(0, version_entry);
  }
  return replace("__versions", table);
}

std::uint64_t KoEditor::crc(std::string_view name) const {
  for (const auto& version : versions())
    if (version.name == name) return version.crc;
  throw std::runtime_error("ko editor: no version of " + std::string(name));
}

KoEditor& KoEditor::set_crc(std::string_view name, std::uint64_t value) {
  auto all = versions();
  crc(name);
  for (auto& version : all)
    if (version.name == name) version.crc = value;
  return set_versions(all);
}

KoEditor& KoEditor::remove_version(std::string_view name) {
  auto all = versions();
  crc(name);
  std::erase_if(all, [&](const auto& version) { return version.name == name; });
  return set_versions(all);
}

std::vector<Elf64_Rela> KoEditor::relocations(std::string_view rela_section) const {
  return as_table<Elf64_Rela>(content(rela_section));
}

KoEditor& KoEditor::set_relocations(std::string_view rela_section,
                                    const std::vector<Elf64_Rela>& all) {
  return replace(rela_section, as_content(all));
}

KoEditor& KoEditor::patch(std::size_t offset, std::string_view bytes) {
  if (offset + bytes.size() > bytes_.size())
    throw std::runtime_error("ko editor: patch outside the file");
  bytes_.replace(offset, bytes.size(), bytes);
  return *this;
}

}  // namespace kovet::testing
