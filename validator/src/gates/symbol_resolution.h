#pragma once

#include <string>
#include <vector>

#include "gates/gate.h"

namespace kovet {

/// What simplify_symbols() does with a module's symbol table. It goes on after a failure, so all
/// lines appear, in .symtab order, and the errno is that of the last symbol that failed.
struct SymbolResolution {
  std::vector<std::string> log;      ///< every line the kernel prints, warnings included
  int error = 0;                     ///< errno of the last failure, positive; 0: none
  std::vector<GateDetail> failures;  ///< in order
  bool common = false;               ///< a common symbol was among the failures
  bool import = false;               ///< an import or a symbol's section index was
  std::string unknown;               ///< why some symbol could not be judged; empty: all were
  std::string supply;                ///< what would settle that
  bool inherits_taint = false;       ///< a proprietary module's symbol is used (since 5.9)
  std::vector<std::string> needs;    ///< modules whose exports are used, in order of first use
};

SymbolResolution resolve_symbols(const GateInput& input);

/// Whether the module becomes proprietary by what it uses of the modules before it.
bool inherits_taint(const GateInput& input);

/// Whether the module taints P, and so cannot see GPL-only symbols.
bool is_proprietary(const GateInput& input);

/// The modules of modinfo depends=, which modprobe loads before.
std::vector<std::string_view> dependencies_of(const Module& module);

}  // namespace kovet
