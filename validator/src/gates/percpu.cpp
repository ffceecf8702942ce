#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: percpu_modalloc(); mm/percpu.c: pcpu_alloc() with a reserved chunk of
// PERCPU_MODULE_RESERVE bytes (include/linux/percpu.h), shared by all modules, which x86-32 and
// powerpc do without.

namespace kovet::gate {

namespace {

constexpr std::uint64_t module_reserve = 8 << 10;
constexpr std::uint64_t smallest_unit = 32 << 10;  // PCPU_MIN_UNIT_SIZE: the most one may ask for
constexpr std::uint64_t smallest_piece = 4;        // PCPU_MIN_ALLOC_SIZE

std::uint64_t page_size(const Kernel& kernel) {
  if (config(kernel, "ARM64_64K_PAGES") == Tri::yes ||
      config(kernel, "PPC_64K_PAGES") == Tri::yes || config(kernel, "PAGE_SIZE_64KB") == Tri::yes)
    return 64 << 10;
  if (config(kernel, "ARM64_16K_PAGES") == Tri::yes || config(kernel, "PAGE_SIZE_16KB") == Tri::yes)
    return 16 << 10;
  return 4 << 10;
}

}  // namespace

GateResult percpu(const GateInput& input) {
  const Section* section = input.module.section(".data..percpu", true);
  if (!section || section->size == 0) return GateResult::pass();
  const std::string name = struct_name(input.module);
  const Tri smp = config(input.kernel, "SMP");
  if (smp == Tri::unknown) return unknown_config(input.kernel, "SMP");
  if (smp == Tri::no) {
    return GateResult::fail(ENOMEM, {}, "per-CPU data in a module for a kernel without SMP",
                            "build it against the headers of exactly this kernel");
  }
  GateResult result = GateResult::pass();
  const std::uint64_t page = page_size(input.kernel);
  std::uint64_t align = section->addralign;
  if (align > page) {
    // printed with %li
    result.log.push_back(
        fmt::format("{}: per-cpu alignment {} > {}", name, static_cast<std::int64_t>(align), page));
    align = page;
  }
  const std::uint64_t size = (section->size + smallest_piece - 1) / smallest_piece * smallest_piece;
  align = std::max(align, smallest_piece);
  const bool has_reserve = input.module.arch != Arch::x86 && input.module.arch != Arch::ppc64;
  const std::uint64_t limit = has_reserve ? module_reserve : smallest_unit;
  if (size > smallest_unit || size < section->size || !std::has_single_bit(align))
    result.log.push_back(
        fmt::format("illegal size ({}) or align ({}) for percpu allocation", size, align));
  else if (size > limit)
    result.log.push_back(fmt::format(
        "percpu: allocation failed, size={} align={} atomic=0, alloc from reserved chunk failed",
        size, align));
  else if ((section->type == SHT_NOBITS || section->type == SHT_NULL) &&
           (section->offset > input.module.size ||
            section->size > input.module.size - section->offset))
    return GateResult::unknown(
        "its per-CPU data has no content in the file; the kernel would copy "
        "what lies behind the file, and may crash",
        "do not load this file: build the module again");
  else
    return result;
  result.status = GateStatus::fail;
  result.error = ENOMEM;
  result.log.push_back(
      fmt::format("{}: Could not allocate {} bytes percpu data", name, section->size));
  result.reason = fmt::format(
      "{} bytes of static per-CPU data, aligned to {}; all modules together "
      "have {}",
      section->size, align, limit);
  result.hint = "allocate it with alloc_percpu() instead of DEFINE_PER_CPU()";
  return result;
}

}  // namespace kovet::gate
