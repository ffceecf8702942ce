#include "support/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace kovet {

namespace {

/// What to do about the system's reason.
std::string hint_for(const std::filesystem::path& file, int error) {
  const auto parent = file.has_parent_path() ? file.parent_path().string() : std::string(".");
  switch (error) {
    case ENOENT:
      return fmt::format("make its folder: mkdir -p '{}'", parent);
    case EISDIR:
      return "name a file in this folder";
    case ENOTDIR:
      return fmt::format("'{}' is no folder: name another", parent);
    case ENOSPC:
    case EDQUOT:
      return fmt::format("make room (df -h '{}')", parent);
    case EROFS:
      return fmt::format("'{}' can only be read: name a file elsewhere", parent);
    case EACCES:
    case EPERM:
      return fmt::format("write access to '{}' is needed: name a file elsewhere", parent);
    case ENAMETOOLONG:
      return "name a shorter path";
    default:
      return {};
  }
}

Error failure(const std::filesystem::path& file, int error) {
  auto hint = hint_for(file, error);
  if (std::error_code ignored; std::filesystem::is_regular_file(file, ignored))
    hint += fmt::format("{}what was there before is untouched", hint.empty() ? "" : "; ");
  return Error{file.string(), fmt::format("cannot write: {}", std::strerror(error)), hint};
}

/// Of what takes bytes one by one: a terminal, a pipe, a device.
Error failure_on_the_way(const std::filesystem::path& file, int error) {
  return Error{file.string(), fmt::format("cannot write: {}", std::strerror(error)),
               "it is no regular file, and may hold a part of the report: name another"};
}

/// Returns 0, or the errno of the failed write.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

/// An open descriptor, and the temporary that is to be renamed over the target when all is written.
struct Output {
  int fd = -1;
  std::filesystem::path target;
  std::string temporary;  ///< empty: what is there is written to as it is
};

Result<Output> open_output(const std::filesystem::path& file) {
  struct stat status {};
  const bool exists = ::stat(file.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return failure(file, EISDIR);
  std::error_code nameless;
  Output output;
  output.target = exists ? std::filesystem::canonical(file, nameless) : file;
  // /dev/stdout may lead to a file that was deleted: it can be written to, but not be replaced, and
  // least of all may the link be.
  if (exists && (!S_ISREG(status.st_mode) || nameless)) {
    output.fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (output.fd < 0) return failure(file, errno);
    return output;
  }
  output.temporary = output.target.string() + ".XXXXXX";
  output.fd = ::mkostemp(output.temporary.data(), O_CLOEXEC);
  if (output.fd < 0) return failure(file, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(output.fd, exists ? status.st_mode & 07777 : 0666 & ~mask);
  return output;
}

}  // namespace

Result<void> write_file(const std::filesystem::path& file, std::string_view content) {
  const auto output = open_output(file);
  if (!output) return output.error();
  int error = write_all(output->fd, content);
  if (output->temporary.empty()) {
    ::close(output->fd);
    if (error) return failure_on_the_way(file, error);
    return {};
  }
  if (!error && ::fsync(output->fd) != 0) error = errno;
  if (::close(output->fd) != 0 && !error) error = errno;
  if (!error && ::rename(output->temporary.c_str(), output->target.c_str()) != 0) error = errno;
  if (!error) return {};
  ::unlink(output->temporary.c_str());
  return failure(file, error);
}

Result<void> may_write(const std::filesystem::path& file) {
  // Opening a pipe would wait for who reads it, or end what they read.
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    return {};
  const auto output = open_output(file);
  if (!output) return output.error();
  ::close(output->fd);
  if (!output->temporary.empty()) ::unlink(output->temporary.c_str());
  return {};
}

}  // namespace kovet
