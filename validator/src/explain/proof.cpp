#include "explain/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gates/taint.h"

namespace kovet::explain {

namespace {

/// Module names: '-' and '_' are the same.
bool same_module(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

std::string_view basename(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// The name of a module in a path or a name with endings: "./a/hello.ko.xz" → "hello".
std::string_view module_of(std::string_view path) {
  const std::string_view name = basename(path);
  return name.substr(0, name.find(".ko"));
}

/// Whether the item speaks of this module, or names none.
bool about(const Explanation& item, const Module& module) {
  std::string_view name = item.module;
  if (name.empty()) name = fact(item, "name");
  if (name.empty()) name = module_of(fact(item, "path"));
  return name.empty() || same_module(name, module.display_name());
}

std::string provider_of(std::string_view symbol, const Evidence& evidence) {
  if (evidence.kernel && evidence.kernel->symvers) {
    if (const auto entry = evidence.kernel->symvers->find(symbol)) {
      std::string text =
          entry->module == "vmlinux"
              ? std::string("the kernel itself")
              : fmt::format("module {} (modprobe {})", entry->module, basename(entry->module));
      if (entry->gpl_only) text += ", GPL-only";
      if (!entry->symbol_namespace.empty())
        text += fmt::format(", namespace {}", entry->symbol_namespace);
      return text;
    }
  }
  if (evidence.owners) {
    const std::string_view owner = evidence.owners->owner(symbol);
    if (!owner.empty()) return fmt::format("module {} (modprobe {})", owner, owner);
  }
  if (evidence.kernel && evidence.kernel->symvers)
    return "nothing in this kernel's Module.symvers: another out-of-tree module, or not exported "
           "here";
  if (evidence.owners && evidence.owners->size() > 0)
    return "no module in modules.symbols: the kernel itself, an out-of-tree module, or nothing";
  return {};
}

const Verdict::Row* row_of(const Verdict& verdict, std::string_view gate) {
  const auto found =
      std::ranges::find(verdict.rows, gate, [](const Verdict::Row& row) { return row.gate->id; });
  return found == verdict.rows.end() ? nullptr : &*found;
}

/// The kernel stops at the first check that fails: what comes later it cannot have said.
const Verdict::Row* stopped_before(const Verdict& verdict, const Verdict::Row& row) {
  for (const Verdict::Row& earlier : verdict.rows) {
    if (&earlier == &row) break;
    if (earlier.result.status == GateStatus::fail) return &earlier;
  }
  return nullptr;
}

Proof another_build(std::string text) {
  return {Proof::Status::refuted,
          std::move(text) + ": the line is about another build of it, or another kernel",
          "compare uname -r, and modinfo -F vermagic and srcversion of the installed file", ""};
}

/// Symbols that resolve by now were refused because their owner was not loaded then.
Proof from_missing_owners(const Explanation& item, const Evidence& evidence) {
  std::vector<std::string_view> owners;
  std::size_t owned = 0;
  for (const SymbolNote& symbol : item.symbols) {
    const auto entry =
        evidence.kernel->symvers ? evidence.kernel->symvers->find(symbol.name) : std::nullopt;
    if (!entry || entry->module == "vmlinux") continue;
    ++owned;
    const std::string_view owner = basename(entry->module);
    if (std::ranges::find(owners, owner) == owners.end()) owners.push_back(owner);
  }
  if (owned == 0 || owned != item.symbols.size())
    return another_build("this file's symbols resolve on this kernel");
  return {
      Proof::Status::proven,
      fmt::format("on this kernel {} export{} these symbols, and was not loaded when the line was "
                  "printed; with it, they resolve",
                  fmt::join(owners, ", "), owners.size() == 1 ? "s" : ""),
      fmt::format("modprobe {}, or let modprobe load this module: it loads them first",
                  fmt::join(owners, " ")),
      evidence.kernel->symvers->path};
}

Proof from_gate(const Verdict& verdict, const Verdict::Row& row, const Explanation& item,
                const Evidence& evidence) {
  const GateResult& result = row.result;
  Proof proof{.text = result.reason, .hint = result.hint, .evidence = result.evidence};
  // A warning of a check that passes is what the line is.
  if (result.status != GateStatus::fail &&
      std::ranges::find(result.log, item.line) != result.log.end()) {
    proof.status = Proof::Status::proven;
    if (proof.text.empty())
      proof.text = "this kernel prints the line for this module, and loads it";
    return proof;
  }
  if (const Verdict::Row* earlier = stopped_before(verdict, row))
    return another_build(fmt::format("this kernel refuses this file before that check, at {}: {}",
                                     earlier->gate->id, earlier->result.reason));
  if (result.status == GateStatus::unknown) {
    proof.status = Proof::Status::unknown;
    return proof;
  }
  if (result.status != GateStatus::fail) {
    if (item.message->id == "symbol-unknown") return from_missing_owners(item, evidence);
    return another_build("this file passes that check on this kernel");
  }
  proof.status = Proof::Status::proven;
  std::vector<std::string> named;
  for (const auto& detail : result.details)
    if (std::ranges::find(item.symbols, detail.symbol, &SymbolNote::name) != item.symbols.end())
      named.push_back(detail.reason);
  if (!named.empty()) {
    proof.text = fmt::format("{}", fmt::join(named, "; "));
  } else if (!item.symbols.empty() && !result.details.empty()) {
    // The check fails, but for other symbols than the line's.
    if (item.message->id == "symbol-unknown") {
      Proof missing = from_missing_owners(item, evidence);
      missing.text += fmt::format("; the check fails at other symbols: {}", result.reason);
      return missing;
    }
    return another_build("this check fails for other symbols: " + result.reason);
  }
  return proof;
}

/// Parameter lines: the module's own list of parameters decides.
Proof from_parameters(const Module& module, const Explanation& item) {
  const std::string_view wanted = fact(item, "parameter");
  if (wanted.empty()) return {};
  const auto found = std::ranges::find_if(
      module.parameters, [&](const Parameter& p) { return same_module(p.name, wanted); });
  const bool unknown_line = item.message->id.starts_with("parameter-unknown");
  if (found == module.parameters.end()) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : module.parameters) names.push_back(parameter.name);
    return {unknown_line ? Proof::Status::proven : Proof::Status::refuted,
            names.empty() ? fmt::format("{} has no parameters", module.display_name())
                          : fmt::format("{} has no parameter {}; it has: {}", module.display_name(),
                                        wanted, fmt::join(names, ", ")),
            "correct the name where it is set", module.path};
  }
  if (unknown_line)
    return {Proof::Status::refuted,
            fmt::format("this file has the parameter {}: another build of it was loaded", wanted),
            "modinfo -n, to see which file modprobe takes", module.path};
  return {Proof::Status::proven,
          fmt::format("{} has type {}; '{}' was given", wanted,
                      found->type.empty() ? "not declared" : found->type, fact(item, "text")),
          "give a value of that type", module.path};
}

char letter_of(std::string_view id) {
  if (id == "taint-out-of-tree") return 'O';
  if (id == "taint-unsigned") return 'E';
  if (id == "taint-licence" || id == "taint-proprietary" || id == "taint-inherited") return 'P';
  if (id == "taint-staging") return 'C';
  if (id == "taint-livepatch") return 'K';
  if (id == "taint-test") return 'N';
  if (id.starts_with("taint-forced")) return 'F';
  return 0;
}

Proof from_taint(const TaintForecast& forecast, const Explanation& item, const Module& module) {
  const char letter = letter_of(item.message->id);
  for (const auto& cause : forecast.causes)
    if (letter ? cause.letter == letter : cause.log == item.line)
      return {Proof::Status::proven, cause.why, cause.how_to_avoid, module.path};
  for (const auto& reason : forecast.unknown)
    if (letter && reason.starts_with(fmt::format("{}: ", letter)))
      return {Proof::Status::unknown, reason, "", ""};
  return {};
}

/// A tool's errno: what do the checks say of this module?
Proof from_errno(const Verdict& verdict, int error) {
  const auto first = std::ranges::find_if(
      verdict.rows, [](const Verdict::Row& row) { return row.result.status == GateStatus::fail; });
  if (first != verdict.rows.end()) {
    const bool same = verdict.error == error;
    return {same ? Proof::Status::proven : Proof::Status::refuted,
            same ? fmt::format("{}: {}", first->gate->id, first->result.reason)
                 : fmt::format("the checks end in {} ({}: {}), not in this errno: another file or "
                               "kernel was meant",
                               errno_name(verdict.error), first->gate->id, first->result.reason),
            first->result.hint, first->result.evidence};
  }
  std::string open;
  for (const auto& row : verdict.rows)
    if (row.result.status == GateStatus::unknown)
      open += fmt::format("{}{}: {}", open.empty() ? "" : "; ", row.gate->id, row.result.reason);
  if (!open.empty())
    return {Proof::Status::unknown, "no check that could be run rejects it; not decided: " + open,
            "supply what is missing, or ask the kernel itself: kovet boot", ""};
  return {Proof::Status::unknown,
          "no check of the loader rejects this module: its init returned the errno, or the machine "
          "decides (rights, lockdown, a blacklist, a parameter)",
          "read the module's own lines in dmesg; kovet boot loads it in a virtual machine", ""};
}

/// What the log itself shows of the machine: no need to assume it.
Assumptions with_log(Assumptions assumptions, const std::vector<Explanation>& items) {
  for (const Explanation& item : items) {
    const std::string_view id = item.message->id;
    if (id == "signature-unsigned" || id == "signature-unavailable-key" ||
        id == "signature-unsupported-crypto")
      assumptions.sig_enforce = true;
    if (id == "lockdown-unsigned" || id == "lockdown-active") assumptions.lockdown = true;
    if (id == "blacklisted") assumptions.blacklist.push_back(item.module);
  }
  return assumptions;
}

VerdictSummary summarize(const Verdict& verdict, const Module& module, const Kernel& kernel) {
  VerdictSummary summary{.module = module.display_name(),
                         .path = module.path,
                         .kernel = kernel.release ? *kernel.release : kernel.spec,
                         .answer = verdict.answer,
                         .error = verdict.error,
                         .log = verdict.log};
  for (const auto& [gate, result] : verdict.rows) {
    const VerdictSummary::Gate row{std::string(gate->id), result.reason, result.hint,
                                   result.evidence};
    if (result.status == GateStatus::fail) summary.failing.push_back(row);
    if (result.status == GateStatus::unknown) summary.undecided.push_back(row);
  }
  return summary;
}

}  // namespace

std::optional<VerdictSummary> prove(std::vector<Explanation>& items, const Evidence& evidence) {
  for (Explanation& item : items)
    for (SymbolNote& symbol : item.symbols) symbol.provider = provider_of(symbol.name, evidence);
  if (!evidence.module) return std::nullopt;
  const Module& module = *evidence.module;
  for (Explanation& item : items)
    if (item.message->gate == "parameters" && about(item, module))
      item.proof = from_parameters(module, item);
  if (!evidence.kernel) {
    for (Explanation& item : items) {
      if (item.message->id != "vermagic" || !about(item, module)) continue;
      const auto own = module.first("vermagic");
      const bool same = own && *own == fact(item, "found");
      item.proof = {same ? Proof::Status::proven : Proof::Status::refuted,
                    same ? fmt::format("this file has that vermagic")
                         : fmt::format("this file has the vermagic '{}': another build was loaded",
                                       own.value_or("")),
                    "modinfo -n, to see which file modprobe takes", module.path};
    }
    return std::nullopt;
  }
  const Assumptions assumptions = with_log(evidence.assumptions, items);
  const Verdict verdict = judge(GateInput{module, *evidence.kernel, assumptions, {}, {}, {}});
  const TaintForecast forecast = forecast_taint(module, *evidence.kernel, assumptions);
  for (Explanation& item : items) {
    if (item.stage == Stage::context || item.proof.status != Proof::Status::not_run ||
        !about(item, module))
      continue;
    if (item.message->gate == "taint" || item.message->id.starts_with("taint-"))
      item.proof = from_taint(forecast, item, module);
    else if (const Verdict::Row* row = row_of(verdict, item.message->gate))
      item.proof = from_gate(verdict, *row, item, evidence);
    else if (item.error && !fact(item, "reason").empty())
      item.proof = from_errno(verdict, *item.error);
  }
  return summarize(verdict, module, *evidence.kernel);
}

}  // namespace kovet::explain
