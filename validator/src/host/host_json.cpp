#include <nlohmann/json.hpp>

#include "host/host.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Location& at) {
  if (at.file.empty()) return nullptr;
  Json json{{"file", at.file}};
  json["line"] = at.line ? Json(at.line) : Json(nullptr);
  return json;
}

Json json_of(const std::vector<Location>& list) {
  Json json = Json::array();
  for (const auto& at : list) json.push_back(json_of(at));
  return json;
}

Json json_of(const ConfigEntry& entry) {
  return {{"kind", to_string(entry.kind)},
          {"name", entry.name},
          {"value", entry.value},
          {"at", json_of(entry.at)}};
}

Json json_of(const std::vector<ConfigEntry>& list) {
  Json json = Json::array();
  for (const auto& entry : list) json.push_back(json_of(entry));
  return json;
}

Json json_of(const HostOption& option) {
  Json json{{"parameter", option.argument.name}};
  json["value"] = option.argument.has_value ? Json(option.argument.value) : Json(nullptr);
  json["at"] = json_of(option.at);
  json["fit"] = to_string(option.fit.kind);
  json["type"] = option.fit.type;
  json["note"] = option.fit.note;
  json["overridden"] = option.overridden;
  return json;
}

Json json_of(const HostStep& step) {
  Json json{{"name", step.name}, {"role", to_string(step.role)}};
  json["file"] = step.path.empty() ? Json(nullptr) : Json(step.path);
  json["exists"] = step.exists;
  json["builtin"] = step.builtin;
  json["loaded"] = step.loaded;
  json["required"] = step.required();
  json["kernel_blacklisted"] = step.kernel_blacklisted;
  json["blacklist"] = step.blacklist ? json_of(*step.blacklist) : Json(nullptr);
  json["install"] = nullptr;
  if (!step.install.empty())
    json["install"] = {{"command", step.install},
                       {"at", json_of(step.install_at)},
                       {"effect", to_string(step.install_effect)}};
  json["option_text"] = step.option_text;
  json["options"] = Json::array();
  for (const auto& option : step.options) json["options"].push_back(json_of(option));
  return json;
}

Json json_of(const Initramfs& image) {
  Json json{{"path", image.path}};
  json["problem"] = image.problem.empty() ? Json(nullptr) : Json(image.problem);
  json["copies"] = Json::array();
  for (const auto& copy : image.copies)
    json["copies"].push_back(
        {{"path", copy.path}, {"relation", copy.relation}, {"note", copy.note}});
  json["lines"] = json_of(image.lines);
  json["loads"] = json_of(image.loads);
  return json;
}

Json json_of(const HostTarget& target) {
  Json json{{"name", target.name},
            {"answer", to_string(target.answer)},
            {"sentence", target.sentence},
            {"decided_by", json_of(target.decided_by)}};
  json["repeated"] = target.repeated;
  json["via_alias"] = nullptr;
  if (!target.via_alias.empty())
    json["via_alias"] = {{"alias", target.via_alias}, {"at", json_of(target.alias_at)}};
  json["file"] = target.path.empty() ? Json(nullptr) : Json(target.path);
  json["vermagic"] = target.vermagic;
  json["builtin"] = target.builtin;
  json["loaded"] = target.loaded_state.empty() ? Json(nullptr) : Json(target.loaded_state);
  json["loaded_differs"] = target.loaded_differs;
  json["files"] = Json::array();
  for (const auto& file : target.files)
    json["files"].push_back({{"path", file.path},
                             {"indexed", file.indexed},
                             {"chosen", file.chosen},
                             {"reason", file.reason},
                             {"decided_by", json_of(file.decided_by)}});
  json["steps"] = Json::array();
  for (const auto& step : target.steps) json["steps"].push_back(json_of(step));
  json["missing"] = Json::array();
  for (const auto& gap : target.gaps)
    json["missing"].push_back({{"name", gap.name},
                               {"why", gap.why},
                               {"named_at", json_of(gap.named_at)},
                               {"required", gap.required}});
  json["lines"] = json_of(target.lines);
  json["aliases"] = json_of(target.aliases);
  json["file_aliases"] = target.file_aliases;
  json["needed_by"] = target.needed_by;
  json["weakdeps"] = target.weakdeps;
  json["boot"] = Json::array();
  for (const auto& load : target.boot)
    json["boot"].push_back({{"at", json_of(load.at)}, {"effect", load.effect}});
  json["initramfs"] = Json::array();
  for (const auto& image : target.initramfs) json["initramfs"].push_back(json_of(image));
  return json;
}

}  // namespace

std::string host_json(const HostReport& report) {
  Json json{{"schema", "kovet.host/1"},           {"kovet", KOVET_VERSION},
            {"subject", report.question.subject}, {"root", report.root},
            {"release", report.release},          {"running", report.running},
            {"answer", to_string(report.answer)}, {"sentence", report.sentence}};
  json["given_file"] = nullptr;
  if (!report.given_file.empty())
    json["given_file"] = {{"path", report.given_file}, {"relation", report.given_relation}};
  json["targets"] = Json::array();
  for (const auto& target : report.targets) json["targets"].push_back(json_of(target));
  json["findings"] = Json::array();
  for (const auto& finding : report.findings)
    json["findings"].push_back({{"id", finding.id},
                                {"severity", severity_word(finding.severity)},
                                {"message", finding.message},
                                {"hint", finding.hint},
                                {"at", json_of(finding.at)}});
  json["assumptions"] = report.assumptions;
  json["kernel_command_line"] = nullptr;
  if (!report.cmdline.origin.empty())
    json["kernel_command_line"] = {{"origin", report.cmdline.origin},
                                   {"text", report.cmdline.text},
                                   {"module_blacklist", report.cmdline.module_blacklist},
                                   {"modules_load", report.cmdline.modules_load},
                                   {"modules_disabled", report.cmdline.modules_disabled}};
  json["config_files"] = Json::array();
  for (const auto& file : report.config_files) {
    Json entry{{"path", file.path}};
    entry["masked_by"] = file.masked_by.empty() ? Json(nullptr) : Json(file.masked_by);
    entry["problem"] = file.problem.empty() ? Json(nullptr) : Json(file.problem);
    json["config_files"].push_back(std::move(entry));
  }
  json["agrees_with_libkmod"] = report.agrees_with_libkmod;
  json["disagreements"] = report.disagreements;
  // Names come from files: bytes that are no UTF-8 must not break the report.
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace kovet
