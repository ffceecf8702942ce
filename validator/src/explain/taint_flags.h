#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace kovet::explain {

/// One bit of /proc/sys/kernel/tainted (include/linux/panic.h, kernel/panic.c: taint_flags[]).
struct TaintFlag {
  int bit;
  char letter;
  std::string_view name;  ///< without "TAINT_", as kernels since 6.10 print it in traces
  std::string_view meaning;
  std::string_view set_by;
  std::string_view advice;  ///< what to do about it
  std::string_view since;   ///< first release, or "before 3.0"
  bool per_module;          ///< also shown per module, in /proc/modules and /sys/module/NAME/taint
};

/// All flags of mainline kernels, by bit.
std::span<const TaintFlag> taint_flags();

const TaintFlag* find_taint_flag(int bit);
const TaintFlag* find_taint_flag(char letter);

/// A module with flags of its own.
struct TaintedModule {
  std::string name;
  std::string letters;
  char state = 0;  ///< '+': being loaded, '-': being unloaded, 0: live
};

/// What a value, letters or a line say.
struct TaintReading {
  enum class Kind : std::uint8_t { value, letters, trace_line, module_line, module_list };
  Kind kind = Kind::value;
  std::uint64_t value = 0;              ///< the bits
  std::vector<const TaintFlag*> flags;  ///< mainline's, by bit
  std::vector<int> foreign_bits;        ///< bits that mainline does not define
  std::string foreign_letters;          ///< letters that mainline does not define
  std::vector<TaintedModule> modules;   ///< named by the line; without flags are left out
};

/// Reads a number ("12288", "0x3000"), letters ("OE", "G OE", "(POE)"), "Tainted: G  OE" or
/// "[O]=OOT_MODULE" of a trace, a line of /proc/modules, or "Modules linked in: ...".
/// Errors: none of these.
Result<TaintReading> read_taint(std::string_view text);

/// The modules with flags in the text of /proc/modules.
std::vector<TaintedModule> tainted_modules(std::string_view proc_modules);

/// Letters in the order of the bits, as /proc/modules shows them: "OE".
std::string taint_letters(std::uint64_t value);

}  // namespace kovet::explain
