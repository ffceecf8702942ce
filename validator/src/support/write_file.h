#pragma once

#include <filesystem>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// Writes a file whole or not at all: to a temporary beside it, then renamed over it. What was
/// there stays when anything fails. Special files (/dev/null, pipes) are written directly.
/// Errors name the file, the system's reason and what to do about it.
Result<void> write_file(const std::filesystem::path& file, std::string_view content);

/// Could write_file() write this file now? Leaves nothing behind. To be asked before work that
/// takes long, whose result would be lost. Errors are those of write_file().
Result<void> may_write(const std::filesystem::path& file);

}  // namespace kovet
