#include "kernel/shipped_module.h"

#include <algorithm>
#include <vector>

#include "module/read_module.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr int deepest = 12;  // folders below kernel/; Linux has about six
constexpr std::size_t most_candidates = 3;

bool is_module_file(const std::string& name) {
  for (const char* const ending : {".ko", ".ko.xz", ".ko.zst", ".ko.gz"})
    if (name.ends_with(ending)) return true;
  return false;
}

/// Goes down, in the order of names, to the first folder that holds modules; takes its smallest.
void find_candidates(const fs::path& folder, int depth, std::vector<fs::path>& found) {
  std::vector<std::pair<std::uintmax_t, fs::path>> modules;
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored))
      folders.push_back(at->path());
    else if (is_module_file(at->path().filename()) && at->is_regular_file(ignored))
      modules.emplace_back(at->file_size(ignored), at->path());
  }
  std::sort(modules.begin(), modules.end());
  for (const auto& [size, path] : modules) {
    if (found.size() >= most_candidates) return;
    found.push_back(path);
  }
  std::sort(folders.begin(), folders.end());
  for (const fs::path& next : folders) {
    if (!found.empty() || depth >= deepest) return;
    find_candidates(next, depth + 1, found);
  }
}

}  // namespace

std::optional<ShippedModule> read_shipped_module(const fs::path& modules_dir,
                                                 const std::string& release) {
  std::vector<fs::path> candidates;
  find_candidates(modules_dir / "kernel", 0, candidates);
  for (const fs::path& candidate : candidates) {
    const auto module = read_module(candidate);
    if (!module) continue;
    const auto vermagic = module->first("vermagic");
    const auto in_tree = module->first("intree");
    if (!vermagic || !in_tree || *in_tree != "Y") continue;
    if (vermagic->substr(0, vermagic->find(' ')) != release) continue;
    ShippedModule facts;
    facts.path = candidate;
    facts.vermagic = *vermagic;
    if (module->this_module) facts.struct_module_size = module->this_module->size;
    facts.arch = module->arch;
    facts.big_endian = module->big_endian;
    return facts;
  }
  return std::nullopt;
}

}  // namespace kovet
