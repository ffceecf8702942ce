#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// arch/x86/kernel/module.c (whose pr_fmt puts "module: " in front), arch/arm64/kernel/module.c;
// include/linux/moduleloader.h for the formats a machine does not take. Addresses in messages
// change with each boot: "<address>".

namespace kovet::gate {

namespace {

using Kind = RelocationIssue::Kind;

std::string where(const GateInput& input, const RelocationIssue& issue) {
  return fmt::format("{}+0x{:x}", input.module.sections[issue.section].name, issue.offset);
}

GateResult refuse(std::vector<std::string> log, std::string reason) {
  return GateResult::fail(ENOEXEC, std::move(log), std::move(reason),
                          "compile it with the kernel's own flags through Kbuild "
                          "(-mcmodel=kernel -fno-pic on x86-64)");
}

GateResult unknown_type(const GateInput& input, const RelocationIssue& issue) {
  const std::string name = struct_name(input.module);
  std::string line;
  switch (input.module.arch) {
    case Arch::x86_64:
      line = fmt::format("module: {}: Unknown rela relocation: {}", name, issue.type);
      break;
    case Arch::x86:
      line = fmt::format("module: {}: Unknown relocation: {}", name, issue.type);
      break;
    case Arch::arm64:
      line = fmt::format("module {}: unsupported RELA relocation: {}", name, issue.type);
      break;
    default:
      return GateResult::unknown("the relocation types of this machine are not known here",
                                 "kovet boot on such a machine");
  }
  return refuse({line}, fmt::format("relocation type {} at {} is none the kernel knows", issue.type,
                                    where(input, issue)));
}

bool since_6_3(const Kernel& kernel) {
  return !kernel.version || *kernel.version >= KernelVersion{6, 3, 0};
}

GateResult nonzero(const GateInput& input, const RelocationIssue& issue) {
  return refuse({fmt::format("module: x86/modules: {} relocation target, existing value is nonzero "
                             "for type {}, loc <address>, val <address>",
                             since_6_3(input.kernel) ? "Invalid" : "Skipping invalid", issue.type)},
                fmt::format("the bytes to relocate at {} are not zero", where(input, issue)));
}

GateResult overflow(const GateInput& input, const RelocationIssue& issue) {
  return refuse({fmt::format("module: overflow in relocation type {} val <address>", issue.type),
                 fmt::format("module: `{}' likely not compiled with -mcmodel=kernel",
                             struct_name(input.module))},
                fmt::format("the 32-bit address at {} cannot hold a kernel address",
                            where(input, issue)));
}

GateResult wrong_format(const GateInput& input, const RelocationIssue& issue) {
  const bool is_rela = input.module.sections[issue.section].type == 4;  // SHT_RELA
  return refuse({fmt::format("module {}: {} relocation unsupported", struct_name(input.module),
                             is_rela ? "RELA" : "REL")},
                "relocations of a format this machine's kernel does not take");
}

}  // namespace

GateResult relocations(const GateInput& input) {
  const auto& issues = input.module.relocation_issues;
  if (issues.empty()) return GateResult::pass();
  // Of one relocation, kernels before 6.3 looked at the target first, later ones at the value.
  const RelocationIssue* first = &issues.front();
  if (issues.size() > 1 && issues[1].kind == Kind::overflow && issues[1].section == first->section &&
      issues[1].offset == first->offset && since_6_3(input.kernel))
    first = &issues[1];
  switch (first->kind) {
    case Kind::unsupported_format:
      return wrong_format(input, *first);
    case Kind::unknown_type:
      return unknown_type(input, *first);
    case Kind::nonzero_target:
      return nonzero(input, *first);
    case Kind::overflow:
      return overflow(input, *first);
    case Kind::out_of_bounds:
      break;
  }
  return GateResult::unknown(
      fmt::format("the relocation at {} points outside; the kernel does not look, and would "
                  "write wild memory",
                  where(input, *first)),
      "do not load this file: build the module again");
}

}  // namespace kovet::gate
