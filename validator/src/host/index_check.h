#pragma once

#include <string>
#include <string_view>

#include "host/root.h"

namespace kovet {

/// Whether depmod could have written this index (modules.dep.bin and the like). libkmod follows its
/// offsets without a look at the file's end, so it must not see one that is damaged. Returns what
/// is wrong, empty when it is whole; a file that libkmod itself turns down by its first bytes is
/// whole enough.
std::string index_damage(std::string_view file);

/// Looks at every file of lib/modules/R that libkmod opens by itself. Errors: a damaged index; not
/// a regular file; a link that leads elsewhere on this machine than it would on that one.
Result<void> check_indexes(const Root& root, const std::string& modules_dir);

}  // namespace kovet
