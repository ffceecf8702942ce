#include <algorithm>
#include <array>

#include "rules/evaluate.h"

namespace kovet {

namespace {

using enum Severity;
using enum Policy;

/// Kovet's own demands, then what the gates' rejections are called as findings.
constexpr std::array table{
    Rule{"release-mismatch", error, build, "the module was built for exactly this release",
         "A kernel with symbol versions does not compare the release word of vermagic, so that a "
         "module of another release may load. A build for this kernel must match it all the same: "
         "what was tested is then what runs.",
         "build it with KOVET_KERNEL set to this release", "include/linux/vermagic.h",
         rule::release_mismatch},
    Rule{"vermagic-missing", error, build, "the module says which kernel it is for",
         "Without vermagic only a kernel with CONFIG_MODULE_FORCE_LOAD takes the module, and "
         "taints.",
         "build it with Kbuild", "scripts/mod/modpost.c", nullptr},
    Rule{
        "version-table-missing", error, build, "the module has a version table",
        "CONFIG_MODVERSIONS protects only modules that carry versions. Kbuild leaves them out when "
        "Module.symvers was missing.",
        "build it with the complete headers of this kernel", "scripts/mod/modpost.c",
        rule::version_table},
    Rule{"version-table-incomplete", error, build, "every versioned import has its entry",
         "modpost leaves out symbols that it found in no Module.symvers; the kernel then cannot "
         "check them, or refuses the module (Debian).",
         "build it with the complete Module.symvers, and declare LINK_MODULES",
         "scripts/mod/modpost.c", nullptr},
    Rule{"symvers-missing", error, build, "the kernel's Module.symvers is there",
         "Without it neither imports nor their CRCs can be checked, and modpost writes modules "
         "without versions.",
         "install the kernel's header package, or build the tree to the end",
         "Documentation/kbuild", rule::symvers_state},
    Rule{"symvers-empty", error, build, "the kernel's Module.symvers is not empty",
         "A tree after make modules_prepare has none or an empty one.",
         "build the tree to the end, or install the header package", "Documentation/kbuild",
         nullptr},
    Rule{"symvers-truncated", error, build, "the kernel's Module.symvers is whole",
         "modpost ends every line, so that a last line without end tells of a copy that broke off.",
         "install or build the headers again", "scripts/mod/modpost.c", nullptr},
    Rule{"symvers-without-crcs", error, build, "the kernel's Module.symvers has CRCs",
         "A kernel with CONFIG_MODVERSIONS whose Module.symvers has none but zeros was built "
         "without "
         "a genksyms that works: modules built with it have no versions either.",
         "install the headers again, or look in the kernel's build log for genksyms and build it "
         "again",
         "scripts/Makefile.build: gen_symversions", nullptr},
    Rule{"symvers-contradiction", error, build, "Module.symvers does not contradict itself",
         "One symbol with two CRCs or two owners: the file stems from two builds.",
         "install or build the headers again", "scripts/mod/modpost.c", nullptr},
    Rule{"symvers-malformed", error, build, "every line of Module.symvers can be read",
         "Columns are separated by tabs; there are three historical layouts. What the other lines "
         "do "
         "not have may be exported all the same.",
         "install or build the headers again", "scripts/mod/modpost.c", nullptr},
    Rule{"exports-out-of-step", error, build, "the module agrees with the Module.symvers beside it",
         "The Module.symvers beside a module is what its users are built against. When the two "
         "disagree, users will be refused.",
         "build both together again", "scripts/mod/modpost.c", rule::exports_in_step},
    Rule{"license-missing", warning, build, "the module has a licence",
         "Without MODULE_LICENSE the kernel taints P and hides GPL-only symbols.",
         "add MODULE_LICENSE", "kernel/module/main.c", rule::modinfo_hygiene},
    Rule{"license-proprietary", note, build, "the licence is GPL-compatible",
         "The kernel knows six strings exactly; GPLv2 or GPL-2.0 are none of them.",
         "use one of the six strings, if it is meant to be free", "include/linux/license.h",
         nullptr},
    Rule{"retpoline-missing", warning, build, "the module has the kernel's Spectre v2 mitigation",
         "It loads, and the kernel warns that the system may be vulnerable.",
         "compile it with the kernel's compiler and flags", "arch/x86/kernel/cpu/bugs.c", nullptr},
    Rule{"signature-misplaced", error, build, "the signature is at the very end of the file",
         "The kernel compares the last 28 bytes with the marker; with anything behind them the "
         "module counts as unsigned.",
         "sign last, and append nothing", "kernel/module/signing.c", nullptr},
    Rule{"file-name-mismatch", warning, build, "the file is named after the module in it",
         "modprobe and depmod go by file names, the kernel by the name inside.", "rename the file",
         "kmod: libkmod", rule::file_name},
    Rule{"provenance-mismatch", error, load, "the provenance report covers the module",
         "A report beside a package binds each module's SHA-256 to the kernel it was validated for "
         "and to the digest of that kernel's Module.symvers. Asked for with --provenance.",
         "package it again, or take the report that came with this build", "in-toto: test-result",
         nullptr},
    Rule{"parameter-mismatch", error, load,
         "parameters to be configured exist and take their values",
         "A parameter that the module does not have is logged and ignored; a value that its type "
         "does not take makes the load fail. Asked for with --param.",
         "correct the name or the value", "kernel/params.c: parse_args()", nullptr},
    Rule{"tree-incomplete", error, build, "the kernel tree is whole",
         "A header tree that lacks its configuration, its release or its build scripts builds "
         "modules that do not fit, or none.",
         "install the header package again", "Documentation/kbuild/modules.rst", nullptr},

    Rule{"empty-file", error, load, "the file is not empty", "See the gate syscall.",
         "build or copy the file again", "", nullptr},
    Rule{"compression-unsupported", error, load, "the kernel can decompress it",
         "See the gate compression.", "compress it as this kernel's own modules are", "", nullptr},
    Rule{"signature-rejected", error, load, "its signature satisfies the kernel's policy",
         "See the gate signature.", "sign it with a key the kernel trusts", "", nullptr},
    Rule{"elf-malformed", error, load, "it is a whole ELF object of this machine",
         "See the gates elf and elf-symbols.", "build it again for this machine", "", nullptr},
    Rule{"struct-module-size-mismatch", error, load, "struct module has the kernel's size",
         "See the gate struct-module-size.", "build against exactly this kernel", "", nullptr},
    Rule{"module-blacklisted", error, load, "module_blacklist= does not name it",
         "See the gate blacklist.", "change the kernel's command line", "", nullptr},
    Rule{"module-layout-mismatch", error, load, "the CRC of module_layout agrees",
         "See the gate module-layout.", "build against exactly this kernel", "", nullptr},
    Rule{"vermagic-mismatch", error, load, "vermagic agrees as far as the kernel compares it",
         "See the gate vermagic.", "build against exactly this kernel", "", nullptr},
    Rule{"livepatch-unsupported", error, load, "a livepatch meets a kernel with livepatch support",
         "See the gate livepatch.", "use a kernel with CONFIG_LIVEPATCH", "", nullptr},
    Rule{"module-already-loaded", error, load, "no module of its name is loaded",
         "See the gate already-loaded.", "remove the loaded one first", "", nullptr},
    Rule{"plt-missing", error, load, "its PLT sections are there", "See the gate plt.",
         "link through Kbuild", "", nullptr},
    Rule{"ftrace-trampoline-missing", error, load, "the room for ftrace's trampolines is there",
         "See the gate ftrace-trampoline.", "link through Kbuild", "", nullptr},
    Rule{"write-exec-section", error, load, "no section is writable and executable",
         "See the gate write-exec.", "check .section flags in assembly", "", nullptr},
    Rule{"module-too-large", error, load, "its sections fit the room for modules",
         "See the gate allocation.", "allocate large buffers at run time", "", nullptr},
    Rule{"percpu-too-large", error, load, "its per-CPU data fits", "See the gate percpu.",
         "use alloc_percpu()", "", nullptr},
    Rule{"mixed-constructors", error, load, "constructors are of one kind",
         "See the gate constructors.", "compile all objects alike", "", nullptr},
    Rule{"exports-without-versions", error, load, "its exports have CRCs",
         "See the gate export-versions.", "build against a tree with CONFIG_MODVERSIONS", "",
         nullptr},
    Rule{"module-namespace-import", error, load, "it imports no module: namespace",
         "See the gate module-namespace-import.", "drop the MODULE_IMPORT_NS line", "", nullptr},
    Rule{"unknown-symbol", error, load, "every import is exported by something",
         "See the gate symbols.", "build against this kernel, declare LINK_MODULES", "", nullptr},
    Rule{"symbol-version-mismatch", error, load, "every import has the exporter's CRC",
         "See the gate symbols.", "build against exactly this kernel", "", nullptr},
    Rule{"symbol-version-missing", error, load,
         "every import has a version where the kernel demands it", "See the gate symbols.",
         "build with the complete Module.symvers", "", nullptr},
    Rule{"gpl-only-symbol", error, load,
         "GPL-only symbols are used by GPL-compatible modules alone", "See the gate symbols.",
         "use another symbol, or another licence", "", nullptr},
    Rule{"namespace-not-imported", error, load, "namespaces of imports are imported",
         "See the gate symbols.", "add MODULE_IMPORT_NS", "", nullptr},
    Rule{"proprietary-owner", error, load,
         "GPL-only symbols and a proprietary module's are not mixed", "See the gate symbols.",
         "do without one of them", "", nullptr},
    Rule{"common-symbol", error, load, "there are no common symbols",
         "See the gate common-symbols.", "compile with -fno-common", "", nullptr},
    Rule{"bad-symbol-section", error, load, "every symbol names a section that exists",
         "See the gate symbols.", "build it again", "", nullptr},
    Rule{"relocation-refused", error, load, "every relocation can be applied",
         "See the gate relocations.", "compile with the kernel's flags", "", nullptr},
    Rule{"duplicate-export", error, load, "nothing it exports exists already",
         "See the gate duplicate-exports.", "rename the symbol", "", nullptr},
    Rule{"livepatch-object-name", error, load, "it is not called as live patches call the kernel",
         "See the gate livepatch-object.", "give the module another name", "", nullptr},
    Rule{"parameter-refused", error, load, "its parameters take the values assumed for them",
         "See the gate parameters.", "kovet info lists parameters and types", "", nullptr},
    Rule{"sysfs-name-taken", error, load, "its folder in /sys/module can be made",
         "See the gate sysfs.", "give the module another name", "", nullptr},
    Rule{"btf-mismatch", error, load, "its BTF fits the kernel's", "See the gate btf.",
         "build without BTF", "", nullptr},
};

std::vector<Finding> from_gates(const Verdict& verdict) {
  std::vector<Finding> findings;
  for (const Verdict::Row& row : verdict.rows) {
    if (row.result.status != GateStatus::fail) continue;
    if (row.result.details.empty()) {
      findings.push_back(make_finding(row.gate->finding, row.result.reason, row.result.hint));
      continue;
    }
    for (const GateDetail& detail : row.result.details) {
      // The walk over .symtab reports its common symbols under their own gate.
      const bool other_gate =
          (detail.rule == "common-symbol") != (row.gate->id == "common-symbols");
      if (!other_gate)
        findings.push_back(make_finding(detail.rule, detail.reason, detail.hint, detail.symbol));
    }
  }
  return findings;
}

}  // namespace

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"note", "warning", "error"};
  return names.at(static_cast<std::size_t>(severity));
}

std::span<const Rule> rules() {
  return table;
}

const Rule* find_rule(std::string_view id) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == table.end() ? nullptr : &*found;
}

Finding make_finding(std::string_view rule, std::string message, std::string hint,
                     std::optional<std::string> symbol) {
  const Rule* row = find_rule(rule);
  return {std::string(rule), row ? row->severity : Severity::error, std::move(message),
          std::move(hint), std::move(symbol)};
}

std::vector<Finding> apply_rules(const RuleInput& input) {
  std::vector<Finding> findings = from_gates(input.verdict);
  if (input.policy == Policy::load) return findings;
  for (const Gap& gap : input.kernel.gaps)
    findings.push_back(make_finding(gap.rule, gap.what, gap.hint));
  const bool readable = !input.module.sections.empty();
  for (const Rule& rule : table) {
    if (!rule.evaluate || !readable) continue;
    for (Finding& finding : rule.evaluate(input)) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace kovet
