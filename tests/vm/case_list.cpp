#include <stdexcept>

#include "tests/vm/variants.h"

namespace kovet::testing {

std::string changed(const std::string& module, const CaseList::Change& change) {
  KoEditor editor(module);
  change(editor);
  return editor.bytes();
}

void CaseList::add(std::string name, const std::string& module, const Change& change, bool ci) {
  try {
    add_bytes(name, changed(module, change), ci);
  } catch (const std::exception& reason) {
    left_out_.push_back(name + ": " + reason.what());
  }
}

void CaseList::add_bytes(std::string name, std::string bytes, bool ci, unsigned flags,
                         std::string parameters) {
  cases_.push_back({std::move(name), {{std::move(bytes), flags, std::move(parameters)}}, ci});
}

void CaseList::add_driver(std::string name, std::string bytes, bool ci) {
  add_bytes(std::move(name), std::move(bytes), ci);
  cases_.back().talks = true;
}

void CaseList::add_group(std::string name, std::vector<std::string> modules, bool ci) {
  Case added{std::move(name), {}, ci};
  for (auto& module : modules) added.parts.push_back({std::move(module)});
  cases_.push_back(std::move(added));
}

void add_honest_cases(CaseList& list, const Honest& honest) {
  for (const auto& [name, bytes] : honest.modules)
    if (name != "agree_imports") list.add_bytes("honest-" + name, bytes, true);
  list.add_group("honest-together", {honest["agree_exports"], honest["agree_imports"]}, true);
}

CaseList all_cases(const Honest& honest) {
  CaseList list;
  for (const auto add :
       {add_honest_cases, add_elf_cases, add_table_cases, add_modinfo_cases,
        add_typed_parameter_cases, add_version_cases, add_symbol_cases, add_formation_cases,
        add_compression_cases, add_signature_cases, add_competing_cases})
    add(list, honest);
  return list;
}

CaseList policy_cases(const Honest& honest) {
  CaseList list;
  add_honest_cases(list, honest);
  add_signature_cases(list, honest);
  add_parameter_policy_cases(list, honest);
  const auto& plain = honest["agree_plain"];
  list.add(
      "policy-bad-magic", plain, [](KoEditor& ko) { ko.patch(0, "\x7e"); }, true);
  list.add(
      "policy-vermagic", plain, [](KoEditor& ko) { ko.set_modinfo("vermagic", "1.0 "); }, true);
  list.add(
      "policy-module-layout", plain, [](KoEditor& ko) { ko.set_crc("module_layout", 1); }, true);
  list.add(
      "policy-blocked-name", plain, [](KoEditor& ko) { ko.rename_module("blocked"); }, true);
  list.add(
      "policy-blocked-other", plain, [](KoEditor& ko) { ko.rename_module("blocked_too"); }, true);
  list.add(
      "policy-blocked-prefix", plain, [](KoEditor& ko) { ko.rename_module("blocke"); }, true);
  list.add(
      "policy-blocked-longer", plain, [](KoEditor& ko) { ko.rename_module("blockedd"); }, true);
  list.add("policy-blocked-and-vermagic", plain,
           [](KoEditor& ko) { ko.rename_module("blocked").set_modinfo("vermagic", "1.0 "); });
  list.add("policy-blocked-and-bad-elf", plain,
           [](KoEditor& ko) { ko.rename_module("blocked").patch(0, "\x7e"); });
  return list;
}

}  // namespace kovet::testing
