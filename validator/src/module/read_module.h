#pragma once

#include <filesystem>

#include "module/module.h"
#include "support/error.h"

namespace kovet {

/// Reads a `.ko`, `.ko.gz`, `.ko.xz` or `.ko.zst` (by content). Malformed ELF is no error: the
/// facts say so. `extent` of a compressed file: whether it is unpacked as a tool does it, or as the
/// kernel. Errors: the file cannot be read, is not a regular file, a damaged stream, or one that
/// unpacks to more than `limit` bytes.
Result<Module> read_module(const std::filesystem::path& file,
                           std::uint64_t limit = max_decompressed_size,
                           Extent extent = Extent::all);

/// The same for bytes in memory; `path` is only for messages.
Result<Module> read_module(std::shared_ptr<const Bytes> content, std::string path,
                           std::uint64_t limit = max_decompressed_size,
                           Extent extent = Extent::all);

/// For questions whose answer about a text or half a file would mislead. Errors also: the file is
/// no ELF file, or its section table does not lie in it.
Result<Module> read_whole_module(const std::filesystem::path& file);

}  // namespace kovet
