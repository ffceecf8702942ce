#include "check/find_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace kovet {

namespace {

namespace fs = std::filesystem;

bool is_module_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> endings{".ko", ".ko.xz", ".ko.zst", ".ko.gz"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

Result<void> add_folder(const std::string& folder, std::vector<std::string>& files) {
  const std::size_t before = files.size();
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    // Links that lead nowhere and pipes too: that they cannot be read is to be said, not passed
    // over.
    std::error_code unreadable;
    if (is_module_name(entry->path().native()) && !entry->is_directory(unreadable))
      files.push_back(entry->path().native());
  }
  if (error) return Error{folder, fmt::format("cannot read the folder: {}", error.message()), {}};
  if (files.size() == before)
    return Error{folder, "there are no .ko files below this folder", "name a module or its folder"};
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_modules(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::error_code ignored;
    if (!fs::is_directory(argument, ignored)) {
      files.push_back(argument);
      continue;
    }
    if (const auto added = add_folder(argument, files); !added) return added.error();
  }
  return files;
}

}  // namespace kovet
