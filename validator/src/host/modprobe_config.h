#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/root.h"

// modprobe.d, scanned for what libkmod does not tell: the file and line of each entry. libkmod
// decides; check_against_libkmod() proves that both read the same.

namespace kovet {

enum class ConfigKind : std::uint8_t {
  alias,
  blacklist,
  options,
  install,
  remove,
  softdep,
  weakdep
};

/// The word that starts such a line.
std::string_view to_string(ConfigKind kind);

/// One entry, as libkmod keeps it: names with '_' for '-'.
struct ConfigEntry {
  ConfigKind kind = ConfigKind::options;
  std::string name;   ///< module, or for alias the pattern
  std::string value;  ///< the rest of the line; alias: the module; blacklist: empty
  Location at;
};

/// A file of modprobe.d.
struct ConfigFile {
  std::string path;       ///< on the machine
  std::string masked_by;  ///< a file of the same name in an earlier folder; empty: it is read
  std::string problem;    ///< why it could not be read; empty: it was
};

/// A line that libkmod ignores with a message.
struct IgnoredLine {
  Location at;
  std::string text;
};

struct ModprobeConfig {
  std::vector<ConfigFile> files;     ///< in the order they are read, masked ones last
  std::vector<ConfigEntry> entries;  ///< in that order
  std::vector<IgnoredLine> ignored;
  std::vector<std::string> folders;     ///< that exist, here, in order of precedence
  std::vector<std::string> misnamed;    ///< files there whose names modprobe passes over
  std::vector<std::string> unreadable;  ///< "PATH: why": folders and files that modprobe may read
  bool links_leave_root = false;  ///< a file is reached through a link that only the root resolves
  std::string joined;             ///< all files one after the other; only with links_leave_root
};

/// The folders modprobe reads, first wins (modprobe.d(5); /usr/lib since kmod 31, the same folder
/// as /lib where /usr is merged).
std::vector<std::string> modprobe_folders();

/// '-' becomes '_', except inside [...]. Nothing when brackets do not match.
std::optional<std::string> with_underscores(std::string_view name);

/// A module's name from its file's: up to the first dot, '-' as '_'.
std::string module_name_of(std::string_view file_name);

/// Scans one file's text, as libkmod/libkmod-config.c reads it, into `config`.
void scan_modprobe_text(std::string_view text, const std::string& file, ModprobeConfig& config);

/// Scans the folders, and modules.softdep (and modules.weakdep) of `modules_dir` (on the machine).
ModprobeConfig scan_modprobe_config(const Root& root, const std::string& modules_dir);

/// A `softdep` line's value taken apart.
struct Softdep {
  std::vector<std::string> pre, post;
};
Softdep parse_softdep(std::string_view value);
/// "pre: a b post: c", as libkmod prints it.
std::string to_string(const Softdep& softdep);

/// The words of a text, cut at white space.
std::vector<std::string> split_words(std::string_view text);

/// Whether a shell pattern (fnmatch) or plain name fits.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace kovet
