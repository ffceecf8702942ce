#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: elf_validity_cache_index_mod(), since 6.4.

namespace kovet::gate {

namespace {

constexpr std::uint64_t cache_line = 64;  // struct module is ____cacheline_aligned

/// genksyms expands struct module into the CRC of module_layout, so that equal CRCs stand for
/// equal structures in what the compiler made. It says nothing of a section that was edited
/// afterwards: the section must still have the size that the compiler gave its only object.
bool layout_crc_agrees(const GateInput& input) {
  if (!input.kernel.symvers || !input.module.versions) return false;
  const auto wanted = input.kernel.symvers->find("module_layout");
  if (!wanted || wanted->crc == 0) return false;
  if (input.kernel.symvers->has_two_crcs("module_layout")) return false;
  for (const SymbolVersion& entry : input.module.versions->entries)
    if (entry.name == "module_layout") return entry.crc == wanted->crc;
  return false;
}

}  // namespace

GateResult struct_module_size(const GateInput& input) {
  const LoaderTraits traits = traits_of(input.kernel);
  if (traits.strict_sections == Tri::no) return GateResult::skip();
  if (traits.strict_sections == Tri::unknown) {
    return GateResult::unknown(
        "the kernel's release is not known: 6.4 and later compare the size "
        "of struct module",
        input.kernel.release.supply);
  }
  if (!input.module.this_module) return GateResult::skip();  // the elf gate has refused it
  const std::uint64_t size = input.module.this_module->size;
  const auto& wanted = input.kernel.struct_module_size;
  if (!wanted) {
    const auto& compiled = input.module.this_module->symbol_size;
    if (size % cache_line == 0 && layout_crc_agrees(input) && compiled && *compiled != size) {
      return GateResult::unknown(
          fmt::format(
              "the section of struct module has {} bytes, but the compiler made it {}: it was "
              "edited, and the kernel's own size is not known",
              size, *compiled),
          wanted.supply.empty() ? "any module that came with this kernel" : wanted.supply);
    }
    if (size % cache_line == 0 && layout_crc_agrees(input) && compiled == size) {
      GateResult result = GateResult::pass();
      result.evidence = "the CRC of module_layout agrees, and covers struct module";
      return result;
    }
    return GateResult::unknown(
        fmt::format("sizeof(struct module) of the kernel is not known; the module has {} bytes",
                    size),
        wanted.supply.empty() ? "any module that came with this kernel" : wanted.supply);
  }
  if (size == *wanted) {
    GateResult result = GateResult::pass();
    result.evidence = wanted.origin;
    return result;
  }
  const auto name = visible_modinfo(input, "name");
  return GateResult::fail(
      ENOEXEC,
      {fmt::format("module {}: .gnu.linkonce.this_module section size must match the kernel's "
                   "built struct module size at run time",
                   name ? *name : "(missing .modinfo section or name field)")},
      fmt::format("struct module has {} bytes in the module and {} in the kernel", size, *wanted),
      "build it against the headers of exactly this kernel");
}

}  // namespace kovet::gate
