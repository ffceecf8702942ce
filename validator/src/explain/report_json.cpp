#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "explain/report.h"
#include "support/errno_name.h"

namespace kovet::explain {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

/// The name as people read it: where two are one number, the table's.
Json errno_json(int error) {
  const auto* meaning = find_errno(error);
  const std::string name = meaning ? std::string(meaning->name) : errno_name(error);
  return {{"number", error}, {"name", name.starts_with('E') ? Json(name) : Json()}};
}

Json json_of(const Proof& proof) {
  if (proof.status == Proof::Status::not_run) return {};
  return {{"status", to_string(proof.status)},
          {"text", proof.text},
          {"hint", text_or_null(proof.hint)},
          {"evidence", text_or_null(proof.evidence)}};
}

Json json_of(const InitCrash& crash) {
  return {{"warning", crash.warning},
          {"module", text_or_null(crash.module)},
          {"init_function", text_or_null(crash.init_function)},
          {"fault_function", text_or_null(crash.fault_function)},
          {"fault_module", text_or_null(crash.fault_module)},
          {"taint", crash.taint}};
}

Json json_of(const Explanation& item) {
  Json facts = Json::object();
  for (const auto& [name, value] : item.facts) facts[name] = value;
  Json symbols = Json::array();
  for (const auto& symbol : item.symbols)
    symbols.push_back({{"name", symbol.name},
                       {"errno", symbol.error > 0 ? Json(symbol.error) : Json()},
                       {"detail", text_or_null(symbol.detail)},
                       {"provider", text_or_null(symbol.provider)}});
  return {{"id", item.message->id},
          {"gate", text_or_null(item.message->gate)},
          {"stage", to_string(item.stage)},
          {"also_refused", item.also_refused},
          {"failed_at", item.failed_at ? Json(item.failed_at) : Json(nullptr)},
          {"module", text_or_null(item.module)},
          {"line", item.number},
          {"last_line", item.last_number},
          {"later_attempt", item.later_attempt > 0 ? Json(item.later_attempt) : Json()},
          {"time", text_or_null(item.time)},
          {"count", item.count},
          {"text", item.line},
          {"errno", item.error ? errno_json(*item.error) : Json()},
          {"meaning", item.meaning},
          {"details", item.details},
          {"causes", item.causes},
          {"next", item.next},
          {"facts", facts},
          {"symbols", symbols},
          {"symbols_left_out", item.symbols_left_out},
          {"explained_by", item.explained_by > 0 ? Json(item.explained_by) : Json()},
          {"crash", item.crash ? json_of(*item.crash) : Json()},
          {"proof", json_of(item.proof)}};
}

Json json_of(const std::vector<VerdictSummary::Gate>& gates) {
  Json list = Json::array();
  for (const auto& gate : gates)
    list.push_back({{"id", gate.id},
                    {"reason", gate.reason},
                    {"hint", text_or_null(gate.hint)},
                    {"evidence", text_or_null(gate.evidence)}});
  return list;
}

Json json_of(const VerdictSummary& verdict) {
  return {{"module", verdict.path},
          {"name", verdict.module},
          {"kernel", verdict.kernel},
          {"verdict", to_string(verdict.answer)},
          {"errno", verdict.answer == Answer::reject ? Json(errno_name(verdict.error)) : Json()},
          {"log", verdict.log},
          {"failing", json_of(verdict.failing)},
          {"undecided", json_of(verdict.undecided)}};
}

Json json_of(const ErrnoMeaning& meaning) {
  Json causes = Json::array();
  for (const auto& cause : meaning.causes)
    if (!cause.text.empty())
      causes.push_back({{"gate", text_or_null(cause.gate)}, {"text", cause.text}});
  return {{"number", meaning.number},
          {"name", meaning.name},
          {"text", meaning.texts[0]},
          {"insmod", text_or_null(meaning.texts[1])},
          {"modprobe", text_or_null(meaning.texts[2])},
          {"busybox", text_or_null(meaning.texts[3])},
          {"meaning", meaning.meaning},
          {"causes", causes},
          {"next", meaning.next}};
}

}  // namespace

std::string explain_json(const Report& report) {
  Json json{{"schema", "kovet.explain/1"},
            {"kovet", KOVET_VERSION},
            {"input", {{"kind", report.is_log ? "log" : "errno"}, {"name", report.input}}}};
  if (report.is_log) {
    json["input"]["lines"] = report.log.size.lines;
    json["input"]["bytes"] = report.log.size.bytes;
    json["input"]["cut_lines"] = report.log.size.cut_lines;
  }
  json["results"] = Json::array();
  for (const auto& item : report.log.items) json["results"].push_back(json_of(item));
  json["left_out"] = report.log.left_out;
  json["errno"] = report.errno_meaning ? json_of(*report.errno_meaning)
                  : report.error > 0   ? errno_json(report.error)
                                       : Json();
  json["verdict"] = report.verdict ? json_of(*report.verdict) : Json();
  json["notes"] = report.notes;
  // Logs hold any bytes: what is not UTF-8 is replaced, and no control character reaches a
  // terminal.
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace kovet::explain
