#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "module/module.h"
#include "rules/finding.h"

// What changed between two kernels, of what some modules use. A pure function of facts.

namespace kovet {

/// What a change asks of the modules' author, from nothing to editing the source.
enum class Effort : std::uint8_t { none, rebuild, source_change };
/// "none", "rebuild", "source_change".
std::string_view to_string(Effort effort);

struct KernelChange {
  std::string kind;  ///< "symbol-removed", "crc-changed", "vermagic", ...: see kernel_diff.cpp
  std::string what;  ///< the symbol, the option, or the fact
  std::string from;  ///< as text; empty: was not there
  std::string to;    ///< as text; empty: is not there
  Effort effort = Effort::none;
  std::string message;               ///< a sentence
  std::vector<std::string> modules;  ///< names of the modules it is about; empty: all
};

/// A fact that one of the two kernels does not tell.
struct UnknownChange {
  std::string what;  ///< "symvers of 6.1.0-56-amd64"
  std::string reason, supply;
};

struct KernelDiff {
  std::vector<KernelChange> changes;  ///< most effort first, then by kind and name
  std::vector<UnknownChange> unknown;
  std::size_t symbols_used = 0;  ///< distinct symbols that were compared
  Effort effort = Effort::none;  ///< of the whole
};

/// Source change: error. Rebuild: warning. None: note.
Severity severity_of(Effort effort);

KernelDiff diff_kernels(std::span<const Module> modules, const Kernel& from, const Kernel& to);

}  // namespace kovet
