#include "support/scratch_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace kovet {

namespace fs = std::filesystem;

Result<ScratchFile> ScratchFile::make(std::string_view purpose) {
  std::error_code code;
  const fs::path parent = fs::temp_directory_path(code);
  if (code) return Error{"TMPDIR", "is no folder", "set it to one that can be written"};
  int descriptor = ::open(parent.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {  // not every file system can
    std::string pattern = parent / fmt::format("kovet-{}-XXXXXX", purpose);
    descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(pattern.c_str());
  }
  if (descriptor < 0)
    return Error{parent.string(),
                 fmt::format("no temporary file can be made: {}", std::strerror(errno)),
                 "set TMPDIR to a folder that can be written"};
  return ScratchFile(descriptor);
}

ScratchFile::ScratchFile(int descriptor)
    : descriptor_(descriptor), path_(fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor)) {}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

ScratchFile::~ScratchFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace kovet
