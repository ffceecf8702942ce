#include "explain/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>

#include "explain/machine_state.h"
#include "explain/proof_steps.h"

namespace kovet::explain {

namespace {

/// What some kernels refuse and others only warn about is decided by this kernel's check.
void decide(Explanation& item, const GateResult& result) {
  if (item.stage != Stage::undecided || item.proof.status != Proof::Status::proven) return;
  const bool refused = result.status == GateStatus::fail;
  item.stage = refused ? Stage::refused : Stage::warned;
  if (refused) item.error = result.error;
}

/// The commands of `next` with the file and the kernel that were named.
void name_the_files(Explanation& item, const Module& module, const Kernel* kernel) {
  const auto replace = [&](std::string_view what, const std::string& with) {
    for (std::size_t at = 0; (at = item.next.find(what, at)) != std::string::npos;
         at += with.size())
      item.next.replace(at, what.size(), with);
  };
  const std::string path = shell_word(module.path);
  const std::string_view stem = subject(item);
  const bool own = stem.empty() || item.next.find(path) == std::string::npos;
  if (own && !stem.empty()) replace(fmt::format(" {}.ko", stem), " " + path);
  if (own) replace(" M.ko", " " + path);
  if (item.stage == Stage::userspace) replace("NAME", std::string(module.display_name()));
  // With both named, that is what was just done.
  if (kernel && item.next.starts_with("kovet explain LOG --module"))
    item.next.erase(0, std::min(item.next.find("; "), item.next.size() - 2) + 2);
  if (kernel) replace("--kernel $(uname -r)", fmt::format("--kernel {}", shell_word(kernel->spec)));
}

/// What the log itself shows of the machine: no need to assume it.
Assumptions with_log(Assumptions assumptions, const std::vector<Explanation>& items,
                     const Module& module) {
  for (const Explanation& item : items) {
    // Nothing but enforcement gives this errno for a file whose signature is not wrong.
    if (item.stage == Stage::userspace && (item.error == EKEYREJECTED || item.error == ENOKEY) &&
        !subject(item).empty() && is_about(item, module))
      assumptions.sig_enforce = true;
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
    const VerdictSummary::Gate row{std::string(gate->id), result.reason, hint_of(result),
                                   result.evidence};
    if (result.status == GateStatus::fail) summary.failing.push_back(row);
    if (result.status == GateStatus::unknown) summary.undecided.push_back(row);
  }
  return summary;
}

}  // namespace

std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:@%,";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos)
    return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

const Verdict::Row* row_of(const Verdict& verdict, std::string_view gate) {
  const auto found =
      std::ranges::find(verdict.rows, gate, [](const Verdict::Row& row) { return row.gate->id; });
  return found == verdict.rows.end() ? nullptr : &*found;
}

std::string hint_of(const GateResult& result) {
  std::vector<std::string_view> hints;
  for (const auto& detail : result.details)
    if (!detail.hint.empty() && std::ranges::find(hints, detail.hint) == hints.end())
      hints.push_back(detail.hint);
  return hints.empty() ? result.hint : fmt::format("{}", fmt::join(hints, "; "));
}

bool is_about(const Explanation& item, const Module& module) {
  const std::string_view name = subject(item);
  if (name.empty() || same_module(name, module.display_name())) return true;
  // insmod names the file, whatever the module in it is called.
  return item.module.empty() && basename(fact(item, "path")) == basename(module.path);
}

std::optional<VerdictSummary> prove(std::vector<Explanation>& items, const Evidence& evidence) {
  for (Explanation& item : items)
    if (item.message->gate == "symbols" && item.message->id != "elf-symbol-section")
      for (SymbolNote& symbol : item.symbols) {
        symbol.provider = provider_of(symbol.name, evidence);
        if (was_found(item) && evidence.kernel && evidence.kernel->symvers &&
            !kernel_exports(evidence, symbol.name))
          symbol.provider = "not in this kernel's Module.symvers: another out-of-tree module's";
      }
  if (!evidence.module) return std::nullopt;
  const Module& module = *evidence.module;
  for (Explanation& item : items)
    if (is_about(item, module)) name_the_files(item, module, evidence.kernel);
  for (Explanation& item : items)
    if (item.message->gate == "parameters" && is_about(item, module))
      item.proof = from_parameters(module, item);
  if (!evidence.kernel) {
    for (Explanation& item : items) {
      if (item.message->id != "vermagic" || !is_about(item, module)) continue;
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
  const Assumptions assumptions = with_log(evidence.assumptions, items, module);
  const Verdict verdict = judge(
      GateInput{module, *evidence.kernel, assumptions, {}, {}, evidence.signature, evidence.image});
  const TaintForecast forecast =
      forecast_taint(module, *evidence.kernel, assumptions, evidence.signature);
  for (Explanation& item : items) {
    if (item.stage == Stage::context || item.proof.status != Proof::Status::not_run ||
        !is_about(item, module))
      continue;
    if (item.message->gate == "taint" || item.message->id.starts_with("taint-"))
      item.proof = from_taint(forecast, item, module);
    else if (const Verdict::Row* row = row_of(verdict, item.message->gate)) {
      item.proof = from_gate(verdict, *row, item, evidence);
      decide(item, row->result);
    } else if (item.error && !fact(item, "reason").empty() && !is_of_open(item))
      item.proof = from_errno(item, verdict, evidence);
  }
  return summarize(verdict, module, *evidence.kernel);
}

}  // namespace kovet::explain
