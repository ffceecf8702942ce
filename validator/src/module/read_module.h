#pragma once

#include <filesystem>

#include "module/module.h"
#include "support/error.h"

namespace kovet {

/// Reads a `.ko`, `.ko.gz`, `.ko.xz` or `.ko.zst` (by content). Malformed ELF is no error: the
/// facts say so. Errors: the file cannot be read, is not a regular file, or a damaged stream.
Result<Module> read_module(const std::filesystem::path& file);

/// The same for bytes in memory; `path` is only for messages.
Result<Module> read_module(std::shared_ptr<const Bytes> content, std::string path);

}  // namespace kovet
