#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kovet {

/// One word of the text that a loader hands to the kernel with a module.
struct KernelArgument {
  std::string name;
  std::optional<std::string> value;  ///< absent without '='
};

/// A module's arguments as parse_args() of kernel/params.c and next_arg() of lib/cmdline.c take
/// them apart.
struct KernelArguments {
  std::vector<KernelArgument> words;
  std::optional<std::string> after_dashes;  ///< what follows a word "--"; the kernel ignores it
};

KernelArguments parse_kernel_arguments(std::string_view text);

}  // namespace kovet
