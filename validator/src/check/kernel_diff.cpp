#include "check/kernel_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "gates/taint.h"

namespace kovet {

namespace {

constexpr std::string_view layout_symbol = "module_layout";  // every versioned module has its CRC

// Options that decide whether a module loads, what it must be built with, or how its structures
// are laid out; everything else shows in the CRCs.
constexpr std::array watched_options{"64BIT",
                                     "SMP",
                                     "PREEMPT_BUILD",
                                     "PREEMPT_RT",
                                     "PREEMPT_DYNAMIC",
                                     "MODULE_UNLOAD",
                                     "MODULE_FORCE_LOAD",
                                     "MODVERSIONS",
                                     "BASIC_MODVERSIONS",
                                     "EXTENDED_MODVERSIONS",
                                     "GENDWARFKSYMS",
                                     "MODULE_SIG",
                                     "MODULE_SIG_FORCE",
                                     "MODULE_SIG_HASH",
                                     "MODULE_DECOMPRESS",
                                     "MODULE_COMPRESS_GZIP",
                                     "MODULE_COMPRESS_XZ",
                                     "MODULE_COMPRESS_ZSTD",
                                     "MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS",
                                     "TRIM_UNUSED_KSYMS",
                                     "SECURITY_LOCKDOWN_LSM",
                                     "SECURITY_LOADPIN",
                                     "STRICT_MODULE_RWX",
                                     "DEBUG_INFO_BTF_MODULES",
                                     "MODULE_ALLOW_BTF_MISMATCH",
                                     "LIVEPATCH",
                                     "RANDSTRUCT",
                                     "GCC_PLUGIN_RANDSTRUCT",
                                     "CC_IS_CLANG",
                                     "LTO_CLANG",
                                     "CFI_CLANG",
                                     "CFI",
                                     "KASAN",
                                     "KCSAN",
                                     "KMSAN",
                                     "X86_KERNEL_IBT",
                                     "MITIGATION_RETPOLINE",
                                     "RETPOLINE",
                                     "MITIGATION_RETHUNK",
                                     "UNWINDER_ORC",
                                     "FUNCTION_TRACER",
                                     "HZ",
                                     "NR_CPUS",
                                     "ARM64_BTI_KERNEL",
                                     "SHADOW_CALL_STACK"};

std::string name_of(const Kernel& kernel) {
  return kernel.release ? *kernel.release : kernel.spec;
}

std::string crc_text(std::uint32_t crc) {
  return fmt::format("0x{:08x}", crc);
}

std::string_view namespace_text(const SymversEntry& entry) {
  return entry.symbol_namespace.empty() ? "none" : entry.symbol_namespace;
}

/// "module:a,b-*" admits modules by name, anything else is imported with MODULE_IMPORT_NS.
bool may_use(const Module& module, std::string_view symbol_namespace) {
  constexpr std::string_view by_name = "module:";
  if (symbol_namespace.empty()) return true;
  if (!symbol_namespace.starts_with(by_name)) {
    const auto imported = module.all("import_ns");
    return std::find(imported.begin(), imported.end(), symbol_namespace) != imported.end();
  }
  std::string_view rest = symbol_namespace.substr(by_name.size());
  while (!rest.empty()) {
    std::string_view pattern = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pattern.size() + 1));
    const bool open = pattern.ends_with('*');
    if (open) pattern.remove_suffix(1);
    if (open ? module.name.starts_with(pattern) : module.name == pattern) return true;
  }
  return false;
}

struct Use {
  std::vector<const Module*> modules;
  bool weak_only = true;  ///< nobody misses it when it is gone
};

class Comparison {
 public:
  Comparison(std::span<const Module> modules, const Kernel& from, const Kernel& to)
      : modules_(modules), from_(from), to_(to) {}

  KernelDiff run() {
    compare_symbols();
    compare_fact(
        "arch", from_.arch, to_.arch, [](Arch a) { return std::string(to_string(a)); },
        Effort::rebuild, "the machine is another one");
    compare_vermagic();
    compare_fact(
        "struct-module-size", from_.struct_module_size, to_.struct_module_size,
        [](std::uint64_t size) { return fmt::format("{} bytes", size); }, Effort::rebuild,
        "struct module has another size: 6.4 and later refuse a module built with the old "
        "one");
    compare_fact(
        "compiler", from_.compiler, to_.compiler, [](const std::string& t) { return t; },
        Effort::none, "the kernels were built with different compilers");
    compare_config();
    std::stable_sort(
        diff_.changes.begin(), diff_.changes.end(),
        [](const KernelChange& a, const KernelChange& b) {
          return std::tuple(b.effort, std::string_view(a.kind), std::string_view(a.what)) <
                 std::tuple(a.effort, std::string_view(b.kind), std::string_view(b.what));
        });
    for (const KernelChange& change : diff_.changes)
      diff_.effort = std::max(diff_.effort, change.effort);
    return std::move(diff_);
  }

 private:
  void note_unknown(std::string_view what, const Kernel& kernel, const std::string& reason,
                    const std::string& supply) {
    diff_.unknown.push_back({fmt::format("{} of {}", what, name_of(kernel)), reason, supply});
  }

  /// Which modules use which symbol; what they export to each other is not the kernel's matter.
  std::map<std::string_view, Use> uses() const {
    std::set<std::string_view> own;
    for (const Module& module : modules_)
      for (const Export& exported : module.exports) own.insert(exported.name);
    std::map<std::string_view, Use> used;
    for (const Module& module : modules_) {
      for (const Symbol& import : module.imports) {
        if (import.name.empty() || own.contains(import.name)) continue;
        Use& use = used[import.name];
        if (use.modules.empty() || use.modules.back() != &module) use.modules.push_back(&module);
        if (import.binding != Binding::weak) use.weak_only = false;
      }
      if (module.versions) {
        Use& layout = used[layout_symbol];
        layout.modules.push_back(&module);
        layout.weak_only = false;
      }
    }
    return used;
  }

  void add(std::string_view kind, std::string_view symbol, const Use& use, std::string from,
           std::string to, Effort effort, std::string message) {
    KernelChange change{std::string(kind),
                        std::string(symbol),
                        std::move(from),
                        std::move(to),
                        effort,
                        std::move(message),
                        {}};
    for (const Module* module : use.modules) change.modules.push_back(module->display_name());
    diff_.changes.push_back(std::move(change));
  }

  void compare_symbols() {
    if (!from_.symvers)
      note_unknown("Module.symvers", from_, from_.symvers.origin, from_.symvers.supply);
    if (!to_.symvers) note_unknown("Module.symvers", to_, to_.symvers.origin, to_.symvers.supply);
    if (!from_.symvers || !to_.symvers) return;
    const auto used = uses();
    diff_.symbols_used = used.size();
    for (const auto& [symbol, use] : used) {
      const auto before = from_.symvers->find(symbol);
      const auto after = to_.symvers->find(symbol);
      if (before && after)
        compare_entry(symbol, use, *before, *after);
      else if (before)
        add("symbol-removed", symbol, use, std::string(before->module), "",
            use.weak_only ? Effort::none : Effort::source_change,
            fmt::format("{} is no longer exported; it was in {}", symbol, before->module));
      else if (after)
        add("symbol-added", symbol, use, "", std::string(after->module), Effort::none,
            fmt::format("{} is exported now, by {}", symbol, after->module));
      else if (!use.weak_only)
        add("symbol-nowhere", symbol, use, "", "", Effort::none,
            fmt::format("{} is exported by neither kernel", symbol));
    }
  }

  void compare_entry(std::string_view symbol, const Use& use, const SymversEntry& before,
                     const SymversEntry& after) {
    if (before.crc != after.crc) {
      add("crc-changed", symbol, use, crc_text(before.crc), crc_text(after.crc), Effort::rebuild,
          symbol == layout_symbol
              ? std::string("struct module or what it is made of changed (CRC of module_layout)")
              : fmt::format("the interface of {} changed: its CRC is another one", symbol));
    }
    if (before.module != after.module) {
      add("owner-moved", symbol, use, std::string(before.module), std::string(after.module),
          after.module == "vmlinux" ? Effort::none : Effort::rebuild,
          fmt::format("{} moved from {} to {}{}", symbol, before.module, after.module,
                      after.module == "vmlinux" ? "" : ", which must be loaded first"));
    }
    compare_namespace(symbol, use, before, after);
    if (before.gpl_only == after.gpl_only) return;
    Use refused{{}, use.weak_only};
    for (const Module* module : use.modules)
      if (!license_is_gpl_compatible(module->first("license").value_or("")))
        refused.modules.push_back(module);
    const bool hurts = after.gpl_only && !refused.modules.empty();
    add(after.gpl_only ? "became-gpl-only" : "no-longer-gpl-only", symbol, hurts ? refused : use,
        before.gpl_only ? "GPL only" : "any licence", after.gpl_only ? "GPL only" : "any licence",
        hurts ? Effort::source_change : Effort::none,
        after.gpl_only ? fmt::format("{} is for GPL-compatible modules only now", symbol)
                       : fmt::format("{} is for modules of any licence now", symbol));
  }

  void compare_namespace(std::string_view symbol, const Use& use, const SymversEntry& before,
                         const SymversEntry& after) {
    if (before.symbol_namespace == after.symbol_namespace) return;
    Use refused{{}, use.weak_only};
    for (const Module* module : use.modules)
      if (!may_use(*module, after.symbol_namespace)) refused.modules.push_back(module);
    const bool hurts = !refused.modules.empty();
    add("namespace-changed", symbol, hurts ? refused : use, std::string(namespace_text(before)),
        std::string(namespace_text(after)), hurts ? Effort::source_change : Effort::none,
        hurts ? fmt::format("{} is in the namespace {} now: MODULE_IMPORT_NS is needed", symbol,
                            namespace_text(after))
              : fmt::format("{} is in another namespace now", symbol));
  }

  template <class T, class Text>
  void compare_fact(std::string_view kind, const Fact<T>& before, const Fact<T>& after, Text text,
                    Effort effort, std::string_view message) {
    if (!before) note_unknown(kind, from_, before.origin, before.supply);
    if (!after) note_unknown(kind, to_, after.origin, after.supply);
    if (!before || !after || *before == *after) return;
    diff_.changes.push_back({std::string(kind),
                             std::string(kind),
                             text(*before),
                             text(*after),
                             effort,
                             std::string(message),
                             {}});
  }

  /// The release word differs between any two kernels, and does not count among kernels with
  /// modversions.
  void compare_vermagic() {
    const auto& before = from_.vermagic;
    const auto& after = to_.vermagic;
    if (!before) note_unknown("vermagic", from_, before.origin, before.supply);
    if (!after) note_unknown("vermagic", to_, after.origin, after.supply);
    if (!before || !after || *before == *after) return;
    const auto tokens = [](const std::string& text) {
      return std::string_view(text).substr(std::min(text.size(), text.find(' ')));
    };
    const bool only_release = tokens(*before) == tokens(*after);
    const bool versioned = tokens(*before).find("modversions ") != std::string_view::npos;
    diff_.changes.push_back(
        {"vermagic",
         "vermagic",
         *before,
         *after,
         only_release && versioned ? Effort::none : Effort::rebuild,
         only_release ? versioned ? "only the release differs, which kernels with modversions do "
                                    "not compare"
                                  : "the release differs, and without modversions it is compared"
                      : "the tokens of vermagic differ",
         {}});
  }

  void compare_config() {
    if (!from_.config)
      note_unknown("configuration", from_, from_.config.origin, from_.config.supply);
    if (!to_.config) note_unknown("configuration", to_, to_.config.origin, to_.config.supply);
    if (!from_.config || !to_.config) return;
    for (const char* const option : watched_options) {
      const std::string before(from_.config->value(option).value_or(""));
      const std::string after(to_.config->value(option).value_or(""));
      if (before == after) continue;
      const std::string name = fmt::format("CONFIG_{}", option);
      diff_.changes.push_back({"config",
                               name,
                               before,
                               after,
                               Effort::none,
                               fmt::format("{} is {}, was {}", name, after.empty() ? "off" : after,
                                           before.empty() ? "off" : before),
                               {}});
    }
  }

  std::span<const Module> modules_;
  const Kernel& from_;
  const Kernel& to_;
  KernelDiff diff_;
};

}  // namespace

std::string_view to_string(Effort effort) {
  switch (effort) {
    case Effort::none:
      return "none";
    case Effort::rebuild:
      return "rebuild";
    case Effort::source_change:
      break;
  }
  return "source_change";
}

Severity severity_of(Effort effort) {
  switch (effort) {
    case Effort::none:
      return Severity::note;
    case Effort::rebuild:
      return Severity::warning;
    case Effort::source_change:
      break;
  }
  return Severity::error;
}

KernelDiff diff_kernels(std::span<const Module> modules, const Kernel& from, const Kernel& to) {
  return Comparison(modules, from, to).run();
}

}  // namespace kovet
