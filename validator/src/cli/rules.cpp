#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "gates/gate.h"
#include "support/write_file.h"

// `kovet rules`: the tables of gates and rules, as they are.

namespace kovet::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  CommonOptions common;
  std::string id;
  std::string reference;  // folder for Markdown pages; empty: none are written
};

std::string_view policy_name(Policy policy) {
  return policy == Policy::build ? "build" : "load";
}

Json to_json(const Gate& gate) {
  return {{"id", gate.id},           {"kind", "gate"},          {"stage", gate.stage},
          {"finding", gate.finding}, {"summary", gate.summary}, {"explanation", gate.explanation},
          {"errors", gate.errors},   {"fix", gate.fix},         {"since", gate.since},
          {"source", gate.source}};
}

Json to_json(const Rule& rule) {
  return {{"id", rule.id},
          {"kind", "rule"},
          {"severity", to_string(rule.severity)},
          {"policy", policy_name(rule.policy)},
          {"summary", rule.summary},
          {"explanation", rule.explanation},
          {"fix", rule.fix},
          {"source", rule.source}};
}

std::string to_text(const Gate& gate) {
  return fmt::format(
      "{} (gate, stage {})\n  {}\n\n  {}\n\n  the kernel: {}\n  fix: {}\n  since: {}\n  source: "
      "{}\n"
      "  finding: {}\n",
      gate.id, gate.stage, gate.summary, gate.explanation, gate.errors, gate.fix, gate.since,
      gate.source, gate.finding.empty() ? "none, it never rejects" : gate.finding);
}

std::string to_text(const Rule& rule) {
  std::string text = fmt::format("{} (rule, {}, policy {})\n  {}\n\n  {}\n\n  fix: {}\n", rule.id,
                                 to_string(rule.severity), policy_name(rule.policy), rule.summary,
                                 rule.explanation, rule.fix);
  if (!rule.source.empty()) text += fmt::format("  source: {}\n", rule.source);
  return text;
}

std::string list_text() {
  std::string text = "gates, in the kernel's order (it stops at the first that fails):\n";
  for (const Gate& gate : gates()) text += fmt::format("  {:<28} {}\n", gate.id, gate.summary);
  text += "\nrules:\n";
  for (const Rule& rule : rules())
    text += fmt::format("  {:<28} {:<8} {:<6} {}\n", rule.id, to_string(rule.severity),
                        policy_name(rule.policy), rule.summary);
  text += "\nkovet rules ID explains one of them\n";
  return text;
}

template <class Table>
auto find(const Table& table, std::string_view id) -> decltype(&table[0]) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.id == id; });
  return found == table.end() ? nullptr : &*found;
}

std::string page(const Gate& gate) {
  const std::string finding = gate.finding.empty() ? std::string("none, it never rejects")
                                                   : fmt::format("[`{0}`]({0}.md)", gate.finding);
  return fmt::format(
      "# Gate `{}`\n\n{}\n\n{}\n\n| | |\n|---|---|\n| stage | {} |\n| the kernel answers | {} |\n"
      "| since | {} |\n| source | {} |\n| finding | {} |\n\n## How to fix it\n\n{}\n",
      gate.id, gate.summary, gate.explanation, gate.stage, gate.errors, gate.since, gate.source,
      finding, gate.fix);
}

std::string page(const Rule& rule) {
  return fmt::format(
      "# Rule `{}`\n\n{}\n\n{}\n\n| | |\n|---|---|\n| severity | {} |\n| demanded by | --policy {} "
      "|\n"
      "\n## How to fix it\n\n{}\n",
      rule.id, rule.summary, rule.explanation, to_string(rule.severity), policy_name(rule.policy),
      rule.fix);
}

std::string index_page() {
  std::string text =
      "# Gates and rules\n\nWritten by `kovet rules --reference`, from the tables in the "
      "source.\n\n"
      "## Gates, in the kernel's order\n\nThe kernel stops at the first that fails: that one gives "
      "errno and log.\n\n| gate | what it looks at | errno and message |\n|---|---|---|\n";
  for (const Gate& gate : gates())
    text += fmt::format("| [`{}`](gate-{}.md) | {} | {} |\n", gate.id, gate.id, gate.summary,
                        gate.errors);
  text += "\n## Rules\n\n| rule | severity | policy | what it demands |\n|---|---|---|---|\n";
  for (const Rule& rule : rules())
    text += fmt::format("| [`{}`]({}.md) | {} | {} | {} |\n", rule.id, rule.id,
                        to_string(rule.severity), policy_name(rule.policy), rule.summary);
  return text;
}

/// Writes index.md, gate-ID.md and RULE.md below the folder.
int write_reference(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto write = [&](const std::string& name, const std::string& text) {
    const auto written = write_file(folder / (name + ".md"), text);
    if (!written) complain(written.error());
    return written.has_value();
  };
  bool good = write("index", index_page());
  for (const Gate& gate : gates())
    good = good && write(fmt::format("gate-{}", gate.id), page(gate));
  for (const Rule& rule : rules()) good = good && write(std::string(rule.id), page(rule));
  return good ? exit_clean : exit_input;
}

int run(const Options& options) {
  if (!text_or_json(options.common, "rules")) return exit_input;
  if (!options.reference.empty()) return write_reference(options.reference);
  Json list = Json::array();
  std::string text;
  if (options.id.empty()) {
    for (const Gate& gate : gates()) list.push_back(to_json(gate));
    for (const Rule& rule : rules()) list.push_back(to_json(rule));
    text = list_text();
  } else if (const Gate* gate = find(gates(), options.id)) {
    list.push_back(to_json(*gate));
    text = to_text(*gate);
  } else if (const Rule* rule = find(rules(), options.id)) {
    list.push_back(to_json(*rule));
    text = to_text(*rule);
  } else {
    return fail(options.common, "rules",
                {options.id, "there is no gate or rule of that name", "kovet rules lists them"});
  }
  const Json out{{"schema", "kovet.rules/1"}, {"kovet", KOVET_VERSION}, {"rules", list}};
  const bool json = options.common.format == Format::json;
  return deliver(options.common, json ? out.dump(2) + "\n" : text, exit_clean);
}

}  // namespace

void add_rules(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("rules", "which checks are there, and what does each of them mean?");
  command->add_option("id", options->id, "one gate or rule")->type_name("ID");
  command
      ->add_option("--reference", options->reference,
                   "write a Markdown page for each of them below this folder")
      ->type_name("DIR");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
