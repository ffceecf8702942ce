#include "support/scratch_dir.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace kovet {

namespace fs = std::filesystem;

Result<ScratchDir> ScratchDir::make(std::string_view purpose) {
  std::error_code code;
  const fs::path parent = fs::temp_directory_path(code);
  if (code) return Error{"TMPDIR", "is no folder", "set it to one that can be written"};
  std::string pattern = parent / fmt::format("kovet-{}-XXXXXX", purpose);
  if (!::mkdtemp(pattern.data()))
    return Error{parent.string(),
                 fmt::format("no temporary folder can be made: {}", std::strerror(errno)),
                 "set TMPDIR to a folder that can be written"};
  return ScratchDir(pattern);
}

ScratchDir::ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchDir::~ScratchDir() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace kovet
