#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "explain/errno_table.h"
#include "explain/machine_state.h"
#include "explain/proof_steps.h"

namespace kovet::explain {

namespace {

/// Whether a check that passes excludes the cause: what the file and the kernel decide, not what
/// the machine's state does.
bool excludes(const ErrnoCause& cause, int error, const Verdict& verdict, const Module& module,
              const Kernel& kernel) {
  constexpr KernelVersion ignores_unknown{3, 11, 0};
  if (cause.text.starts_with("an unknown parameter"))
    return kernel.version && *kernel.version >= ignores_unknown;
  if (cause.gate == "duplicate-exports" && module.exports.empty() && !module.exports_unclear)
    return true;
  if (cause.gate == "parameters" && module.parameters.empty() && module.parameter_table.empty() &&
      module.parameter_table_read)
    return true;
  // The file that was read is there, and not empty.
  if (cause.gate == "syscall") return error == EINVAL;
  constexpr std::array<std::string_view, 11> of_the_file{"vermagic",
                                                         "module-layout",
                                                         "struct-module-size",
                                                         "elf",
                                                         "elf-symbols",
                                                         "relocations",
                                                         "symbols",
                                                         "btf",
                                                         "compression",
                                                         "write-exec",
                                                         "module-namespace-import"};
  const Verdict::Row* row = row_of(verdict, cause.gate);
  if (!row || row->result.status == GateStatus::fail || row->result.status == GateStatus::unknown ||
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
    if (cause.gate.empty() || (row && static_cast<std::size_t>(row - verdict.rows.data()) < end))
      left.push_back(cause);
  }
  return left;
}

void keep_causes(Explanation& item, const std::vector<ErrnoCause>& causes) {
  item.causes.clear();
  for (const ErrnoCause& cause : causes) item.causes.push_back(cause_text(cause, item));
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
      of_init
          ? fmt::format("no check of the loader gives {}: the module's init function returned it",
                        meaning.name)
          : start + fmt::format(
                        "its init function returned {}, or another kernel or another file of "
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

}  // namespace

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
    return {
        Proof::Status::unknown,
        fmt::format("the causes below come before the file's content is looked at; without them "
                    "this file ends in {} ({})",
                    errno_name(verdict.error), cause),
        hint_of(first->result), first->result.evidence};
  }
  return {
      Proof::Status::refuted,
      fmt::format("the checks end in {} ({}), not in this errno: another file or kernel was meant",
                  errno_name(verdict.error), cause),
      hint_of(first->result), first->result.evidence};
}

}  // namespace kovet::explain
