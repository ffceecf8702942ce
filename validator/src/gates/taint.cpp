#include "gates/taint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gates/loader_traits.h"
#include "gates/printed_lines.h"

namespace kovet {

namespace {

/// Flags that the loader sets per module, in the order of the kernel's taint_flags[].
constexpr std::string_view letter_order = "PFCOEKN";

constexpr std::string_view lock_debugging_line = "Disabling lock debugging due to kernel taint";

/// struct module.name, whatever modinfo and the file say.
std::string kernel_name_of(const Module& module) {
  const std::string name = struct_name(module);
  return name.empty() ? module.display_name() : name;
}

/// One forecast while it grows: kernel-wide state decides which lines appear.
class Forecast {
 public:
  Forecast(const Module& module, const Kernel& kernel, const Assumptions& assumptions,
           std::optional<SignatureAnswer> signature, bool inherits)
      : module_(module),
        kernel_(kernel),
        assumptions_(assumptions),
        signature_(signature),
        inherits_(inherits),
        name_(kernel_name_of(module)) {}

  TaintForecast run() {
    const bool newer = !kernel_.version || *kernel_.version >= KernelVersion{6, 4, 0};
    if (!kernel_.version)
      out_.unknown.push_back(
          "order and wording of the lines: the kernel's release is not known, so those of current "
          "kernels are shown; name the kernel by a release or a build directory");
    forced_by_missing_tables();
    out_of_tree();
    retpoline();
    staging();
    livepatch();
    const bool proprietary_before = proprietary_;
    license();
    test();
    unsigned_module();
    // Kernels before 6.4 remember the flag only after the licence was judged.
    named_proprietary(newer ? proprietary_before : proprietary_);
    forced_by_exports();
    inherited();
    vendor_flags();
    for (const char letter : letter_order)
      if (set_.find(letter) != std::string::npos) out_.letters += letter;
    out_.log = as_printed(out_.log, kernel_);
    return std::move(out_);
  }

 private:
  enum class Known : std::uint8_t { no, yes, unknown };

  Known config(std::string_view option) const {
    if (!kernel_.config) return Known::unknown;
    return kernel_.config->enabled(option) ? Known::yes : Known::no;
  }

  /// Kernels before 6.4 do not see a .modinfo that is not allocated.
  std::optional<std::string_view> first(std::string_view key) const {
    if (!module_.modinfo_allocated && older_than(6, 4)) return std::nullopt;
    return module_.first(key);
  }

  bool older_than(int major, int minor) const {
    return kernel_.version && *kernel_.version < KernelVersion{major, minor, 0};
  }

  /// pr_notice_once() for some, if (!test_taint()) for others, and nothing of that for C.
  static TaintForecast::Printed printed(char letter) {
    using Printed = TaintForecast::Printed;
    if (letter == 'E' || letter == 'K') return Printed::once_per_boot;
    return letter == 0 || letter == 'C' ? Printed::every_time : Printed::unless_tainted;
  }

  void add(char letter, std::string why, std::string how_to_avoid, std::string line) {
    if (!line.empty()) out_.log.push_back(line);
    out_.causes.push_back(
        {letter, std::move(why), std::move(how_to_avoid), std::move(line), printed(letter)});
  }

  /// add_taint_module(): the module's letter; P and F also end lock debugging, with a line, once.
  void set(char letter) {
    if (set_.find(letter) == std::string::npos) set_ += letter;
  }
  void lock_debugging_ends() {
    if (lock_debugging_) out_.log.emplace_back(lock_debugging_line);
    lock_debugging_ = false;
  }

  void force_loaded(std::string why, std::string how_to_avoid, std::string_view reason) {
    const bool first = set_.find('F') == std::string::npos;
    set('F');
    add('F', std::move(why), std::move(how_to_avoid),
        first ? fmt::format("{}: {}: kernel tainted.", name_, reason) : std::string());
    lock_debugging_ends();
  }

  /// Whether a kernel that may force a load has to force this one. Without
  /// CONFIG_MODULE_FORCE_LOAD the gates reject instead.
  void forced_by_missing_tables() {
    const Known force = config("MODULE_FORCE_LOAD");
    const bool extended = module_.extended_versions && !older_than(6, 14);
    const bool no_versions = !module_.versions && !extended;
    const bool no_vermagic = !first("vermagic");
    const Known modversions = config("MODVERSIONS");
    if (!no_vermagic && (!no_versions || modversions == Known::no)) return;
    if (force == Known::no) return;
    if (force == Known::unknown) {
      unknown('F', "the module lacks what only a forced load excuses",
              "the kernel's configuration (CONFIG_MODULE_FORCE_LOAD)");
      return;
    }
    if (no_versions && modversions == Known::yes)
      force_loaded("the module has no version table, the kernel has CONFIG_MODVERSIONS",
                   "build it against this kernel's headers with their Module.symvers in place",
                   "module_layout");
    if (no_vermagic)
      force_loaded("the module has no vermagic", "rebuild it with Kbuild, which writes vermagic",
                   "bad vermagic");
  }

  void out_of_tree() {
    if (first("intree")) return;
    set('O');
    add('O', "modinfo has no 'intree': the module was built outside the kernel tree",
        "it cannot be avoided honestly: only modules built with the kernel itself are in-tree",
        fmt::format("{}: loading out-of-tree module taints kernel.", name_));
  }

  void retpoline() {
    if (first("retpoline")) return;
    if (module_.arch != Arch::x86_64 && module_.arch != Arch::x86) return;
    const bool built_with =
        config("RETPOLINE") == Known::yes || config("MITIGATION_RETPOLINE") == Known::yes;
    if (!built_with) return;
    out_.log.emplace_back("Spectre V2 : System may be vulnerable to spectre v2");
    add(0, "modinfo has no 'retpoline', the kernel was compiled with retpolines",
        "build it with the compiler options of this kernel (CONFIG_MITIGATION_RETPOLINE)",
        fmt::format("{}: loading module not compiled with retpoline compiler.", name_));
    out_.unknown.push_back(
        "whether the retpoline warning appears: only where Spectre v2 is mitigated, which the "
        "processor and spectre_v2= decide; it is assumed to be");
  }

  void staging() {
    if (!first("staging")) return;
    set('C');
    add('C', "modinfo has 'staging': the module comes from drivers/staging",
        "there is none, short of moving the driver out of drivers/staging",
        fmt::format("{}: module is from the staging directory, the quality is unknown, you have "
                    "been warned.",
                    name_));
  }

  void livepatch() {
    if (!first("livepatch")) return;
    const Known enabled = config("LIVEPATCH");
    if (enabled == Known::unknown)
      unknown('K', "modinfo has 'livepatch'", "the kernel's configuration (CONFIG_LIVEPATCH)");
    if (enabled != Known::yes) return;
    set('K');
    add('K', "modinfo has 'livepatch': the module replaces kernel functions",
        "there is none for a live patch; drop MODULE_INFO(livepatch, \"Y\") if it is not one",
        fmt::format("{}: tainting kernel with TAINT_LIVEPATCH", name_));
  }

  void license() {
    const std::string_view license = first("license").value_or("unspecified");
    if (license_is_gpl_compatible(license)) return;
    set('P');
    proprietary_ = true;
    add('P',
        first("license")
            ? fmt::format("the licence '{}' is not one of those the kernel takes as compatible "
                          "with the GPL",
                          license)
            : "the module has no MODULE_LICENSE()",
        "if the code is free, write one of these exactly: \"GPL\", \"GPL v2\", \"GPL and "
        "additional rights\", \"Dual BSD/GPL\", \"Dual MIT/GPL\", \"Dual MPL/GPL\"",
        fmt::format("{}: module license '{}' taints kernel.", name_, license));
    lock_debugging_ends();
  }

  void test() {
    if (!first("test") || older_than(6, 0)) return;
    set('N');
    add('N', "modinfo has 'test': the module is an in-kernel test",
        "drop MODULE_INFO(test, \"Y\") from modules that are not tests",
        fmt::format("{}: loading test module taints kernel.", name_));
  }

  void unsigned_module() {
    const Known checked = config("MODULE_SIG");
    if (checked == Known::no) return;
    if (checked == Known::unknown) {
      unknown('E',
              module_.signature ? "the module is signed, and whether the kernel trusts the signer "
                                  "is not known"
                                : "the module is not signed",
              "the kernel's configuration (CONFIG_MODULE_SIG)");
      return;
    }
    if (signature_ == SignatureStatus::good) return;
    constexpr std::uint8_t id_type_pkcs7 = 2;  // other formats are not even looked into
    const bool looked_into = module_.signature && module_.signature->id_type == id_type_pkcs7;
    if (looked_into &&
        (signature_ == SignatureStatus::bad || signature_ == SignatureStatus::malformed)) {
      out_.unknown.push_back(
          "E: this signature is refused whether signatures are enforced or not, so nothing is "
          "flagged; signed again, or not at all, the module may set it");
      return;
    }
    if (looked_into && !signature_) {
      unknown('E',
              "the module is signed; the flag is set unless the running kernel trusts the "
              "signer's key",
              "kovet signature with --cert, and the machine's keyrings (keyctl list "
              "%:.builtin_trusted_keys)");
      return;
    }
    if (assumptions_.sig_enforce) return;  // refused, so never flagged
    set('E');
    add('E',
        module_.marker_misplaced
            ? "the signature is not at the very end of the file, where the kernel looks for it"
        : module_.signature ? "no key built into the kernel verifies the module's signature"
                            : "the module is not signed, the kernel has CONFIG_MODULE_SIG",
        "sign it with a key the kernel trusts (built in, or enrolled with mokutil where the "
        "distribution trusts machine owner keys), and do not strip it afterwards",
        fmt::format("{}: module verification failed: signature and/or required key missing - "
                    "tainting kernel",
                    name_));
  }

  /// Three names that the kernel holds to be proprietary whatever their licence says.
  void named_proprietary(bool flagged_before) {
    const bool listed = name_ == "driverloader" || name_ == "lve";
    const bool wrapper = name_ == "ndiswrapper";
    if (listed) set('P');
    if (listed || wrapper) {
      proprietary_ = true;
      lock_debugging_ends();
    }
    std::string line;
    if (!flagged_before && proprietary_)
      line = fmt::format("{}: module license taints kernel.", name_);
    if (listed || wrapper)
      add('P',
          wrapper ? "the kernel (not the module) is flagged: ndiswrapper loads proprietary drivers"
                  : fmt::format("the kernel lists the name '{}' as proprietary", name_),
          "rename the module if it is not the one that is meant", std::move(line));
    else if (!line.empty())
      out_.log.push_back(std::move(line));
  }

  void forced_by_exports() {
    const auto unversioned = [&](std::string_view table, std::string_view crcs) {
      constexpr std::uint64_t allocated =
          2;  // SHF_ALLOC: section 0 stands in for what is not there
      if (!module_.sections.empty() && (module_.sections.front().flags & allocated)) return false;
      const Section* symbols = module_.section(table, true);
      return symbols && symbols->size > 0 && !module_.section(crcs, true);
    };
    if (!unversioned("__ksymtab", "__kcrctab") && !unversioned("__ksymtab_gpl", "__kcrctab_gpl"))
      return;
    if (config("MODVERSIONS") != Known::yes || config("MODULE_FORCE_LOAD") != Known::yes) return;
    force_loaded("it exports symbols without CRCs, the kernel has CONFIG_MODVERSIONS",
                 "build it against this kernel's headers", "no versions for exported symbols");
  }

  /// Since 5.9 a module that uses symbols of a proprietary one becomes proprietary itself.
  void inherited() {
    if (older_than(5, 9) || set_.find('P') != std::string::npos) return;
    if (inherits_) {
      set('P');
      // The line, and whether GPL-only symbols still can be used, is an answer to the symbol.
      add('P', "it uses symbols of a proprietary module, and becomes proprietary by that",
          "do without the symbols of that module", {});
      return;
    }
    if (!kernel_.symvers) return;
    const auto foreign = std::ranges::find_if(module_.imports, [&](const Symbol& symbol) {
      return symbol.binding != Binding::weak && !kernel_.symvers->find(symbol.name);
    });
    if (foreign == module_.imports.end()) return;
    unknown('P',
            fmt::format("'{}' is none of the kernel's symbols; if the module that exports it is "
                        "proprietary, this one inherits the flag",
                        foreign->name),
            "the licence of that module (modinfo -F license)");
  }

  void vendor_flags() {
    if (kernel_.distribution == Distribution::suse)
      out_.unknown.push_back(
          "SUSE kernels set flags of their own for modules without 'supported' in modinfo");
    if (kernel_.distribution == Distribution::rhel)
      out_.unknown.push_back(
          "Red Hat kernels set flags of their own for drivers and hardware without support");
  }

  void unknown(char letter, std::string_view why, std::string_view supply) {
    out_.unknown.push_back(fmt::format("{}: {}; {} would tell", letter, why, supply));
  }

  const Module& module_;
  const Kernel& kernel_;
  const Assumptions& assumptions_;
  const std::optional<SignatureAnswer> signature_;
  const bool inherits_;
  const std::string name_;
  std::string set_;
  bool proprietary_ = false;
  bool lock_debugging_ = true;
  TaintForecast out_;
};

}  // namespace

bool license_is_gpl_compatible(std::string_view license) {
  static constexpr std::array<std::string_view, 6> compatible{
      "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};
  return std::ranges::find(compatible, license) != compatible.end();
}

std::string_view to_string(TaintForecast::Printed printed) {
  constexpr std::array<std::string_view, 3> names{"every_time", "unless_tainted", "once_per_boot"};
  return names.at(static_cast<std::size_t>(printed));
}

TaintForecast forecast_taint(const Module& module, const Kernel& kernel,
                             const Assumptions& assumptions,
                             std::optional<SignatureAnswer> signature, bool inherits) {
  return Forecast(module, kernel, assumptions, signature, inherits).run();
}

}  // namespace kovet
