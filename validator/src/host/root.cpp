#include "host/root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr int max_links = 40;  // as the kernel: MAXSYMLINKS

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

void prepend(std::deque<std::string>& rest, const fs::path& path) {
  std::deque<std::string> parts;
  for (const auto& part : path)
    if (part != "/" && !part.empty() && part != ".") parts.push_back(part.string());
  rest.insert(rest.begin(), parts.begin(), parts.end());
}

}  // namespace

Result<Root> Root::open(const fs::path& folder) {
  std::error_code error;
  const auto real = fs::canonical(folder, error);
  if (error) return Error{folder.string(), "no such root folder: " + error.message(), {}};
  if (!fs::is_directory(real, error)) return Error{folder.string(), "not a folder", {}};
  Root root;
  root.folder_ = real;
  return root;
}

std::optional<fs::path> Root::resolve(const fs::path& on_machine) const {
  std::deque<std::string> rest;
  prepend(rest, on_machine);
  fs::path at = folder_;
  int links = 0;
  while (!rest.empty()) {
    const std::string part = rest.front();
    rest.pop_front();
    if (part == "..") {
      if (at != folder_) at = at.parent_path();
      continue;
    }
    const fs::path next = at / part;
    std::error_code error;
    const auto status = fs::symlink_status(next, error);
    if (error || status.type() == fs::file_type::not_found) return std::nullopt;
    if (status.type() != fs::file_type::symlink) {
      at = next;
      continue;
    }
    if (++links > max_links) return std::nullopt;
    const fs::path target = fs::read_symlink(next, error);
    if (error) return std::nullopt;
    if (target.is_absolute()) at = folder_;
    prepend(rest, target);
  }
  return at;
}

bool Root::hides(const fs::path& on_machine) const {
  std::error_code error;
  return !fs::exists(fs::symlink_status(folder_ / on_machine.relative_path(), error)) &&
         error == std::errc::permission_denied;
}

std::optional<std::string> Root::why_not_listed(const fs::path& on_machine) const {
  if (hides(on_machine)) return std::strerror(EACCES);
  const auto here = resolve(on_machine);
  std::error_code error;
  if (!here || !fs::is_directory(*here, error)) return std::nullopt;
  const fs::directory_iterator items(*here, error);
  if (error) return error.message();
  if (::access(here->c_str(), X_OK) != 0) return std::strerror(errno);
  return std::nullopt;
}

std::optional<std::string> Root::why_not_read(const fs::path& on_machine) const {
  if (hides(on_machine)) return std::strerror(EACCES);
  if (!resolve(on_machine)) return std::nullopt;
  const auto text = read(on_machine);
  return text ? std::nullopt : std::optional(text.error().what);
}

std::string Root::on_machine(const fs::path& here) const {
  if (is_running_machine()) return here.string();
  const std::string text = here.string(), prefix = folder_.string();
  if (text == prefix) return "/";
  return text.starts_with(prefix + "/") ? text.substr(prefix.size()) : text;
}

Result<std::string> Root::read(const fs::path& on_machine, std::size_t limit) const {
  const auto here = resolve(on_machine);
  if (!here) return Error{on_machine.string(), "no such file", {}};
  const Descriptor file{::open(here->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.fd < 0) return Error{on_machine.string(), std::strerror(errno), {}};
  struct stat status {};
  if (::fstat(file.fd, &status) != 0 || S_ISDIR(status.st_mode))
    return Error{on_machine.string(), "not a file", {}};
  std::string text;  // read, not mapped: files of /proc have no size
  char buffer[16384];
  for (;;) {
    const ssize_t count = ::read(file.fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error{on_machine.string(), std::strerror(errno), {}};
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > limit)
      return Error{on_machine.string(), fmt::format("longer than {} bytes", limit), {}};
  }
}

std::string to_string(const Location& location) {
  return location.line ? fmt::format("{}:{}", location.file, location.line) : location.file;
}

}  // namespace kovet
