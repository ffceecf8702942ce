#include <elf.h>
#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cerrno>
#include <optional>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// arch/*/kernel/module*.c, whose pr_fmt puts "module: " (x86), "module_64: " (powerpc) or "Modules:
// " (arm64 since 6.5) in front; include/linux/moduleloader.h for the formats a machine does not
// take. Addresses in messages change with each boot: "<address>".

namespace kovet::gate {

namespace {

using Kind = RelocationIssue::Kind;

std::string where(const GateInput& input, const RelocationIssue& issue) {
  return fmt::format("{}+0x{:x}", input.module.sections[issue.section].name, issue.offset);
}

GateResult refuse(std::vector<std::string> log, std::string reason, int error = ENOEXEC) {
  return GateResult::fail(error, std::move(log), std::move(reason),
                          "compile it with the kernel's own flags through Kbuild "
                          "(-mcmodel=kernel -fno-pic on x86-64)");
}

bool since(const Kernel& kernel, KernelVersion first) {
  return !kernel.version || *kernel.version >= first;
}

/// Types that riscv kernels since 6.7 name as what they are.
std::string_view riscv_refusal(std::uint32_t type) {
  constexpr std::string_view linking = "Dynamic linking not supported in kernel modules";
  constexpr std::string_view storage = "Thread local storage not supported in kernel modules";
  if ((type >= 3 && type <= 11) || type == 58) return linking;
  if (type == 21 || type == 22 || (type >= 29 && type <= 32)) return storage;
  return {};
}

GateResult unknown_type(const GateInput& input, const RelocationIssue& issue) {
  const std::string name = struct_name(input.module);
  const std::string reason = fmt::format("relocation type {} at {} is none the kernel takes",
                                         issue.type, where(input, issue));
  const auto line = [&](std::string_view before, std::string_view after) {
    return std::vector{fmt::format("{}{}: {}: {}", before, name, after, issue.type)};
  };
  constexpr std::uint32_t riscv_align = 43, s390_copy = 9, s390_relative = 12;
  switch (input.module.arch) {
    case Arch::x86_64:
      return refuse(line("module: ", "Unknown rela relocation"), reason);
    case Arch::x86:
      return refuse(line("module: ", "Unknown relocation"), reason);
    case Arch::arm64:
      return refuse(line(since(input.kernel, {6, 5, 0}) ? "Modules: module " : "module ",
                         "unsupported RELA relocation"),
                    reason);
    case Arch::arm:
      return refuse(line("", "unknown relocation"), reason);
    case Arch::ppc64:
      return refuse(line("module_64: ", "Unknown ADD relocation"), reason);
    case Arch::s390x:
      if (issue.type >= s390_copy && issue.type <= s390_relative) return refuse({}, reason);
      return refuse(line("module ", "unknown relocation"), reason);
    case Arch::mips:
    case Arch::mips64:
      return refuse({fmt::format("{}: Unknown relocation type {}", name, issue.type)}, reason,
                    EINVAL);
    case Arch::riscv64: {
      const std::string_view known = riscv_refusal(issue.type);
      if (issue.type == riscv_align)
        return refuse({fmt::format("{}: The unexpected relocation type 'R_RISCV_ALIGN' from PC = "
                                   "<address>",
                                   name)},
                      reason, EINVAL);
      if (!known.empty() && since(input.kernel, {6, 7, 0}))
        return refuse({fmt::format("{}: {} PC = <address>", name, known)}, reason, EINVAL);
      return refuse({fmt::format("{}: Unknown relocation type {}", name, issue.type)}, reason,
                    EINVAL);
    }
    case Arch::unknown:
      break;
  }
  return GateResult::unknown("the relocation types of this machine are not known here",
                             "kovet boot on such a machine");
}

/// Whether this kernel has a case for a type that not all kernels of the machine have.
Tri takes_conditional(const GateInput& input, std::uint32_t type) {
  const Kernel& kernel = input.kernel;
  const auto negated = [](Tri value) {
    return value == Tri::unknown ? value : value == Tri::yes ? Tri::no : Tri::yes;
  };
  switch (input.module.arch) {
    case Arch::x86_64:  // a 32-bit address of per-CPU data, which began at 0 before 6.15
      if (kernel.version && *kernel.version < KernelVersion{6, 15, 0}) return Tri::yes;
      return Tri::unknown;
    case Arch::arm: {
      const bool group = type == 57 || type == 59 || type == 63;
      return config(kernel, group ? "ARM_HAS_GROUP_RELOCS" : "THUMB2_KERNEL");
    }
    case Arch::ppc64: {
      const bool pcrel = type == 116 || type == 132 || type == 133;
      const Tri built = config(kernel, "PPC_KERNEL_PCREL");
      return pcrel ? built : negated(built);
    }
    case Arch::riscv64:  // seen absent in 6.1 and present in 6.12
      if (!kernel.version) return Tri::unknown;
      if (*kernel.version < KernelVersion{6, 2, 0}) return Tri::no;
      return *kernel.version >= KernelVersion{6, 12, 0} ? Tri::yes : Tri::unknown;
    default:
      return Tri::unknown;
  }
}

bool since_6_3(const Kernel& kernel) {
  return since(kernel, {6, 3, 0});
}

GateResult nonzero(const GateInput& input, const RelocationIssue& issue) {
  return refuse({fmt::format("module: x86/modules: {} relocation target, existing value is nonzero "
                             "for type {}, loc <address>, val <address>",
                             since_6_3(input.kernel) ? "Invalid" : "Skipping invalid", issue.type)},
                fmt::format("the bytes to relocate at {} are not zero", where(input, issue)));
}

GateResult overflow(const GateInput& input, const RelocationIssue& issue) {
  return refuse(
      {fmt::format("module: overflow in relocation type {} val <address>", issue.type),
       fmt::format("module: `{}' likely not compiled with -mcmodel=kernel",
                   struct_name(input.module))},
      fmt::format("the 32-bit address at {} cannot hold a kernel address", where(input, issue)));
}

GateResult wrong_format(const GateInput& input, const RelocationIssue& issue) {
  const bool is_rela = input.module.sections[issue.section].type == 4;  // SHT_RELA
  return refuse({fmt::format("module {}: {} relocation unsupported", struct_name(input.module),
                             is_rela ? "RELA" : "REL")},
                "relocations of a format this machine's kernel does not take");
}

/// klp_apply_section_relocs() of 5.8 and later; nothing is applied without CONFIG_LIVEPATCH, or
/// before.
std::optional<GateResult> livepatch_section(const GateInput& input, const RelocationIssue& issue) {
  const std::string_view name = input.module.sections[issue.section].name;
  if (!since(input.kernel, {5, 8, 0})) return std::nullopt;
  switch (config(input.kernel, "LIVEPATCH")) {
    case Tri::no:
      return std::nullopt;
    case Tri::unknown:
      return unknown_config(input.kernel, "LIVEPATCH");
    case Tri::yes:
      break;
  }
  if (issue.kind == Kind::livepatch_symbols) {
    return GateResult::unknown(
        fmt::format(
            "the relocations of {} name symbols inside the kernel, which live patching looks "
            "for when the module is loaded",
            name),
        "kovet boot asks the kernel itself");
  }
  GateResult result =
      refuse({fmt::format("livepatch: section {} has an incorrectly formatted name", name)},
             fmt::format(
                 "section {} is marked as relocations of a live patch, and has no such name", name),
             EINVAL);
  result.hint = "make live patches with the tools for them; in a driver no section has that mark";
  return result;
}

/// A section whose relocations, by their name, are there and are not applied to it, or whose code
/// is not there. Kernels do not look, and patch code that is not what the compiler wrote.
std::optional<GateResult> misdirected(const Module& module) {
  boost::unordered_flat_map<std::string_view, const Section*> loaded;  // the first of each name
  const auto loaded_section = [&](std::string_view name) -> const Section* {
    if (loaded.empty())
      for (const Section& section : module.sections)
        if (section.flags & SHF_ALLOC) loaded.try_emplace(section.name, &section);
    const auto found = loaded.find(name);
    return found == loaded.end() ? nullptr : found->second;
  };
  for (const Section& section : module.sections) {
    std::string_view name = section.name;
    if (section.size == 0 || !name.starts_with(".rel")) continue;
    name.remove_prefix(name.starts_with(".rela") ? 5 : 4);
    if (name == "__versions" || name == ".modinfo") continue;
    constexpr std::uint64_t rela_livepatch = 0x00100000;
    const bool applied = (section.type == SHT_RELA || section.type == SHT_REL) &&
                         !(section.flags & rela_livepatch) &&
                         section.info < module.sections.size() &&
                         module.sections[section.info].name == name;
    // Of nearly all sections this is all there is to see.
    if (applied && module.sections[section.info].type != SHT_NOBITS) continue;
    const Section* meant = loaded_section(name);
    if (!meant || meant->size == 0) continue;
    if (applied && (meant->flags & SHF_EXECINSTR) && meant->type == SHT_NOBITS) {
      return GateResult::unknown(
          fmt::format(
              "the code of {} is not in the file; the kernel does not look, and may crash on "
              "what it patches there",
              name),
          "do not load this file: build the module again");
    }
    if (applied) continue;
    return GateResult::unknown(
        fmt::format("{} is not applied to {}; the kernel does not look, and may crash on what is "
                    "left there",
                    section.name, name),
        "do not load this file: build the module again");
  }
  return std::nullopt;
}

/// Tables that the kernel follows when all relocations are applied.
std::optional<GateResult> odd_tables(const GateInput& input) {
  using Odd = OddTable::Kind;
  constexpr KernelVersion parameters_name_their_module{4, 2, 0};
  for (const OddTable& odd : input.module.odd_tables) {
    const bool of_parameters = input.module.sections[odd.section].name == "__param";
    if (of_parameters && !since(input.kernel, parameters_name_their_module)) continue;
    if (odd.kind == Odd::nop_site) {
      const Tri nops = config(input.kernel, "FTRACE_MCOUNT_USE_OBJTOOL");
      if (nops == Tri::yes) continue;
      if (nops == Tri::unknown) return unknown_config(input.kernel, "FTRACE_MCOUNT_USE_OBJTOOL");
    }
    const std::string at =
        fmt::format("{}+0x{:x}", input.module.sections[odd.section].name, odd.offset);
    std::string what;
    switch (odd.kind) {
      case Odd::init_pointers:
        what = fmt::format("{} is filled with something else than the module's init or exit", at);
        break;
      case Odd::parameter:
        what = fmt::format("the parameter at {} is not this module's, or has no name", at);
        break;
      case Odd::call_site:
      case Odd::nop_site:
        what = fmt::format("{} leads to what is no call of __fentry__", at);
        break;
      case Odd::return_site:
        what = fmt::format("{} leads to what is no jump to __x86_return_thunk", at);
        break;
      case Odd::twice:
        what = fmt::format("two entries of {} lead to one place",
                           input.module.sections[odd.section].name);
        break;
      case Odd::unfilled:
        what = fmt::format("the entries of {} are not those that its relocations fill",
                           input.module.sections[odd.section].name);
        break;
    }
    return GateResult::unknown(
        what + "; the kernel patches, locks or calls what it finds there, and may crash",
        "do not load this file: build the module again");
  }
  return std::nullopt;
}

}  // namespace

GateResult relocations(const GateInput& input) {
  const auto& issues = input.module.relocation_issues;
  for (std::size_t i = 0; i < issues.size(); ++i) {
    const RelocationIssue* issue = &issues[i];
    // Of one relocation, kernels before 6.3 looked at the target first, later ones at the value.
    if (i + 1 < issues.size() && issues[i + 1].kind == Kind::overflow &&
        issues[i + 1].section == issue->section && issues[i + 1].offset == issue->offset &&
        since_6_3(input.kernel))
      issue = &issues[i + 1];
    const auto& sections = input.module.sections;
    if (!(sections[sections[issue->section].info].flags & SHF_ALLOC)) {
      // The symbol table or its strings, which layout_symtab() puts into memory.
      const Tri symbols_kept = config(input.kernel, "KALLSYMS");
      if (symbols_kept == Tri::no) continue;
      if (symbols_kept == Tri::unknown) return unknown_config(input.kernel, "KALLSYMS");
    }
    switch (issue->kind) {
      case Kind::unsupported_format:
        return wrong_format(input, *issue);
      case Kind::unknown_type:
        return unknown_type(input, *issue);
      case Kind::nonzero_target:
        return nonzero(input, *issue);
      case Kind::overflow:
        return overflow(input, *issue);
      case Kind::overlap:
        return GateResult::unknown(
            fmt::format("the relocation at {} fills bytes that another has filled before; the "
                        "kernel refuses it unless those happen to be zero",
                        where(input, *issue)),
            "do not load this file: build the module again");
      case Kind::out_of_bounds:
        return GateResult::unknown(
            fmt::format("the relocation at {} lies outside its section, or points to what is not "
                        "loaded; the kernel does not look, and may crash",
                        where(input, *issue)),
            "do not load this file: build the module again");
      case Kind::static_call_key:
        if (config(input.kernel, "HAVE_STATIC_CALL_INLINE") == Tri::no) continue;
        return GateResult::unknown(
            fmt::format(
                "the static call at {} has a key that is no static call's; the kernel refuses "
                "it, and may crash while it does",
                where(input, *issue)),
            "do not load this file: build the module again");
      case Kind::livepatch_name:
      case Kind::livepatch_symbols:
        if (auto answer = livepatch_section(input, *issue)) return *answer;
        continue;
      case Kind::conditional_type:
        break;
    }
    const Tri taken = takes_conditional(input, issue->type);
    if (taken == Tri::no) return unknown_type(input, *issue);
    if (taken == Tri::unknown) {
      return GateResult::unknown(
          fmt::format("whether this kernel takes relocations of type {}, as at {}, depends on its "
                      "configuration or version",
                      issue->type, where(input, *issue)),
          "the configuration of this kernel; kovet boot asks the kernel itself");
    }
  }
  if (issues.size() >= RelocationIssue::most) {
    return GateResult::unknown("it has so many odd relocations that not all were looked at",
                               "kovet boot asks the kernel itself");
  }
  if (auto answer = misdirected(input.module)) return *answer;
  return odd_tables(input).value_or(GateResult::pass());
}

}  // namespace kovet::gate
