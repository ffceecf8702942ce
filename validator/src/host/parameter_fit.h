#pragma once

#include <string>

#include "host/kernel_cmdline.h"
#include "module/module.h"

namespace kovet {

/// What the kernel makes of one parameter given to a module (kernel/params.c).
struct ParameterFit {
  enum class Kind : std::uint8_t {
    fits,
    unknown_parameter,  ///< the module has none of that name: a log line, and it is ignored
    bad_value,          ///< refused: the module does not load
    not_judged          ///< the type is the module's own
  };
  Kind kind = Kind::fits;
  std::string type;  ///< from parmtype=; empty when the module does not say
  std::string note;  ///< why, for people; empty for a plain fit
  int error = 0;     ///< bad_value: the setter's errno, positive
};

/// "fits", "unknown-parameter", "bad-value", "not-judged".
std::string_view to_string(ParameterFit::Kind kind);

ParameterFit fit_parameter(const Module& module, const Argument& argument);

/// Whether a value suits a parmtype= ("int", "array of int", "charp", ...). `is_64_bit`: how wide
/// the kernel's long is.
ParameterFit fit_value(std::string_view type, const Argument& argument, bool is_64_bit);

/// What a modprobe.d `install` or `remove` command comes to, as far as its text tells.
enum class CommandEffect : std::uint8_t {
  fails,         ///< /bin/false: modprobe fails
  does_nothing,  ///< /bin/true: modprobe reports success, nothing is loaded
  loads,         ///< it calls modprobe --ignore-install for the module itself
  repeats,       ///< it calls modprobe for the module itself, which runs the command again
  unknown        ///< only running it would tell
};
std::string_view to_string(CommandEffect effect);
CommandEffect judge_command(std::string_view command, std::string_view module);

}  // namespace kovet
