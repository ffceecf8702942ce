#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernel/read_kernel.h"

// Module.symvers, as scripts/mod/modpost.c writes it (write_dump(), read_dump()).

namespace kovet {

namespace {

constexpr std::size_t max_malformed_lines = 100;
constexpr std::uint64_t max_symvers_size = std::uint64_t{256} << 20;

/// One line, split. `columns` counts what was between tabs; the export is not yet looked at.
struct Line {
  static constexpr std::size_t most = 5;
  std::string_view column[most];
  std::size_t columns = 0;
};

Line split(const char* begin, const char* end) {
  Line line;
  while (line.columns < Line::most - 1) {
    const auto* tab =
        static_cast<const char*>(std::memchr(begin, '\t', static_cast<std::size_t>(end - begin)));
    if (!tab) break;
    line.column[line.columns++] = {begin, tab};
    begin = tab + 1;
  }
  line.column[line.columns++] = {begin, end};
  return line;
}

/// "0x" and up to eight digits; old tools on 64 bit wrote sixteen with leading zeros.
bool parse_crc(std::string_view text, std::uint32_t& crc) {
  if (text.size() < 3 || text.size() > 18 || text[0] != '0' || (text[1] | 0x20) != 'x')
    return false;
  std::uint64_t value = 0;
  for (const char c : text.substr(2)) {
    const auto digit = static_cast<unsigned char>(c - '0');
    const auto letter = static_cast<unsigned char>((c | 0x20) - 'a');
    if (digit < 10)
      value = value << 4 | digit;
    else if (letter < 6)
      value = value << 4 | (letter + 10U);
    else
      return false;
  }
  crc = static_cast<std::uint32_t>(value);
  return value == crc;
}

bool is_export(std::string_view text) {
  return text.starts_with("EXPORT_") || text == "(unknown)";
}

/// A file of this kernel version has all its lines in one layout, but a line without namespace
/// may have lost its trailing tab to an editor.
bool parse_line(const Line& line, Symvers::Layout& layout, std::string_view& symbol,
                SymversEntry& entry) {
  if (line.columns < 4 || !parse_crc(line.column[0], entry.crc)) return false;
  symbol = line.column[1];
  if (symbol.empty()) return false;
  std::string_view kind;
  if (is_export(line.column[3])) {
    if (line.columns == 5) layout = Symvers::Layout::namespace_last;
    entry.module = line.column[2];
    kind = line.column[3];
    entry.symbol_namespace = line.columns == 5 ? line.column[4] : std::string_view{};
  } else if (line.columns == 5 && is_export(line.column[4])) {
    layout = Symvers::Layout::namespace_third;
    entry.symbol_namespace = line.column[2];
    entry.module = line.column[3];
    kind = line.column[4];
  } else {
    return false;
  }
  entry.gpl_only = kind == "EXPORT_SYMBOL_GPL" || kind == "EXPORT_UNUSED_SYMBOL_GPL";
  return !entry.module.empty() && entry.symbol_namespace.find('\t') == std::string_view::npos;
}

std::string_view without_carriage_return(const char* begin, const char* end) {
  if (end != begin && end[-1] == '\r') --end;
  return {begin, end};
}

}  // namespace

std::optional<SymversEntry> SymversIndex::find(std::string_view symbol) const {
  const auto place = names_.find(symbol);
  if (!place) return std::nullopt;
  return entry_at(*place);
}

std::optional<SymversEntry> SymversIndex::add(std::uint32_t place) {
  const TextIndex::Added added = names_.add(place);
  if (added.is_new) return std::nullopt;
  return entry_at(added.place);
}

std::string_view SymversIndex::name_at(std::uint32_t place) const {
  return text_.substr(place, text_.find('\t', place) - place);
}

SymversEntry SymversIndex::entry_at(std::uint32_t place) const {
  std::size_t first = place;  // the CRC stands before the name
  while (first != 0 && text_[first - 1] != '\n') --first;
  const std::size_t last = std::min(text_.find('\n', place), text_.size());
  const std::string_view line = without_carriage_return(text_.data() + first, text_.data() + last);
  Symvers::Layout layout{};
  std::string_view symbol;
  SymversEntry entry;
  parse_line(split(line.data(), line.data() + line.size()), layout, symbol, entry);
  return entry;
}

Result<Symvers> parse_symvers(std::shared_ptr<const Bytes> text, std::string path) {
  const Compression packed = detect_compression(text->span());
  auto plain = decompress(std::move(text), path, max_symvers_size);
  if (!plain) return plain.error();
  if ((*plain)->size() > max_symvers_size) {
    return Error{std::move(path),
                 fmt::format("is larger than any Module.symvers ({} MiB)", max_symvers_size >> 20),
                 "name the Module.symvers of a kernel build"};
  }
  Symvers symvers;
  symvers.path = std::move(path);
  symvers.text = std::move(*plain);
  symvers.packed = packed;
  symvers.layout = Symvers::Layout::four_columns;

  const std::string_view content = symvers.text->text();
  const char* const start = content.data();
  const char* at = start;
  const char* const end = at + content.size();
  symvers.complete = content.empty() || content.back() == '\n';
  symvers.symbols = SymversIndex(content);
  constexpr std::size_t usual_line = 48;  // bytes; only a first guess
  symvers.symbols.reserve(content.size() / usual_line);
  for (std::uint32_t number = 1; at != end; ++number) {
    const auto* newline =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const std::string_view line = without_carriage_return(at, newline ? newline : end);
    if (!line.empty()) {
      std::string_view symbol;
      SymversEntry entry;
      if (!parse_line(split(line.data(), line.data() + line.size()), symvers.layout, symbol,
                      entry)) {
        if (symvers.malformed_lines.size() < max_malformed_lines)
          symvers.malformed_lines.push_back(number);
      } else if (const auto first =
                     symvers.symbols.add(static_cast<std::uint32_t>(symbol.data() - start))) {
        if (first->crc != entry.crc || first->module != entry.module)
          symvers.contradictions.push_back({symbol, *first, entry, number});
      }
    }
    at = newline ? newline + 1 : end;
  }
  if (symvers.symbols.empty() && !symvers.malformed_lines.empty()) {
    return Error{symvers.path,
                 "not a Module.symvers: no line has a CRC, a symbol, a module and an "
                 "export, separated by tabs",
                 "a build of the kernel's modules writes one: make modules"};
  }
  return symvers;
}

Result<Symvers> read_symvers(const std::filesystem::path& file) {
  auto content = Bytes::map(file);
  if (!content) return content.error();
  return parse_symvers(std::move(*content), file.string());
}

}  // namespace kovet
