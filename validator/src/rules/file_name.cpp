#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "rules/evaluate.h"

namespace kovet::rule {

std::vector<Finding> file_name(const RuleInput& input) {
  if (input.module.name.empty()) return {};
  std::string file = std::filesystem::path(input.module.path).filename().string();
  const std::size_t ending = file.find(".ko");
  if (ending == std::string::npos) return {};
  file.resize(ending);
  std::replace(file.begin(), file.end(), '-', '_');
  std::string name = input.module.name;
  std::replace(name.begin(), name.end(), '-', '_');
  if (file == name) return {};
  return {make_finding("file-name-mismatch",
                       fmt::format("the file is called {}, the module in it {}: modprobe looks for "
                                   "the file, rmmod and lsmod for the module",
                                   file, name),
                       fmt::format("call the file {}.ko", name))};
}

}  // namespace kovet::rule
