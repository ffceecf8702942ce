#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kovet::testing {

/// A fresh folder, removed with all it holds at the end of its life.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file below the folder, with its parent folders; returns its path.
  std::filesystem::path write(const std::filesystem::path& relative, std::string_view content);

 private:
  std::filesystem::path path_;
};

/// The whole content of a file; throws when it cannot be read.
std::string read_text(const std::filesystem::path& file);

}  // namespace kovet::testing
