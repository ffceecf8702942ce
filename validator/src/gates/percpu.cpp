#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: percpu_modalloc(); mm/percpu.c: the reserved chunk has
// PERCPU_MODULE_RESERVE bytes (include/linux/percpu.h), shared by all modules.

namespace kovet::gate {

namespace {

constexpr std::uint64_t module_reserve = 8 << 10;

std::uint64_t page_size(const Kernel& kernel) {
  if (config(kernel, "ARM64_64K_PAGES") == Tri::yes || config(kernel, "PPC_64K_PAGES") == Tri::yes ||
      config(kernel, "PAGE_SIZE_64KB") == Tri::yes)
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
    result.log.push_back(fmt::format("{}: per-cpu alignment {} > {}", name, align, page));
    align = page;
  }
  if (section->size <= module_reserve) return result;
  result.status = GateStatus::fail;
  result.error = ENOMEM;
  result.log.push_back(fmt::format("{}: Could not allocate {} bytes percpu data", name, section->size));
  result.reason = fmt::format("{} bytes of static per-CPU data; all modules together have {}",
                              section->size, module_reserve);
  result.hint = "allocate it with alloc_percpu() instead of DEFINE_PER_CPU()";
  return result;
}

}  // namespace kovet::gate
