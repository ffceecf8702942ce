#include <boost/unordered/unordered_flat_map.hpp>
#include <nlohmann/json.hpp>

#include "report/errors_json.h"
#include "report/info_report.h"
#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

std::string_view binding_name(Binding binding) {
  switch (binding) {
    case Binding::local:
      return "local";
    case Binding::global:
      return "global";
    case Binding::weak:
      return "weak";
    case Binding::other:
      break;
  }
  return "other";
}

Json to_json(const std::optional<VersionTable>& table) {
  if (!table) return nullptr;
  Json entries = Json::array();
  for (const SymbolVersion& entry : table->entries)
    entries.push_back({{"symbol", printable(entry.name)}, {"crc", entry.crc}});
  return {{"size", table->size}, {"trailing_bytes", table->trailing_bytes}, {"entries", entries}};
}

Json signature_of(const Module& module) {
  if (!module.signature) return nullptr;
  const SignatureTrailer& trailer = *module.signature;
  return {{"id_type", trailer.id_type}, {"size", trailer.sig_len}};
}

Json sections_of(const Module& module) {
  Json out = Json::array();
  for (const Section& section : module.sections)
    out.push_back({{"name", printable(section.name)},
                   {"type", section.type},
                   {"flags", section.flags},
                   {"size", section.size}});
  return out;
}

Json to_json(const Module& module) {
  Json out{{"module", printable(module.path)},
           {"name", printable(module.display_name())},
           {"arch", to_string(module.arch)},
           {"big_endian", module.big_endian},
           {"compression", to_string(module.compression)},
           {"stored_size", module.stored_size},
           {"elf_size", module.elf_size},
           {"struct_module_size", nullptr},
           {"signature", signature_of(module)},
           {"signature_marker_misplaced", module.marker_misplaced}};
  if (module.this_module) out["struct_module_size"] = module.this_module->size;
  out["modinfo"] = Json::array();
  for (const ModinfoEntry& entry : module.modinfo)
    out["modinfo"].push_back({{"key", printable(entry.key)}, {"value", printable(entry.value)}});
  out["versions"] = to_json(module.versions);
  out["extended_versions"] = to_json(module.extended_versions);
  out["imports"] = Json::array();
  for (const Symbol& symbol : module.imports)
    out["imports"].push_back(
        {{"symbol", printable(symbol.name)}, {"binding", binding_name(symbol.binding)}});
  out["exports"] = Json::array();
  for (const Export& symbol : module.exports) {
    Json row{{"symbol", printable(symbol.name)},
             {"crc", nullptr},
             {"namespace", printable(symbol.symbol_namespace)},
             {"gpl_only", symbol.gpl_only}};
    if (symbol.crc) row["crc"] = *symbol.crc;
    out["exports"].push_back(std::move(row));
  }
  out["parameters"] = Json::array();
  for (const Parameter& parameter : module.parameters)
    out["parameters"].push_back({{"name", printable(parameter.name)},
                                 {"type", printable(parameter.type)},
                                 {"description", printable(parameter.description)}});
  out["sections"] = sections_of(module);
  return out;
}

}  // namespace

std::string info_json(const std::vector<Module>& modules, const std::vector<Error>& errors) {
  Json out{{"schema", "kovet.info/1"},
           {"kovet", KOVET_VERSION},
           {"modules", Json::array()},
           {"errors", errors_json(errors)}};
  for (const Module& module : modules) out["modules"].push_back(to_json(module));
  return out.dump(2) + "\n";
}

}  // namespace kovet
