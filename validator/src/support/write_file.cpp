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

Error failure(const std::filesystem::path& file, int error) {
  return Error{file.string(), fmt::format("cannot write: {}", std::strerror(error)),
               "what was there before is untouched"};
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

}  // namespace

Result<void> write_file(const std::filesystem::path& file, std::string_view content) {
  struct stat status {};
  const bool exists = ::stat(file.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return failure(file, EISDIR);
  std::error_code nameless;
  const auto target = exists ? std::filesystem::canonical(file, nameless) : file;
  // /dev/stdout may lead to a file that was deleted: it can be written to, but not be replaced, and
  // least of all may the link be.
  if (exists && (!S_ISREG(status.st_mode) || nameless)) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return failure(file, errno);
    const int error = write_all(fd, content);
    ::close(fd);
    if (error) return failure_on_the_way(file, error);
    return {};
  }
  std::string temporary = target.string() + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return failure(file, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, exists ? status.st_mode & 07777 : 0666 & ~mask);
  int error = write_all(fd, content);
  if (!error && ::fsync(fd) != 0) error = errno;
  if (::close(fd) != 0 && !error) error = errno;
  if (!error && ::rename(temporary.c_str(), target.c_str()) != 0)
    error = errno;
  if (!error) return {};
  ::unlink(temporary.c_str());
  return failure(file, error);
}

}  // namespace kovet
