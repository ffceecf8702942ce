#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "explain/machine_state.h"
#include "explain/proof_steps.h"
#include "gates/taint.h"

namespace kovet::explain {

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

std::optional<Proof> from_absent_exporter(const Explanation& item, const Evidence& evidence) {
  if (!was_found(item) || item.symbols.empty() || !evidence.kernel->symvers ||
      std::ranges::any_of(item.symbols, [&](const SymbolNote& symbol) {
        return kernel_exports(evidence, symbol.name);
      }))
    return std::nullopt;
  const auto depends = depends_of(*evidence.module);
  const std::string exporter =
      depends.empty() ? "EXPORTER" : fmt::format("{}", fmt::join(depends, ".ko "));
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
    fix = fmt::format(
        "rebuild it with the Module.symvers of the module that runs{} (LINK_MODULES, "
        "KBUILD_EXTRA_SYMBOLS)",
        depends.empty() ? std::string() : fmt::format(": {}", fmt::join(depends, ", ")));
  fix += fmt::format(
      "{}kovet check {} {}.ko --kernel {}, with the file that is loaded, shows both sides",
      fix.empty() ? "" : "; ", shell_word(evidence.module->path), exporter,
      shell_word(evidence.kernel->spec));
  return Proof{
      Proof::Status::unknown,
      fmt::format("the kernel does not export {}, so a module that was loaded then does, and its "
                  "file was not named",
                  several ? "these symbols" : item.symbols.front().name),
      std::move(fix), evidence.kernel->symvers->path};
}

std::string with_dependencies(const Evidence& evidence, const Verdict& verdict) {
  const auto depends = depends_of(*evidence.module);
  if (depends.empty()) return "kovet check with the other modules in the same call";
  std::string text =
      fmt::format("load {} first, as modprobe does and insmod does not", fmt::join(depends, ", "));
  const Verdict::Row* symbols = row_of(verdict, "symbols");
  if (symbols && symbols->result.status == GateStatus::pass) return text;
  const auto license = evidence.module->first("license");
  if (!license || !license_is_gpl_compatible(*license))
    text += fmt::format(
        " (loaded already, by lsmod? then it exports them as GPL-only, which the licence '{}' "
        "may not use)",
        license.value_or("unspecified"));
  return fmt::format("{}; kovet check {} {}.ko --kernel {} holds all of them against the kernel",
                     text, shell_word(evidence.module->path), fmt::join(depends, ".ko "),
                     shell_word(evidence.kernel->spec));
}

}  // namespace kovet::explain
