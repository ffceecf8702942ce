#include <elf.h>
#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"
#include "kernel/check_btf.h"

// kernel/bpf/btf.c: btf_module_notify(), btf_parse_module(). A module without .BTF is never
// refused here.

namespace kovet::gate {

namespace {

/// Since 6.3 a tolerated mismatch is told in one line, once per boot.
bool tells_once(const Kernel& kernel) {
  return !kernel.version || *kernel.version >= KernelVersion{6, 3, 0};
}

GateResult tolerated(const GateInput& input, const BtfAnswer& answer) {
  GateResult result = GateResult::pass();
  result.reason = "this kernel loads modules whose BTF does not fit";
  if (answer.error == 0) return result;
  for (const BtfAnswer::Line& line : answer.log)
    if (!line.about_type || !tells_once(input.kernel)) result.log.push_back(line.text);
  result.log.push_back(tells_once(input.kernel)
                           ? "Kernel module BTF mismatch detected, BTF debug info may be "
                             "unavailable for some modules"
                           : fmt::format("failed to validate module [{}] BTF: -{}",
                                         struct_name(input.module), answer.error));
  result.reason += ", as this one's does not";
  return result;
}

GateResult refused(const GateInput& input, const BtfAnswer& answer) {
  std::vector<std::string> log;
  for (const BtfAnswer::Line& line : answer.log) log.push_back(line.text);
  log.push_back(fmt::format("failed to validate module [{}] BTF: -{}", struct_name(input.module),
                            answer.error));
  if (!answer.log_known) log.clear();
  GateResult result =
      GateResult::fail(answer.error, std::move(log),
                       "the module's BTF does not fit the kernel's, and this kernel has no "
                       "CONFIG_MODULE_ALLOW_BTF_MISMATCH",
                       "build it without BTF (no vmlinux in the build directory), or against the "
                       "vmlinux of exactly this kernel");
  result.log_known = answer.log_known;
  return result;
}

/// What the kernel says where no earlier part of the check has said it.
BtfAnswer look_at(const GateInput& input, const Section& btf, const Section* own_base) {
  const BtfBase* kernel = input.image ? input.image->btf.get() : nullptr;
  const bool any_name = any_btf_section_name(input.kernel);
  const bool big_endian = input.module.big_endian;
  return own_base ? check_relocated_btf(btf.bytes, own_base->bytes, big_endian, kernel, any_name)
                  : check_module_btf(btf.bytes, big_endian, kernel, any_name);
}

bool lies_inside(const Section& section) {
  return section.bytes.size() == section.size;
}

}  // namespace

GateResult btf(const GateInput& input) {
  const Section* section = input.module.section(".BTF");
  if (!section || section->size == 0) return GateResult::pass();
  switch (config(input.kernel, "DEBUG_INFO_BTF_MODULES")) {
    case Tri::no:
      return GateResult::skip();
    case Tri::unknown:
      return unknown_config(input.kernel, "DEBUG_INFO_BTF_MODULES");
    case Tri::yes:
      break;
  }
  const bool allowed = config(input.kernel, "MODULE_ALLOW_BTF_MISMATCH") == Tri::yes;
  const Section* own_base = input.module.section(".BTF.base");
  constexpr std::uint64_t up_to_header_length = 8;  // what a BTF header begins with
  const bool cut_base = own_base && own_base->size < up_to_header_length;
  const bool base_of_section_0 = !own_base && (input.module.sections.front().flags & SHF_ALLOC);
  if ((own_base || base_of_section_0) && !input.kernel.version) {
    if (allowed) return tolerated(input, {});
    return GateResult::unknown(
        "the module has BTF with a base of its own (.BTF.base), which kernels read since 6.11, and "
        "the kernel's release is not known",
        "the kernel's release");
  }
  // An allocated section 0 has an address, which the kernel takes for a .BTF.base of no length.
  if (relocates_btf(input.kernel) && (cut_base || base_of_section_0)) {
    const BtfAnswer answer{
        .error = EINVAL, .complete = true, .log = {{"BPF: hdr_len not found", false}}};
    return allowed ? tolerated(input, answer) : refused(input, answer);
  }
  if (!relocates_btf(input.kernel)) own_base = nullptr;
  for (const Section* part : {section, own_base})
    if (!input.btf && part && !lies_inside(*part))
      return GateResult::unknown(fmt::format("the content of {} lies outside the file", part->name),
                                 "build the module again");
  const BtfAnswer answer = input.btf ? *input.btf : look_at(input, *section, own_base);
  if (!answer.wild.empty()) {
    return GateResult::unknown(
        fmt::format("the kernel is led astray by the module's BTF: {}", answer.wild),
        "build the module again, or without BTF (no vmlinux in the build directory)");
  }
  if (allowed) return tolerated(input, answer);
  if (answer.error != 0) return refused(input, answer);
  if (!answer.complete) {
    return GateResult::unknown(
        "the module has BTF, and this kernel refuses BTF that does not fit its own, which is not "
        "at hand",
        "the kernel's image or its vmlinux with BTF; or build without BTF (no vmlinux in the build "
        "directory)");
  }
  GateResult result = GateResult::pass();
  if (input.image && input.image->btf) result.evidence = input.image->btf->origin;
  return result;
}

}  // namespace kovet::gate
