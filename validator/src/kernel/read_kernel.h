#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel.h"
#include "support/error.h"

namespace kovet {

/// Reads one Module.symvers (or .gz/.xz/.zst of it). Errors: unreadable, or no line of it fits
/// any of the three layouts. An empty file is no error: `symbols` is empty.
Result<Symvers> read_symvers(const std::filesystem::path& file);
Result<Symvers> parse_symvers(std::shared_ptr<const Bytes> text, std::string path);

/// Resolves and reads what the user calls a kernel: a release (looked up in ROOT/lib/modules/K
/// and ROOT/usr/src), a build directory, a lib/modules/R folder, or a Module.symvers alone.
/// A tree that is half there is read as far as it goes; `gaps` says what is missing.
/// Errors: nothing of that name; the hint lists the kernels that are there.
Result<Kernel> read_kernel(const std::string& spec, const std::filesystem::path& root = "/");

/// All kernels below a root folder, by release, newest last: headers, images, modules.
struct KernelListing {
  std::string release;
  std::string arch;             ///< as `uname -m`; empty when not known
  std::string build_directory;  ///< empty: no headers
  std::string modules_dir;      ///< empty: no modules
  std::string image;            ///< empty: no vmlinuz
  std::vector<Gap> gaps;        ///< of the headers
};
std::vector<KernelListing> list_kernels(const std::filesystem::path& root = "/");

}  // namespace kovet
