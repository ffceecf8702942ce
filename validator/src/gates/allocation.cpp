#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <optional>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: layout_sections(), move_module(); arch/x86/include/asm/pgtable_64_types.h:
// MODULES_VADDR, MODULES_END; mm/execmem.c since 6.10, module_alloc() of each machine before.

namespace kovet::gate {

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;
constexpr std::uint64_t page = 4 << 10;
constexpr std::uint64_t surely_there = 64 * mib;
constexpr std::size_t kinds = 4;  // text, read-only, read-only after init, writable
using Sizes = std::array<std::uint64_t, 2 * kinds>;  // of the core, then of .init*

std::size_t kind_of(const Section& section) {
  if (section.flags & SHF_EXECINSTR) return 0;
  if (!(section.flags & SHF_WRITE)) return 1;
  return section.name == ".data..ro_after_init" || section.name == "__jump_table" ? 2 : 3;
}

/// Sections from which the loader takes SHF_ALLOC away: the first of each of these names.
bool stays_in_memory(const Module& module, const Section& section) {
  if (!(section.flags & SHF_ALLOC)) return false;
  for (const std::string_view name : {"__versions", ".modinfo", ".data..percpu"})
    if (section.name == name) return &section != module.section(name, true);
  return true;
}

/// Puts a section behind what a piece of memory holds. False: 32 bits are not enough for that.
bool place(std::uint64_t& size, std::uint64_t alignment, std::uint64_t added) {
  const std::uint64_t mask = alignment == 0 ? 0 : alignment - 1;
  if (mask >= four_gib) {
    if (size != 0) return false;
  } else {
    size = (size + mask) & ~mask;
  }
  if (added >= four_gib || size + added > four_gib - page) return false;
  size += added;
  return true;
}

/// layout_symtab(), with CONFIG_KALLSYMS: the symbol table and its strings go to the end of .init*,
/// whatever their flags, and part of the table to the end of the core's data.
bool place_symbols(const Module& module, std::uint64_t& data, std::uint64_t& init_data) {
  const auto table =
      std::find_if(module.sections.begin(), module.sections.end(),
                   [](const Section& section) { return section.type == SHT_SYMTAB; });
  if (table == module.sections.end()) return true;
  if (!place(init_data, table->addralign, table->size)) return false;
  if (!place(data, table->addralign, 0)) return false;
  if (table->link >= module.sections.size()) return true;
  const Section& strings = module.sections[table->link];
  return place(init_data, strings.addralign, strings.size);
}

/// Bytes of each piece of memory, as the kernel adds them up; empty: its 32 bits are not enough.
/// Kernels before 6.4 (`whole`) allocate one piece for the core and one for .init*.
std::optional<Sizes> lay_out(const Module& module, bool whole, bool symbols) {
  Sizes sizes{};
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    for (const Section& section : module.sections) {
      if (!stays_in_memory(module, section) || kind_of(section) != kind) continue;
      const std::size_t half = section.name.starts_with(".init") ? kinds : 0;
      if (!place(sizes[half + (whole ? 0 : kind)], section.addralign, section.size))
        return std::nullopt;
    }
  }
  const std::size_t writable = whole ? 0 : kinds - 1;
  if (symbols && !place_symbols(module, sizes[writable], sizes[kinds + writable]))
    return std::nullopt;
  return sizes;
}

}  // namespace

GateResult allocation(const GateInput& input) {
  const Tri pieces = traits_of(input.kernel).strict_sections;
  const bool symbols = config(input.kernel, "KALLSYMS") != Tri::no;
  const auto sizes = lay_out(input.module, pieces == Tri::no, symbols);
  if (!sizes) {
    return GateResult::unknown(
        "its sections take 4 GiB or more with their alignment; the kernel adds "
        "them up in 32 bits, and would write wild memory",
        "do not load this file: build the module again");
  }
  const std::uint64_t total = std::accumulate(sizes->begin(), sizes->end(), std::uint64_t{0});
  if (total <= surely_there) return GateResult::pass();
  // Without KASLR the kernel's own image takes 512 MiB less of the same range.
  constexpr std::uint64_t with_kaslr = 1008 * mib, without = 1520 * mib;
  const bool kaslr = config(input.kernel, "RANDOMIZE_BASE") == Tri::yes;
  const std::uint64_t area = kaslr ? with_kaslr : without;
  const bool too_large =
      std::any_of(sizes->begin(), sizes->end(), [&](std::uint64_t size) { return size > area; });
  if (input.module.arch == Arch::x86_64 && too_large && pieces != Tri::unknown) {
    std::vector<std::string> log;
    if (*input.kernel.version >= KernelVersion{6, 10, 0})
      log.emplace_back("execmem: unable to allocate memory");
    return GateResult::fail(
        ENOMEM, std::move(log),
        fmt::format("its sections take {} MiB, and all modules together have {} MiB of addresses",
                    total / mib, area / mib),
        "allocate large buffers at run time (vmalloc()) instead of as static arrays");
  }
  return GateResult::unknown(
      fmt::format(
          "its sections take {} MiB; whether the kernel has that much room for modules, and "
          "the memory, depends on the machine",
          total / mib),
      "allocate large buffers at run time; kovet boot asks a kernel with nothing else loaded");
}

}  // namespace kovet::gate
