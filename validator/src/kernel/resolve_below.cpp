#include <deque>

#include "kernel/kernel_places.h"

namespace kovet {

namespace fs = std::filesystem;

std::optional<fs::path> resolve_below(const fs::path& root, const fs::path& path) {
  std::error_code error;
  if (root == "/") {
    fs::path resolved = fs::canonical(path, error);
    if (error) return std::nullopt;
    return resolved;
  }
  constexpr int most_links = 40;  // as the kernel's own limit, MAXSYMLINKS
  int links = 0;
  std::deque<fs::path> rest;
  for (const fs::path& part : path.relative_path()) rest.push_back(part);
  fs::path inside;  // relative to root, no links
  while (!rest.empty()) {
    const fs::path part = rest.front();
    rest.pop_front();
    if (part == "." || part.empty()) continue;
    if (part == "..") {
      inside = inside.parent_path();
      continue;
    }
    const fs::path next = root / inside / part;
    const fs::file_status status = fs::symlink_status(next, error);
    if (error || !fs::exists(status)) return std::nullopt;
    if (!fs::is_symlink(status)) {
      inside /= part;
      continue;
    }
    if (++links > most_links) return std::nullopt;
    const fs::path target = fs::read_symlink(next, error);
    if (error) return std::nullopt;
    if (target.is_absolute()) inside.clear();
    std::size_t place = 0;
    for (const fs::path& step : target.relative_path())
      rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(place++), step);
  }
  return root / inside;
}

}  // namespace kovet
