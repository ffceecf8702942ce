#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/error.h"
#include "vm/vm.h"

namespace kovet::vm {

/// What is loaded first and not reported: in-tree modules, and members of the group that had their
/// answer in an earlier boot, which are reported when they are unloaded.
struct Prerequisite {
  LoadJob job;
  std::optional<std::size_t> id;  ///< of a member of the group
};

/// What one boot does with one group.
struct PlannedGroup {
  std::vector<Prerequisite> before;
  std::vector<std::size_t> jobs;  ///< ids, in order
};

/// Writes the guest's first file system: its init, the modules, and the list of jobs.
/// `jobs` is indexed by id. Returns its size in bytes. Errors: a module cannot be read, or the
/// archive cannot be written.
Result<std::uint64_t> write_initramfs(const std::filesystem::path& file,
                                      std::span<const PlannedGroup> groups,
                                      std::span<const LoadJob> jobs,
                                      std::chrono::seconds module_timeout, bool keep_log);

}  // namespace kovet::vm
