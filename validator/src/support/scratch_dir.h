#pragma once

#include <filesystem>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// A fresh folder below the system's folder for temporary files, readable by its owner alone, and
/// removed with all it holds at the end of its life. Together with an InterruptScope nothing stays
/// after SIGINT or SIGTERM either.
class ScratchDir {
 public:
  /// Errors: the folder cannot be made.
  static Result<ScratchDir> make(std::string_view purpose);
  ScratchDir(ScratchDir&& other) noexcept;
  ScratchDir& operator=(ScratchDir&&) = delete;
  ~ScratchDir();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDir(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace kovet
