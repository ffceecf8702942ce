#pragma once

#include <filesystem>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// Writes a file whole or not at all: to a temporary beside it, then renamed over it. What was
/// there stays when anything fails. Special files (/dev/null, pipes) are written directly.
/// Errors name the file and the system's reason.
Result<void> write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace kovet
