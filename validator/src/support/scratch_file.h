#pragma once

#include <filesystem>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// An empty file without a name: it takes its space in the folder for temporary files and is gone
/// when nobody holds it open any more, whatever ends this program.
class ScratchFile {
 public:
  /// Errors: the file cannot be made.
  static Result<ScratchFile> make(std::string_view purpose);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();

  /// Opens it, here and in programs of the same user, while this object lives.
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFile(int descriptor);
  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace kovet
