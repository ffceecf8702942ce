#include <fmt/format.h>

#include <algorithm>

#include "report/info_report.h"
#include "report/printable.h"

namespace kovet {

namespace {

std::string_view to_string(Binding binding) {
  return binding == Binding::weak ? " (weak)" : "";
}

std::string crc_of(const std::optional<VersionTable>& table, std::string_view symbol) {
  if (!table) return {};
  for (const SymbolVersion& entry : table->entries)
    if (entry.name == symbol) return fmt::format("0x{:08x}", entry.crc);
  return {};
}

class Writer {
 public:
  explicit Writer(const Module& module) : module_(module) {}

  std::string run() {
    line("file:", printable(module_.path));
    line("name:", printable(module_.display_name()));
    line("size:", fmt::format("{} bytes{}", module_.stored_size, compression()));
    line("elf:", elf());
    if (module_.this_module)
      line("struct module:", fmt::format("{} bytes", module_.this_module->size));
    signature();
    for (const ModinfoEntry& entry : module_.modinfo)
      line(fmt::format("{}:", printable(entry.key)), printable(entry.value));
    versions("__versions", module_.versions);
    versions("extended versions", module_.extended_versions);
    parameters();
    imports();
    exports();
    if (!module_.commons.empty())
      line("common symbols:", fmt::format("{}", module_.commons.size()));
    return std::move(out_);
  }

 private:
  void line(std::string_view key, std::string_view value) {
    out_ += fmt::format("{:<16} {}\n", key, value);
  }

  std::string compression() const {
    if (module_.compression == Compression::none) return {};
    return fmt::format(", {} compressed, {} unpacked", kovet::to_string(module_.compression),
                       module_.size);
  }

  std::string elf() const {
    if (!module_.header) return "too short for an ELF header";
    if (!module_.header->magic_ok) return "not ELF";
    return fmt::format("{}, {}-bit {} endian, {} sections", kovet::to_string(module_.arch),
                       is_64_bit(module_.arch) ? 64 : 32, module_.big_endian ? "big" : "little",
                       module_.sections.size());
  }

  void signature() {
    if (module_.signature)
      line("signature:", fmt::format("appended, {} bytes (kovet signature shows the signer)",
                                     module_.signature->sig_len));
    else
      line("signature:",
           module_.marker_misplaced ? "none: its marker is not at the end of the file" : "none");
  }

  void versions(std::string_view what, const std::optional<VersionTable>& table) {
    if (!table) return;
    line(fmt::format("{}:", what),
         fmt::format("{} entries{}", table->entries.size(),
                     table->trailing_bytes
                         ? fmt::format(", {} bytes left over", table->trailing_bytes)
                         : ""));
  }

  void parameters() {
    for (const Parameter& parameter : module_.parameters)
      line("parameter:", fmt::format("{} ({}) {}", printable(parameter.name),
                                     parameter.type.empty() ? "?" : printable(parameter.type),
                                     printable(parameter.description)));
  }

  void imports() {
    for (const Symbol& symbol : module_.imports) {
      std::string crc = crc_of(module_.versions, symbol.name);
      if (crc.empty()) crc = crc_of(module_.extended_versions, symbol.name);
      line("import:", fmt::format("{:<10} {}{}", crc.empty() ? "-" : crc, printable(symbol.name),
                                  to_string(symbol.binding)));
    }
  }

  void exports() {
    for (const Export& symbol : module_.exports) {
      line("export:",
           fmt::format("{:<10} {}{}{}", symbol.crc ? fmt::format("0x{:08x}", *symbol.crc) : "-",
                       printable(symbol.name), symbol.gpl_only ? " (GPL-only)" : "",
                       symbol.symbol_namespace.empty()
                           ? ""
                           : fmt::format(" in namespace {}", printable(symbol.symbol_namespace))));
    }
  }

  const Module& module_;
  std::string out_;
};

}  // namespace

std::string info_text(const Module& module) {
  return Writer(module).run();
}

}  // namespace kovet
