#include "explain/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "explain/machine_state.h"
#include "gates/taint.h"
#include "host/parameter_fit.h"

namespace kovet::explain {

namespace {

/// A word for the shell: quoted where it has to be.
std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:@%,";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos)
    return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
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

Proof about_another_build(std::string text) {
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
    return about_another_build("this file's symbols resolve on this kernel");
  return {
      Proof::Status::proven,
      fmt::format("on this kernel {} export{} these symbols, and was not loaded when the line was "
                  "printed; with it, they resolve",
                  fmt::join(owners, ", "), owners.size() == 1 ? "s" : ""),
      fmt::format("modprobe {}, or let modprobe load this module: it loads them first",
                  fmt::join(owners, " ")),
      evidence.kernel->symvers->path};
}

/// Whether the line is printed of symbols that the loader found: those exist, and their owner is loaded.
bool was_found(const Explanation& item) {
  constexpr std::array<std::string_view, 4> ids{"symbol-version", "symbol-version-absent",
                                                "symbol-namespace", "symbol-proprietary"};
  if (std::ranges::find(ids, item.message->id) != ids.end()) return true;
  return item.message->id == "symbol-unknown" && !item.symbols.empty() &&
         std::ranges::all_of(item.symbols, [](const SymbolNote& symbol) {
           return symbol.error == EINVAL || symbol.error == EBUSY;
         });
}

bool kernel_exports(const Evidence& evidence, std::string_view symbol) {
  return evidence.kernel && evidence.kernel->symvers && evidence.kernel->symvers->find(symbol);
}

/// A line about symbols that a loaded module exports and the kernel does not: without that module's file
/// the check sees nothing of what the line says.
std::optional<Proof> from_absent_exporter(const Explanation& item, const Evidence& evidence) {
  if (!was_found(item) || item.symbols.empty() || !evidence.kernel->symvers ||
      std::ranges::any_of(item.symbols, [&](const SymbolNote& symbol) {
        return kernel_exports(evidence, symbol.name);
      }))
    return std::nullopt;
  const auto depends = depends_of(*evidence.module);
  const std::string exporter = depends.empty() ? "EXPORTER" : fmt::format("{}", fmt::join(depends, ".ko "));
  const bool several = item.symbols.size() > 1;
  const std::string_view id = item.message->id;
  std::string fix;
  constexpr KernelVersion takes_strings{6, 13, 0};
  const bool quoted = evidence.kernel->version && *evidence.kernel->version >= takes_strings;
  if (id == "symbol-namespace")
    fix = fmt::format("add MODULE_IMPORT_NS({0}{1}{0}) to its source", quoted ? "\"" : "",
                      fact(item, "namespace"));
  else if (id == "symbol-unknown" && item.symbols.front().error == EBUSY)
    fix = fmt::format("see what its init waits for: cat /sys/module/{}/initstate",
                      depends.empty() ? "EXPORTER" : depends.front());
  else if (id != "symbol-proprietary")
    fix = fmt::format("rebuild it with the Module.symvers of the module that runs{} (LINK_MODULES, "
                      "KBUILD_EXTRA_SYMBOLS)",
                      depends.empty() ? std::string() : fmt::format(": {}", fmt::join(depends, ", ")));
  fix += fmt::format("{}kovet check {} {}.ko --kernel {}, with the file that is loaded, shows both sides",
                     fix.empty() ? "" : "; ", shell_word(evidence.module->path), exporter,
                     shell_word(evidence.kernel->spec));
  return Proof{Proof::Status::unknown,
               fmt::format("the kernel does not export {}, so a module that was loaded then does, and its "
                           "file was not named",
                           several ? "these symbols" : item.symbols.front().name),
               std::move(fix), evidence.kernel->symvers->path};
}

/// How a symbol that another module may export gets decided.
std::string with_dependencies(const Evidence& evidence, const Verdict& verdict) {
  const auto depends = depends_of(*evidence.module);
  if (depends.empty()) return "kovet check with the other modules in the same call";
  std::string text =
      fmt::format("load {} first, as modprobe does and insmod does not", fmt::join(depends, ", "));
  const Verdict::Row* symbols = row_of(verdict, "symbols");
  if (symbols && symbols->result.status == GateStatus::pass) return text;
  const auto license = evidence.module->first("license");
  if (!license || !license_is_gpl_compatible(*license))
    text += fmt::format(" (loaded already, by lsmod? then it exports them as GPL-only, which the licence '{}' "
                        "may not use)",
                        license.value_or("unspecified"));
  return fmt::format("{}; kovet check {} {}.ko --kernel {} holds all of them against the kernel", text,
                     shell_word(evidence.module->path), fmt::join(depends, ".ko "),
                     shell_word(evidence.kernel->spec));
}

/// The fix: by symbol where the check knows it so exactly.
std::string hint_of(const GateResult& result) {
  std::vector<std::string_view> hints;
  for (const auto& detail : result.details)
    if (!detail.hint.empty() && std::ranges::find(hints, detail.hint) == hints.end())
      hints.push_back(detail.hint);
  return hints.empty() ? result.hint : fmt::format("{}", fmt::join(hints, "; "));
}

/// Whether the kernel's line for this file is of another kind than the one that is to be proven.
bool prints_otherwise(const GateResult& result, const Explanation& item) {
  Explainer explainer;
  std::uint64_t number = 0;
  for (const auto& line : result.log) explainer.line(line, ++number);
  const auto printed = explainer.finish({});
  return !printed.items.empty() &&
         std::ranges::none_of(printed.items, [&](const Explanation& own) {
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
      const auto same = std::ranges::find(item.facts, value.first, [](const auto& f) { return f.first; });
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
    return another_build(fmt::format("this kernel refuses this file with \"{}\"", result.log.front()));
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

/// What some kernels refuse and others only warn about is decided by this kernel's check.
void decide(Explanation& item, const GateResult& result) {
  if (item.stage != Stage::undecided || item.proof.status != Proof::Status::proven) return;
  const bool refused = result.status == GateStatus::fail;
  item.stage = refused ? Stage::refused : Stage::warned;
  if (refused) item.error = result.error;
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
  const auto given = std::ranges::find(item.facts, "text", [](const auto& f) { return f.first; });
  if (item.message->stage != Stage::refused) return {};
  const std::string type = found->type.empty() ? "not declared" : std::string(found->type);
  if (given == item.facts.end())  // how many, or how long: the line says it
    return {Proof::Status::proven, fmt::format("{} has type {}", wanted, type),
            "give a value that there is room for", module.path};
  const ParameterFit fit =
      fit_parameter(module, {.name = std::string(wanted), .value = given->second, .has_value = true});
  if (fit.kind == ParameterFit::Kind::bad_value)
    return {Proof::Status::proven,
            fmt::format("{} has type {}; '{}' was given", wanted, type, given->second),
            "give a value of that type", module.path};
  return {Proof::Status::unknown,
          fmt::format("{} has type {}, and '{}' {}: its setter wants something else, or another build of "
                      "the module was loaded",
                      wanted, type, given->second,
                      fit.kind == ParameterFit::Kind::fits ? "is such a value" : "was given"),
          "read its setter in the source; modinfo -n, to see which file modprobe takes", module.path};
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

/// Whether a check that passes excludes the cause: what the file and the kernel decide, not what the
/// machine's state does.
bool excludes(const ErrnoCause& cause, int error, const Verdict& verdict, const Module& module,
              const Kernel& kernel) {
  constexpr KernelVersion ignores_unknown{3, 11, 0};
  if (cause.text.starts_with("an unknown parameter"))
    return kernel.version && *kernel.version >= ignores_unknown;
  if (cause.gate == "duplicate-exports" && module.exports.empty() && !module.exports_unclear) return true;
  if (cause.gate == "parameters" && module.parameters.empty() && module.parameter_table.empty() &&
      module.parameter_table_read)
    return true;
  // The file that was read is there, and not empty.
  if (cause.gate == "syscall") return error == EINVAL;
  constexpr std::array<std::string_view, 11> of_the_file{
      "vermagic", "module-layout", "struct-module-size", "elf",        "elf-symbols", "relocations",
      "symbols",  "btf",           "compression",        "write-exec", "module-namespace-import"};
  const Verdict::Row* row = row_of(verdict, cause.gate);
  if (!row || row->result.status == GateStatus::fail ||
      row->result.status == GateStatus::unknown ||
      row->result.status == GateStatus::not_evaluated ||
      std::ranges::find(of_the_file, cause.gate) == of_the_file.end())
    return false;
  const bool owner_not_loaded = cause.text.find("is not loaded") != std::string_view::npos;
  return !owner_not_loaded || depends_of(module).empty();
}

/// The errno's causes that are left, of those checks that come before `end` in the kernel's order.
std::vector<ErrnoCause> causes_left(const ErrnoMeaning& meaning, const Verdict& verdict,
                                    const Module& module, const Kernel& kernel, std::size_t end) {
  std::vector<ErrnoCause> left;
  for (const ErrnoCause& cause : meaning.causes) {
    if (cause.text.empty() || excludes(cause, meaning.number, verdict, module, kernel)) continue;
    const Verdict::Row* row = row_of(verdict, cause.gate);
    if (cause.gate.empty() ||
        (row && static_cast<std::size_t>(row - verdict.rows.data()) < end))
      left.push_back(cause);
  }
  return left;
}

void keep_causes(Explanation& item, const std::vector<ErrnoCause>& causes) {
  item.causes.clear();
  for (const ErrnoCause& cause : causes)
    item.causes.push_back(cause_text(cause, item));
}

/// A tool's errno that no check of this file gives: what is left?
Proof from_passing(Explanation& item, const ErrnoMeaning& meaning, const Verdict& verdict,
                   const Evidence& evidence) {
  const Module& module = *evidence.module;
  const Kernel& kernel = *evidence.kernel;
  const auto left = causes_left(meaning, verdict, module, kernel, verdict.rows.size());
  std::vector<std::string_view> passed;
  for (const ErrnoCause& cause : meaning.causes)
    if (!cause.text.empty() && row_of(verdict, cause.gate) &&
        excludes(cause, meaning.number, verdict, module, kernel) && cause.gate != "syscall" &&
        std::ranges::find(passed, cause.gate) == passed.end())
      passed.push_back(cause.gate);
  std::string open;
  for (const auto& row : verdict.rows)
    if (row.result.status == GateStatus::unknown)
      open += fmt::format("{}{}: {}", open.empty() ? "" : "; ", row.gate->id, row.result.reason);
  if (!open.empty()) open = "; not decided: " + open;
  keep_causes(item, left);

  const std::string start =
      passed.empty() ? std::string()
                     : fmt::format("on this kernel the file passes {}; ", fmt::join(passed, ", "));
  const bool only_init = !left.empty() && std::ranges::all_of(left, [](const ErrnoCause& cause) {
                           return cause.gate == "init";
                         });
  const std::string_view read_on =
      "read the module's own lines in dmesg; kovet boot loads it in a virtual machine";
  if (!only_init) {
    const bool owner_missing = std::ranges::any_of(left, [](const ErrnoCause& cause) {
      return cause.gate == "symbols" && cause.text.find("is not loaded") != std::string_view::npos;
    });
    return {Proof::Status::unknown, start + "the causes below are left" + open,
            owner_missing ? with_dependencies(evidence, verdict) : std::string(read_on), ""};
  }
  // Where the loader has the errno too, the file's passing does not prove which kernel it was for.
  const bool of_init = passed.empty();
  std::string text =
      of_init ? fmt::format("no check of the loader gives {}: the module's init function returned it",
                            meaning.name)
              : start + fmt::format("its init function returned {}, or another kernel or another file of "
                                    "that name was meant",
                                    meaning.name);
  const auto depends = depends_of(module);
  if (item.message->id == "modprobe-insert" && !depends.empty()) {
    text += fmt::format("{} or that of {}, which modprobe loads first and does not name here",
                        of_init ? "," : ";", fmt::join(depends, ", "));
    return {Proof::Status::unknown, std::move(text), std::string(read_on), ""};
  }
  if (of_init) return {Proof::Status::proven, std::move(text), std::string(read_on), ""};
  return {Proof::Status::unknown, text + open,
          fmt::format("compare uname -r with {}; {}",
                      kernel.release ? *kernel.release : kernel.spec, read_on),
          ""};
}

/// A tool's errno: what do the checks say of this module?
Proof from_errno(Explanation& item, const Verdict& verdict, const Evidence& evidence) {
  const int error = *item.error;
  const auto first = std::ranges::find_if(
      verdict.rows, [](const Verdict::Row& row) { return row.result.status == GateStatus::fail; });
  const ErrnoMeaning* meaning = find_errno(error);
  if (first == verdict.rows.end()) {
    if (item.explained_by > 0) return {};
    return meaning ? from_passing(item, *meaning, verdict, evidence) : Proof{};
  }
  const std::string cause = fmt::format("{}: {}", first->gate->id, first->result.reason);
  if (verdict.error == error)
    return {Proof::Status::proven, cause, hint_of(first->result), first->result.evidence};
  if (item.explained_by > 0) return {};
  const auto earlier = meaning ? causes_left(*meaning, verdict, *evidence.module, *evidence.kernel,
                                             static_cast<std::size_t>(first - verdict.rows.begin()))
                               : std::vector<ErrnoCause>();
  if (!earlier.empty()) {
    keep_causes(item, earlier);
    return {Proof::Status::unknown,
            fmt::format("the causes below come before the file's content is looked at; without them "
                        "this file ends in {} ({})",
                        errno_name(verdict.error), cause),
            hint_of(first->result), first->result.evidence};
  }
  return {Proof::Status::refuted,
          fmt::format("the checks end in {} ({}), not in this errno: another file or kernel was meant",
                      errno_name(verdict.error), cause),
          hint_of(first->result), first->result.evidence};
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
  if (kernel)
    replace("--kernel $(uname -r)", fmt::format("--kernel {}", shell_word(kernel->spec)));
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
  const Verdict verdict = judge(GateInput{
      module, *evidence.kernel, assumptions, {}, {}, evidence.signature, evidence.image});
  const TaintForecast forecast = forecast_taint(module, *evidence.kernel, assumptions, evidence.signature);
  for (Explanation& item : items) {
    if (item.stage == Stage::context || item.proof.status != Proof::Status::not_run ||
        !is_about(item, module))
      continue;
    if (item.message->gate == "taint" || item.message->id.starts_with("taint-"))
      item.proof = from_taint(forecast, item, module);
    else if (const Verdict::Row* row = row_of(verdict, item.message->gate))
    {
      item.proof = from_gate(verdict, *row, item, evidence);
      decide(item, row->result);
    }
    else if (item.error && !fact(item, "reason").empty() && !is_of_open(item))
      item.proof = from_errno(item, verdict, evidence);
  }
  return summarize(verdict, module, *evidence.kernel);
}

}  // namespace kovet::explain
