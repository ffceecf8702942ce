#pragma once

#include "gates/gate.h"

// The evaluating function of every gate, one file each. See table.cpp for what they stand for.

namespace kovet::gate {

GateResult syscall(const GateInput& input);
GateResult compression(const GateInput& input);
GateResult signature(const GateInput& input);
GateResult elf(const GateInput& input);
GateResult struct_module_size(const GateInput& input);
GateResult elf_symbols(const GateInput& input);
GateResult blacklist(const GateInput& input);
GateResult module_layout(const GateInput& input);
GateResult vermagic(const GateInput& input);
GateResult livepatch(const GateInput& input);
GateResult already_loaded(const GateInput& input);
GateResult plt(const GateInput& input);
GateResult write_exec(const GateInput& input);
GateResult allocation(const GateInput& input);
GateResult percpu(const GateInput& input);
GateResult constructors(const GateInput& input);
GateResult export_versions(const GateInput& input);
GateResult module_namespace_import(const GateInput& input);
GateResult symbols(const GateInput& input);
GateResult common_symbols(const GateInput& input);
GateResult relocations(const GateInput& input);
GateResult ftrace_trampoline(const GateInput& input);
GateResult duplicate_exports(const GateInput& input);
GateResult livepatch_object(const GateInput& input);
GateResult btf(const GateInput& input);
GateResult parameters(const GateInput& input);
GateResult sysfs(const GateInput& input);
GateResult init(const GateInput& input);

}  // namespace kovet::gate
