#include "support/bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kovet {

namespace {

// A mapping stops all threads of the process when it goes, so thousands of small files are read:
// of the modules that a distribution ships, nine in ten.
constexpr std::size_t largest_read = std::size_t{256} << 10;  // bytes

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::string hint_for(int error) {
  switch (error) {
    case ENOENT:
      return "check the name: ls shows what is in its folder";
    case EACCES:
      return "read access is needed, also to the folders it is in: ask its owner, or use sudo";
    case ELOOP:
      return "its links lead in a circle: name the file itself";
    case EIO:
      return "the disk cannot read it: dmesg says more";
    default:
      return {};
  }
}

Error system_error(const std::filesystem::path& file, std::string_view doing) {
  const int error = errno;
  return Error{file.string(), fmt::format("cannot {}: {}", doing, std::strerror(error)),
               hint_for(error)};
}

Error not_regular(const std::filesystem::path& file, mode_t mode) {
  return Error{file.string(), "not a regular file",
               S_ISDIR(mode) ? "name a file in this folder"
                             : "copy what it gives into a file first, and name that"};
}

/// Reads up to `size` bytes; less where the file ends before. Negative: errno says why.
ssize_t read_all(int fd, std::byte* content, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t count = ::read(fd, content + got, size - got);
    if (count == 0) break;
    if (count > 0)
      got += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      return count;
  }
  return static_cast<ssize_t>(got);
}

}  // namespace

Bytes::Bytes(std::vector<std::byte> owned) : owned_(std::move(owned)), view_(owned_) {}

Bytes::Bytes(const std::byte* mapped, std::size_t size) : view_(mapped, size), mapped_(true) {}

Bytes::Bytes(std::unique_ptr<const std::byte[]> read, std::size_t size)
    : read_(std::move(read)), view_(read_.get(), size) {}

Bytes::~Bytes() {
  if (mapped_) ::munmap(const_cast<std::byte*>(view_.data()), view_.size());
}

Result<std::shared_ptr<const Bytes>> Bytes::map(const std::filesystem::path& file) {
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (opened.fd < 0) return system_error(file, "open");
  struct stat status {};
  if (::fstat(opened.fd, &status) != 0) return system_error(file, "read");
  if (!S_ISREG(status.st_mode)) return not_regular(file, status.st_mode);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return own({});
  if (size <= largest_read) {
    auto content = std::make_unique_for_overwrite<std::byte[]>(size);
    const ssize_t got = read_all(opened.fd, content.get(), size);
    if (got < 0) return system_error(file, "read");
    return std::shared_ptr<const Bytes>(new Bytes(
        std::unique_ptr<const std::byte[]>(std::move(content)), static_cast<std::size_t>(got)));
  }
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened.fd, 0);
  if (address == MAP_FAILED) return system_error(file, "map");
  return std::shared_ptr<const Bytes>(new Bytes(static_cast<const std::byte*>(address), size));
}

std::shared_ptr<const Bytes> Bytes::own(std::vector<std::byte> bytes) {
  return std::make_shared<const Bytes>(std::move(bytes));
}

std::shared_ptr<const Bytes> Bytes::copy(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return own(std::vector<std::byte>(first, first + text.size()));
}

}  // namespace kovet
