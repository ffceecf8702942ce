#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/modprobe_config.h"

// The module files of one release, and which of several with one name depmod puts in the index.

namespace kovet {

/// depmod.d, as depmod.d(5) and tools/depmod.c have it.
struct DepmodConfig {
  enum class SearchKind : std::uint8_t { path, builtin, external };
  struct Search {
    SearchKind kind = SearchKind::path;
    std::string path;  ///< below lib/modules/R; empty for the other kinds
    Location at;       ///< no file: depmod's default
  };
  struct Override {
    std::string path;  ///< "SUBDIR/MODULE", without ending
    Location at;
  };
  struct External {
    std::string path;  ///< absolute, on the machine
    Location at;
  };
  std::vector<Search> searches;       ///< lowest precedence first, as depmod counts
  std::vector<Override> overrides;    ///< first match decides
  std::vector<External> externals;    ///< in depmod's order
  std::vector<std::string> excludes;  ///< folder names that are not entered
  std::vector<IgnoredLine> ignored;
  std::vector<std::string> unreadable;  ///< "PATH: why": folders and files that depmod may read
};

/// Reads depmod.d for one release. Override and external lines whose kernel pattern does not match
/// are left out.
DepmodConfig read_depmod_config(const Root& root, const std::string& release);
/// One file of it, appended.
void scan_depmod_text(std::string_view text, const std::string& file, const std::string& release,
                      DepmodConfig& config);

/// One `.ko` file.
struct ModuleFile {
  std::string path;            ///< on the machine
  std::filesystem::path here;  ///< all links followed; empty for a dangling link
  bool gzip = false;           ///< .ko.gz, which only a kmod built with zlib looks at
};

/// All module files by module name, each list in the order depmod meets them: readdir order.
using ModuleFiles = std::map<std::string, std::vector<ModuleFile>, std::less<>>;
/// `unreadable`: takes the folders that could not be listed, on the machine; may be null.
ModuleFiles list_module_files(const Root& root, const std::string& modules_dir,
                              const DepmodConfig& config,
                              std::vector<std::string>* unreadable = nullptr);

/// What depmod would choose among the files of one name.
struct Choice {
  std::optional<std::size_t> winner;  ///< index into the files
  std::vector<std::string> reasons;   ///< for each file, why it wins or loses
  std::vector<Location> decided_by;   ///< for each, the line; no file: a default
  bool by_directory_order = false;    ///< nothing but the order of the folder's entries decides
};
Choice choose_module_file(const std::vector<ModuleFile>& files, const std::string& modules_dir,
                          const DepmodConfig& config, bool kmod_reads_gzip);

}  // namespace kovet
