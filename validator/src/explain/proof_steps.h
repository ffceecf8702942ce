#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "explain/proof.h"
#include "gates/taint.h"

// The steps of prove(): what each kind of line is held against.

namespace kovet::explain {

/// A word for the shell: quoted where it has to be.
std::string shell_word(std::string_view word);

/// The row of the gate of that id; null when the table has none.
const Verdict::Row* row_of(const Verdict& verdict, std::string_view gate);

/// The fix: by symbol where the check knows it so exactly.
std::string hint_of(const GateResult& result);

/// Whether the line is printed of symbols that the loader found: those exist, and their owner is
/// loaded.
bool was_found(const Explanation& item);

bool kernel_exports(const Evidence& evidence, std::string_view symbol);

/// "module i2c/i2c-core (modprobe i2c-core), GPL-only", or what else is known of who exports it;
/// empty when nothing is.
std::string provider_of(std::string_view symbol, const Evidence& evidence);

/// How a symbol that another module may export gets decided: what to load or to check with it.
std::string with_dependencies(const Evidence& evidence, const Verdict& verdict);

/// The line is about another file than the one at hand.
Proof about_another_build(std::string text);

/// Symbols that resolve by now were refused because their owner was not loaded then.
Proof from_missing_owners(const Explanation& item, const Evidence& evidence);

/// A line about symbols that a loaded module exports and the kernel does not: without that module's
/// file the check sees nothing of what the line says. Nothing for other lines.
std::optional<Proof> from_absent_exporter(const Explanation& item, const Evidence& evidence);

/// A line of one of the kernel's checks: what that check says of the file. `row` is of `verdict`.
Proof from_gate(const Verdict& verdict, const Verdict::Row& row, const Explanation& item,
                const Evidence& evidence);

/// A tool's errno: what do the checks say of this module? Drops the item's causes that the file
/// excludes.
Proof from_errno(Explanation& item, const Verdict& verdict, const Evidence& evidence);

/// Parameter lines: the module's own list of parameters decides.
Proof from_parameters(const Module& module, const Explanation& item);

Proof from_taint(const TaintForecast& forecast, const Explanation& item, const Module& module);

}  // namespace kovet::explain
