#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gates/gate.h"
#include "kernel/kernel.h"
#include "module/module.h"

namespace kovet {

/// What loading a module does to the kernel's taint flags, on a machine that is not tainted yet.
struct TaintForecast {
  /// When its line appears, for a kernel that has loaded other modules before.
  enum class Printed : std::uint8_t {
    every_time,
    unless_tainted,  ///< not where the kernel has the flag already
    once_per_boot,   ///< for the first such module alone
  };
  struct Cause {
    char letter = 0;           ///< as in /proc/modules; 0: a warning that sets no flag
    std::string why;           ///< the fact in the module, one sentence
    std::string how_to_avoid;  ///< one sentence
    std::string log;           ///< the line the kernel prints for it; empty when it prints none
    Printed printed = Printed::every_time;
  };
  /// The letters /proc/modules and /sys/module/NAME/taint will show, in their order: "OE".
  std::string letters;
  /// In the order in which that kernel's version looks at them.
  std::vector<Cause> causes;
  /// All lines in the kernel's order: those of `causes`, and those that come along with them.
  std::vector<std::string> log;
  /// What could not be decided, each with the reason and what would supply it.
  std::vector<std::string> unknown;
};

/// "every_time", "unless_tainted", "once_per_boot".
std::string_view to_string(TaintForecast::Printed printed);

/// Forecasts the flags (kernel/module/main.c: module_augment_kernel_taints() since 6.4,
/// check_modinfo() and load_module() before). Flags never reject a module by themselves.
/// `signature`: what the module's signature is worth to that kernel; empty when not known.
/// `inherits`: it uses symbols of a proprietary module (see inherits_taint()).
TaintForecast forecast_taint(const Module& module, const Kernel& kernel,
                             const Assumptions& assumptions,
                             std::optional<SignatureAnswer> signature = {}, bool inherits = false);

/// license_is_gpl_compatible() of include/linux/license.h: six exact strings.
bool license_is_gpl_compatible(std::string_view license);

}  // namespace kovet
