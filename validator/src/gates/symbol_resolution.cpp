#include "gates/symbol_resolution.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cerrno>
#include <set>

#include "gates/loader_traits.h"
#include "gates/taint.h"
#include "gates/version_check.h"

namespace kovet {

namespace {

/// Where a symbol is found, as find_symbol() reports it.
struct Exporter {
  std::optional<std::uint32_t> crc;
  std::string_view symbol_namespace;
  bool gpl_only = false;
  std::string_view owner;  // "vmlinux" or a module's name
  bool owner_proprietary = false;
  bool owner_uncertain = false;  // the owner may be refused for all that is known
  bool crc_outside = false;      // what lies behind the table of CRCs is compared
  bool crc_disputed = false;     // Module.symvers has two
};

std::string_view base_name(std::string_view module) {
  const std::size_t slash = module.rfind('/');
  return slash == std::string_view::npos ? module : module.substr(slash + 1);
}

bool same_module_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

Exporter from_symvers(const SymversEntry& entry, Tri modversions) {
  Exporter exporter;
  if (modversions == Tri::yes) exporter.crc = entry.crc;
  exporter.symbol_namespace = entry.symbol_namespace;
  exporter.gpl_only = entry.gpl_only;
  exporter.owner = base_name(entry.module);
  return exporter;
}

/// module_namespace_granted(): "module:a,b-*" names the modules that may use the symbol.
bool granted_by_name(std::string_view name_space, std::string_view module) {
  constexpr std::string_view prefix = "module:";
  if (!name_space.starts_with(prefix)) return false;
  name_space.remove_prefix(prefix.size());
  while (!name_space.empty()) {
    const std::size_t comma = name_space.find(',');
    std::string_view pattern = name_space.substr(0, comma);
    if (pattern.ends_with('*')) {
      pattern.remove_suffix(1);
      if (module.size() >= pattern.size() &&
          same_module_name(module.substr(0, pattern.size()), pattern))
        return true;
    } else if (same_module_name(module, pattern)) {
      return true;
    }
    if (comma == std::string_view::npos) break;
    name_space.remove_prefix(comma + 1);
  }
  return false;
}

/// Peers that taint P by themselves, or by what they use of others before them.
std::set<const Module*> proprietary_peers(const GateInput& input) {
  std::set<const Module*> proprietary;
  for (const Module* peer : input.peers)
    if (is_proprietary({*peer, input.kernel, input.assumptions, {}, {}, {}}))
      proprietary.insert(peer);
  if (proprietary.empty() ||
      (input.kernel.version && *input.kernel.version < KernelVersion{5, 9, 0}))
    return proprietary;
  boost::unordered_flat_map<std::string_view, const Module*> owners;
  for (const Module* peer : input.peers) {
    const auto from_proprietary = [&](const Symbol& symbol) {
      const auto owner = owners.find(symbol.name);
      return owner != owners.end() && proprietary.contains(owner->second);
    };
    if (std::any_of(peer->imports.begin(), peer->imports.end(), from_proprietary))
      proprietary.insert(peer);
    for (const Export& symbol : peer->exports) owners.try_emplace(symbol.name, peer);
  }
  return proprietary;
}

class Resolver {
 public:
  explicit Resolver(const GateInput& input)
      : input_(input),
        traits_(traits_of(input.kernel)),
        versions_(input.module, traits_),
        name_(struct_name(input.module)),
        proprietary_(is_proprietary(input)),
        has_table_(input.module.versions || input.module.extended_versions),
        proprietary_peers_(proprietary_peers(input)) {
    for (const Module* peer : input.peers)
      for (const Export& symbol : peer->exports)
        if (symbol.found) peer_exports_.try_emplace(symbol.name, peer, &symbol);
    if (!input.kernel.symvers) return;
    for (const Symvers::Contradiction& clash : input.kernel.symvers->contradictions)
      if (clash.first.crc != clash.second.crc) disputed_.insert(clash.symbol);
  }

  SymbolResolution run() {
    std::vector<const Symbol*> order;
    const Module& module = input_.module;
    for (const auto* list : {&module.imports, &module.commons, &module.bad_section_symbols})
      for (const Symbol& symbol : *list) order.push_back(&symbol);
    std::sort(order.begin(), order.end(),
              [](const Symbol* a, const Symbol* b) { return a->index < b->index; });
    for (const Symbol* symbol : order) {
      if (symbol->section == SHN_UNDEF)
        import(*symbol);
      else if (symbol->section == SHN_COMMON)
        common(*symbol);
      else
        bad_section(*symbol);
    }
    return std::move(out_);
  }

 private:
  void fail(int error, std::string line, GateDetail detail) {
    out_.error = error;
    out_.log.push_back(std::move(line));
    out_.failures.push_back(std::move(detail));
  }

  void unknown(std::string why, std::string supply) {
    if (!out_.unknown.empty()) return;
    out_.unknown = std::move(why);
    out_.supply = std::move(supply);
  }

  void common(const Symbol& symbol) {
    if (symbol.name.starts_with("__gnu_lto")) return;
    out_.common = true;
    fail(ENOEXEC, fmt::format("{}: please compile with -fno-common", name_),
         {"common-symbol", std::string(symbol.name),
          fmt::format("{} is a common symbol", symbol.name),
          "compile with -fno-common, as Kbuild does"});
  }

  void bad_section(const Symbol& symbol) {
    if (traits_.section_index_bounds != Tri::yes) {
      unknown(fmt::format("symbol {} names a section that does not exist; kernels without that "
                          "check would read wild memory",
                          symbol.name),
              "build the module again");
      return;
    }
    out_.import = true;
    fail(ENOEXEC,
         fmt::format("{}: Symbol {} has an invalid section index {} (max {})", name_, symbol.name,
                     symbol.section, input_.module.sections.size() - 1),
         {"bad-symbol-section", std::string(symbol.name),
          fmt::format("{} names a section that does not exist", symbol.name),
          "the file is damaged: build it again"});
  }

  void unresolved(const Symbol& symbol, int error, std::string_view rule, std::string reason,
                  std::string hint) {
    out_.import = true;
    fail(error, fmt::format("{}: Unknown symbol {} (err -{})", name_, symbol.name, error),
         {rule, std::string(symbol.name), std::move(reason), std::move(hint)});
  }

  /// x86 toolchains leave a reference to it that nothing uses.
  bool is_ignored(const Symbol& symbol) const {
    return symbol.name == "_GLOBAL_OFFSET_TABLE_" &&
           (input_.module.arch == Arch::x86 || input_.module.arch == Arch::x86_64);
  }

  std::optional<Exporter> find(std::string_view symbol, bool weak, bool& hidden) const {
    const auto visible = [&](bool gpl_only) {
      if (gpl_only && proprietary_now_) hidden = true;
      return !gpl_only || !proprietary_now_;
    };
    const auto in_kernel =
        input_.kernel.symvers ? input_.kernel.symvers->find(symbol) : std::nullopt;
    if (in_kernel && in_kernel->module == "vmlinux")
      return visible(in_kernel->gpl_only) ? std::optional(from_kernel(symbol, *in_kernel))
                                          : std::nullopt;
    if (const auto found = peer_exports_.find(symbol); found != peer_exports_.end()) {
      const auto& [peer, exported] = found->second;
      if (!visible(exported->gpl_only)) return std::nullopt;
      return Exporter{traits_.modversions == Tri::yes ? exported->crc : std::nullopt,
                      exported->symbol_namespace,
                      exported->gpl_only,
                      peer->this_module ? peer->this_module->name : peer->name,
                      proprietary_peers_.contains(peer),
                      is_uncertain(peer),
                      exported->crc_outside};
    }
    // A module of the kernel's own that has this one's name cannot be there beside it; and for the
    // sake of a weak symbol alone none is loaded.
    const bool there = in_kernel && !same_module_name(base_name(in_kernel->module), name_) &&
                       (!weak || depends_on(base_name(in_kernel->module)));
    if (there)
      return visible(in_kernel->gpl_only) ? std::optional(from_kernel(symbol, *in_kernel))
                                          : std::nullopt;
    for (const Symvers* extra : input_.extra_symvers) {
      if (const auto entry = extra->find(symbol)) {
        return visible(entry->gpl_only) ? std::optional(from_symvers(*entry, traits_.modversions))
                                        : std::nullopt;
      }
    }
    return std::nullopt;
  }

  Exporter from_kernel(std::string_view symbol, const SymversEntry& entry) const {
    Exporter exporter = from_symvers(entry, traits_.modversions);
    exporter.crc_disputed = disputed_.contains(symbol);
    return exporter;
  }

  bool depends_on(std::string_view module) const {
    const auto names = dependencies_of(input_.module);
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return same_module_name(name, module); });
  }

  bool is_uncertain(const Module* peer) const {
    return std::find(input_.uncertain.begin(), input_.uncertain.end(), peer) !=
           input_.uncertain.end();
  }

  void import(const Symbol& symbol) {
    bool hidden = false;
    proprietary_now_ = proprietary_ || inherited_;
    const auto exporter = find(symbol.name, symbol.binding == Binding::weak, hidden);
    if (!exporter) {
      if (symbol.binding == Binding::weak || is_ignored(symbol)) return;
      not_found(symbol, hidden);
      return;
    }
    if (exporter->owner_uncertain && symbol.binding != Binding::weak)
      unknown(fmt::format("{} comes from {}, which may be refused", symbol.name, exporter->owner),
              fmt::format("see what is said of {}", exporter->owner));
    if (exporter->gpl_only) uses_gpl_only_ = true;
    if (!inherit_taint(symbol, *exporter)) return;
    if (!check_version(symbol, *exporter) || !check_namespace(symbol, *exporter)) return;
    if (exporter->owner != "vmlinux" &&
        std::find(out_.needs.begin(), out_.needs.end(), exporter->owner) == out_.needs.end())
      out_.needs.emplace_back(exporter->owner);
  }

  void not_found(const Symbol& symbol, bool hidden) {
    if (hidden) {
      unresolved(
          symbol, ENOENT, "gpl-only-symbol",
          fmt::format("{} is exported GPL-only, and the module's licence '{}' is not "
                      "GPL-compatible",
                      symbol.name, visible_modinfo(input_, "license").value_or("unspecified")),
          "use a symbol that is exported to all, or a GPL-compatible MODULE_LICENSE");
      return;
    }
    if (const std::string why = exports_not_known(); !why.empty()) {
      unknown(why, input_.kernel.symvers.supply.empty() ? "the whole Module.symvers of this kernel"
                                                        : input_.kernel.symvers.supply);
      return;
    }
    for (const Module* refused : input_.absent) {
      const auto& exports = refused->exports;
      if (std::none_of(exports.begin(), exports.end(),
                       [&](const Export& exported) { return exported.name == symbol.name; }))
        continue;
      unresolved(
          symbol, ENOENT, "unknown-symbol",
          fmt::format("{} is exported by {}, which cannot be loaded before", symbol.name,
                      struct_name(*refused)),
          fmt::format("see what is said of {}; modules that need each other cannot be loaded",
                      struct_name(*refused)));
      return;
    }
    if (const std::string other = unseen_dependency(); !other.empty()) {
      unknown(
          fmt::format("{} is not exported by the kernel, and may come from {}, which the "
                      "module depends on",
                      symbol.name, other),
          fmt::format("name {}.ko in the same call, or its Module.symvers with --symvers", other));
      return;
    }
    unresolved(
        symbol, ENOENT, "unknown-symbol",
        fmt::format("{} is exported neither by the kernel nor by a module given here", symbol.name),
        "if another module exports it, declare it in LINK_MODULES (or name its .ko or "
        "Module.symvers here); else this kernel does not offer it");
  }

  /// Why the absence of a symbol proves nothing; empty: it does.
  std::string exports_not_known() const {
    const auto& symvers = input_.kernel.symvers;
    if (!symvers) return "what the kernel exports is not known";
    if (symvers->symbols.empty()) return fmt::format("{} has no entries", symvers->path);
    if (!symvers->complete) return fmt::format("{} was cut short", symvers->path);
    if (!symvers->malformed_lines.empty())
      return fmt::format("{}:{} cannot be read", symvers->path, symvers->malformed_lines.front());
    return {};
  }

  /// The first of modinfo depends= that is neither a module of the kernel nor given here.
  std::string unseen_dependency() {
    if (!kernel_modules_known_) {
      kernel_modules_known_ = true;
      unseen_ = find_unseen_dependency();
    }
    return unseen_;
  }

  std::string find_unseen_dependency() const {
    for (const std::string_view name : dependencies_of(input_.module))
      if (!is_known_module(name)) return std::string(name);
    return {};
  }

  bool is_known_module(std::string_view name) const {
    const auto provides = [&](const Symvers& symvers) {
      return symvers.symbols.any_of([&](std::string_view, const SymversEntry& entry) {
        return same_module_name(base_name(entry.module), name);
      });
    };
    const auto named_so = [&](const Module* peer) {
      return same_module_name(struct_name(*peer), name);
    };
    if (std::any_of(input_.peers.begin(), input_.peers.end(), named_so) ||
        std::any_of(input_.absent.begin(), input_.absent.end(), named_so))
      return true;
    if (std::any_of(input_.extra_symvers.begin(), input_.extra_symvers.end(),
                    [&](const Symvers* extra) { return provides(*extra); }))
      return true;
    return provides(*input_.kernel.symvers);
  }

  /// inherit_taint(), since 5.9. False: the symbol failed.
  bool inherit_taint(const Symbol& symbol, const Exporter& exporter) {
    if (!exporter.owner_proprietary) return true;
    if (input_.kernel.version && *input_.kernel.version < KernelVersion{5, 9, 0}) return true;
    if (uses_gpl_only_) {
      out_.log.push_back(fmt::format(
          "{}: module using GPL-only symbols uses symbols {} from proprietary module {}.", name_,
          symbol.name, exporter.owner));
      if (symbol.binding == Binding::weak) return false;
      unresolved(symbol, ENOENT, "proprietary-owner",
                 fmt::format("{} comes from the proprietary module {}, and GPL-only symbols are "
                             "used beside it",
                             symbol.name, exporter.owner),
                 "do not use GPL-only symbols and symbols of a proprietary module in one module");
      return false;
    }
    if (!proprietary_now_) {
      out_.log.push_back(
          fmt::format("{}: module uses symbols {} from proprietary module {}, inheriting taint.",
                      name_, symbol.name, exporter.owner));
      inherited_ = true;
      out_.inherits_taint = true;
    }
    return true;
  }

  bool check_version(const Symbol& symbol, const Exporter& exporter) {
    if (traits_.modversions == Tri::no) return true;
    if (traits_.modversions == Tri::unknown) {
      unknown("whether the kernel compares symbol versions is not known",
              "a build directory with include/config/auto.conf");
      return true;
    }
    if (exporter.crc_disputed) {
      unknown(fmt::format("{} has two CRCs for {}", input_.kernel.symvers->path, symbol.name),
              "install or build the headers again");
      return true;
    }
    if (exporter.crc_outside) {
      unknown(fmt::format("the table of CRCs of {} ends before that of {}, and the kernel compares "
                          "what follows it",
                          exporter.owner, symbol.name),
              fmt::format("build {} again", exporter.owner));
      return true;
    }
    const VersionAnswer answer = versions_.check(symbol.name, exporter.crc);
    if (answer.kind == VersionAnswer::Kind::unknown) {
      unknown(fmt::format("{}: {}", symbol.name, answer.reason),
              "kovet boot asks the kernel itself");
      return true;
    }
    if (rejects(answer)) {
      if (!answer.line.empty()) out_.log.push_back(answer.line);
    } else if (!answer.line.empty() && has_table_ && !warned_) {
      out_.log.push_back(answer.line);  // pr_warn_once()
      warned_ = true;
    }
    if (!rejects(answer)) return true;
    const bool disagrees = answer.kind == VersionAnswer::Kind::disagrees;
    unresolved(symbol, EINVAL, disagrees ? "symbol-version-mismatch" : "symbol-version-missing",
               fmt::format("{} of {}: {}", symbol.name, exporter.owner, answer.reason),
               exporter.owner == "vmlinux"
                   ? "build it against the headers of exactly this kernel"
                   : fmt::format("build it against the Module.symvers of the {} that is loaded",
                                 exporter.owner));
    return false;
  }

  bool check_namespace(const Symbol& symbol, const Exporter& exporter) {
    const std::string_view name_space = exporter.symbol_namespace;
    if (name_space.empty()) return true;
    if (traits_.module_namespaces != Tri::no && granted_by_name(name_space, name_)) return true;
    for (const ModinfoEntry& entry : input_.module.modinfo)
      if (entry.key == "import_ns" && entry.value == name_space) return true;
    const std::string line =
        fmt::format("{}: module uses symbol ({}) from namespace {}, but does not import it.", name_,
                    symbol.name, name_space);
    switch (config(input_.kernel, "MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS")) {
      case Tri::unknown:
        unknown(fmt::format("{} is in namespace {}, which the module does not import; whether the "
                            "kernel tolerates that is not known",
                            symbol.name, name_space),
                "a build directory with include/config/auto.conf");
        return true;
      case Tri::yes:
        out_.log.push_back(line);
        return true;
      case Tri::no:
        break;
    }
    out_.log.push_back(line);
    unresolved(symbol, EINVAL, "namespace-not-imported",
               fmt::format("{} is in namespace {}, which the module does not import", symbol.name,
                           name_space),
               fmt::format("add MODULE_IMPORT_NS for {} to the module's source", name_space));
    return false;
  }

  const GateInput& input_;
  const LoaderTraits traits_;
  const VersionCheck versions_;
  const std::string name_;
  const bool proprietary_;
  bool proprietary_now_ = false;
  bool inherited_ = false;
  bool uses_gpl_only_ = false;
  bool warned_ = false;
  const bool has_table_;
  const std::set<const Module*> proprietary_peers_;
  bool kernel_modules_known_ = false;
  std::string unseen_;
  boost::unordered_flat_map<std::string_view, std::pair<const Module*, const Export*>>
      peer_exports_;
  boost::unordered_flat_set<std::string_view> disputed_;
  SymbolResolution out_;
};

}  // namespace

std::vector<std::string_view> dependencies_of(const Module& module) {
  std::vector<std::string_view> names;
  std::string_view rest = module.first("depends").value_or("");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (comma != 0) names.push_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return names;
}

bool is_proprietary(const GateInput& input) {
  const std::string name = struct_name(input.module);
  if (name == "driverloader" || name == "lve") return true;
  return !license_is_gpl_compatible(visible_modinfo(input, "license").value_or("unspecified"));
}

SymbolResolution resolve_symbols(const GateInput& input) {
  return Resolver(input).run();
}

bool inherits_taint(const GateInput& input) {
  return !proprietary_peers(input).empty() && resolve_symbols(input).inherits_taint;
}

}  // namespace kovet
