#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "support/bytes.h"
#include "support/error.h"

namespace kovet {

/// A folder that is looked at as if it were "/": symbolic links, absolute ones too, are followed
/// inside it and never lead out of it.
class Root {
 public:
  /// Errors: not a folder.
  static Result<Root> open(const std::filesystem::path& folder);

  /// Whether it is this machine's own "/".
  bool is_running_machine() const { return folder_ == "/"; }
  const std::filesystem::path& folder() const { return folder_; }

  /// Where a path of that machine lies here, all links followed; nothing when it is not there.
  std::optional<std::filesystem::path> resolve(const std::filesystem::path& on_machine) const;
  /// Whether it is not seen only because a folder above it may not be searched.
  bool hides(const std::filesystem::path& on_machine) const;
  /// Why a folder that is there, or that may be there, cannot be listed; nothing: it can, or there
  /// is none.
  std::optional<std::string> why_not_listed(const std::filesystem::path& on_machine) const;
  /// The same for reading a file.
  std::optional<std::string> why_not_read(const std::filesystem::path& on_machine) const;
  /// The path on that machine of something below the folder; others stay as they are.
  std::string on_machine(const std::filesystem::path& here) const;
  /// Reads a small file of that machine. Errors: missing, unreadable, longer than `limit` bytes.
  Result<std::string> read(const std::filesystem::path& on_machine,
                           std::size_t limit = std::size_t{4} << 20) const;

 private:
  std::filesystem::path folder_;  // absolute, links resolved
};

/// A place in a file of the machine. Line 0: the whole file.
struct Location {
  std::string file;
  std::uint32_t line = 0;
  bool operator==(const Location&) const = default;
};

/// "FILE:LINE", or "FILE".
std::string to_string(const Location& location);

}  // namespace kovet
