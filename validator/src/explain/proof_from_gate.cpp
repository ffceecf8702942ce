#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "explain/machine_state.h"
#include "explain/proof_steps.h"

namespace kovet::explain {

namespace {

/// The kernel stops at the first check that fails: what comes later it cannot have said.
const Verdict::Row* stopped_before(const Verdict& verdict, const Verdict::Row& row) {
  for (const Verdict::Row& earlier : verdict.rows) {
    if (&earlier == &row) break;
    if (earlier.result.status == GateStatus::fail) return &earlier;
  }
  return nullptr;
}

/// Whether the kernel's line for this file is of another kind than the one that is to be proven.
bool prints_otherwise(const GateResult& result, const Explanation& item) {
  Explainer explainer;
  std::uint64_t number = 0;
  for (const auto& line : result.log) explainer.line(line, ++number);
  const auto printed = explainer.finish({});
  return !printed.items.empty() && std::ranges::none_of(printed.items, [&](const Explanation& own) {
    return own.message->id == item.message->id;
  });
}

/// The kernel's line for this file, where the one that is to be proven has other values than it.
std::string with_other_values(const GateResult& result, const Explanation& item) {
  if (item.message->gate != "vermagic" && item.message->gate != "elf") return {};
  Explainer explainer;
  std::uint64_t number = 0;
  for (const auto& line : result.log) explainer.line(line, ++number);
  const auto differs = [&](const Explanation& own) {
    return std::ranges::any_of(own.facts, [&](const auto& value) {
      const auto same =
          std::ranges::find(item.facts, value.first, [](const auto& f) { return f.first; });
      return same != item.facts.end() && same->second != value.second;
    });
  };
  std::string other;
  for (const Explanation& own : explainer.finish({}).items) {
    if (own.message->id != item.message->id) continue;
    if (!differs(own)) return {};
    if (other.empty()) other = own.line;
  }
  return other;
}

}  // namespace

Proof about_another_build(std::string text) {
  return {Proof::Status::refuted,
          std::move(text) + ": the line is about another build of it, or another kernel",
          "compare uname -r, and modinfo -F vermagic and srcversion of the installed file", ""};
}

Proof from_gate(const Verdict& verdict, const Verdict::Row& row, const Explanation& item,
                const Evidence& evidence) {
  const GateResult& result = row.result;
  const bool anonymous = subject(item).empty();
  const auto another_build = [&](std::string text) {
    Proof proof = about_another_build(std::move(text));
    if (!anonymous) return proof;
    proof.text.resize(proof.text.rfind(": "));
    proof.text += "; the line names no module, so it is about another file";
    proof.hint = "the lines around it may tell which file was loaded";
    return proof;
  };
  // What init returns is in no file: the line is all there is.
  if (result.status == GateStatus::not_evaluated) return {};
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
  if (auto absent = from_absent_exporter(item, evidence)) return *absent;
  if (result.status != GateStatus::fail)
    if (auto by_machine = proof_from_machine_state(item, result, evidence)) return *by_machine;
  if (result.status == GateStatus::unknown) {
    proof.status = Proof::Status::unknown;
    if (item.message->gate == "symbols") proof.hint = with_dependencies(evidence, verdict);
    return proof;
  }
  if (result.status != GateStatus::fail) {
    if (item.message->id == "symbol-unknown") return from_missing_owners(item, evidence);
    return another_build("this file passes that check on this kernel");
  }
  if (const auto own = with_other_values(result, item); !own.empty())
    return another_build(fmt::format("this kernel says of this file \"{}\"", own));
  if (anonymous && prints_otherwise(result, item))
    return another_build(
        fmt::format("this kernel refuses this file with \"{}\"", result.log.front()));
  proof.status = Proof::Status::proven;
  std::vector<std::string> named, hints;
  for (const auto& detail : result.details) {
    if (std::ranges::find(item.symbols, detail.symbol, &SymbolNote::name) == item.symbols.end())
      continue;
    named.push_back(detail.reason);
    if (!detail.hint.empty() && std::ranges::find(hints, detail.hint) == hints.end())
      hints.push_back(detail.hint);
  }
  if (!named.empty()) {
    proof.text = fmt::format("{}", fmt::join(named, "; "));
    if (!hints.empty()) proof.hint = fmt::format("{}", fmt::join(hints, "; "));
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

}  // namespace kovet::explain
