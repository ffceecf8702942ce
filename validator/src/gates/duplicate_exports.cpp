#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cerrno>
#include <optional>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"
#include "gates/symbol_resolution.h"

// kernel/module/main.c: verify_exported_symbols().

namespace kovet::gate {

namespace {

/// Who already exports a symbol.
class Owners {
 public:
  explicit Owners(const GateInput& input) : input_(input), own_(struct_name(input.module)) {
    for (const Module* peer : input.peers)
      for (const Export& exported : peer->exports)
        if (exported.found) of_peers_.try_emplace(exported.name, peer);
  }

  /// "kernel", a module's name, or nobody.
  std::string owner_of(std::string_view symbol) {
    const auto entry = input_.kernel.symvers ? input_.kernel.symvers->find(symbol) : std::nullopt;
    if (entry && entry->module == "vmlinux") return "kernel";
    if (const auto found = of_peers_.find(symbol); found != of_peers_.end())
      return struct_name(*found->second);
    if (!entry) return {};
    // A module of the kernel's own: there when this one needs it, or what this one needs does.
    std::string owner = kernel_module_name(entry->module);
    if (owner == own_ || needs().empty()) return {};
    if (std::find(needs().begin(), needs().end(), owner) != needs().end()) return owner;
    if (maybe_.empty())
      maybe_ = fmt::format(
          "{} is exported by the kernel's module {} too, and whether one that is "
          "loaded before needs that is not known",
          symbol, owner);
    return {};
  }

  /// Why an owner may have been missed; empty: none was.
  const std::string& maybe() const { return maybe_; }

 private:
  static std::string kernel_module_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }

  /// Modules that this one needs, as their struct module names them.
  const std::vector<std::string>& needs() {
    if (!needs_) {
      needs_.emplace();
      for (const std::string& name : resolve_symbols(input_).needs)
        needs_->push_back(kernel_module_name(name));
      for (const std::string_view name : dependencies_of(input_.module))
        needs_->push_back(kernel_module_name(name));
    }
    return *needs_;
  }

  const GateInput& input_;
  const std::string own_;
  boost::unordered_flat_map<std::string_view, const Module*> of_peers_;
  std::optional<std::vector<std::string>> needs_;
  std::string maybe_;
};

}  // namespace

GateResult duplicate_exports(const GateInput& input) {
  const Module& module = input.module;
  if (module.exports_unclear) {
    return GateResult::unknown(
        "its table of exported symbols has entries whose names the file does "
        "not hold; the kernel would read wild memory, and may crash",
        "do not load this file: build the module again");
  }
  if (module.exports.empty()) return GateResult::pass();
  Owners owners(input);
  for (const Export& exported : module.exports) {
    const std::string owner = owners.owner_of(exported.name);
    if (owner.empty()) continue;
    return GateResult::fail(ENOEXEC,
                            {fmt::format("{}: exports duplicate symbol {} (owned by {})",
                                         struct_name(module), exported.name, owner)},
                            fmt::format("{} is exported by {} already", exported.name, owner),
                            "rename the symbol, or do not load both");
  }
  if (!input.kernel.symvers || input.kernel.symvers->symbols.empty() ||
      !input.kernel.symvers->complete) {
    return GateResult::unknown("what the kernel itself exports is not known",
                               input.kernel.symvers.supply.empty()
                                   ? "the Module.symvers of this kernel"
                                   : input.kernel.symvers.supply);
  }
  if (!owners.maybe().empty())
    return GateResult::unknown(owners.maybe(), "kovet boot loads it after all it needs");
  return GateResult::pass();
}

}  // namespace kovet::gate
