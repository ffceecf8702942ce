#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// Drivers that are built into a kernel, by what modules.builtin.modinfo tells of them.
struct BuiltinModules {
  struct Traits {
    bool has_version = false;     ///< MODULE_VERSION: its folder in /sys/module exists
    bool has_parameters = false;  ///< the folder exists unless none of them is visible
  };
  std::map<std::string, Traits, std::less<>> by_name;

  const Traits* find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &found->second;
  }
};

/// Whether every kernel has /sys/module/`name`, of parts that are never modules.
bool is_always_builtin(std::string_view name);

/// Reads "NAME.KEY=VALUE" strings, each ending with NUL (Documentation/kbuild/kbuild.rst). Error:
/// unreadable.
Result<BuiltinModules> read_builtin_modules(const std::filesystem::path& modinfo);

}  // namespace kovet
