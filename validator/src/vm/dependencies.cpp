#include "vm/dependencies.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "module/read_module.h"

namespace kovet::vm {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> depends_of(const Module& module) {
  std::vector<std::string> names;
  std::string_view rest = module.first("depends").value_or("");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    if (end > 0) names.push_back(kernel_name(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

/// The words after "pre:" of all softdep= entries.
std::vector<std::string> wished_before(const Module& module) {
  std::vector<std::string> names;
  for (const auto text : module.all("softdep")) {
    std::istringstream words{std::string(text)};
    bool before = false;
    for (std::string word; words >> word;) {
      if (word.ends_with(':'))
        before = word == "pre:";
      else if (before)
        names.push_back(word);
    }
  }
  return names;
}

using Names = std::map<std::string, std::string>;

/// Depth first over names; what is in the middle of being visited is a circle and is left alone.
class Closure {
 public:
  Closure(const Names& files, const Names& aliases, std::set<std::string> given)
      : files_(files), aliases_(aliases), seen_(std::move(given)) {}

  Result<void> visit_needs_of(const Module& module) {
    for (const auto& name : depends_of(module))
      if (auto visited = visit(name); !visited) return visited;
    for (const auto& wish : wished_before(module))
      if (const auto name = resolve(wish); files_.contains(name))
        if (auto visited = visit(name); !visited) return visited;
    return {};
  }
  Dependencies take() { return std::move(found_); }

 private:
  Result<void> visit(const std::string& name) {
    if (!seen_.insert(name).second) return {};
    const auto found = files_.find(name);
    if (found == files_.end()) {
      found_.missing.push_back(name);
      return {};
    }
    const auto module = read_module(fs::path(found->second));
    if (!module) return module.error();
    if (auto visited = visit_needs_of(*module); !visited) return visited;
    found_.files.push_back(found->second);
    return {};
  }

  std::string resolve(const std::string& wish) const {
    const auto name = kernel_name(wish);
    if (files_.contains(name)) return name;
    if (const auto alias = aliases_.find(name); alias != aliases_.end()) return alias->second;
    return name + "_generic";
  }

  const Names& files_;
  const Names& aliases_;
  std::set<std::string> seen_;
  Dependencies found_;
};

}  // namespace

std::string kernel_name(std::string_view name) {
  std::string result(name);
  std::ranges::replace(result, '-', '_');
  return result;
}

InTreeModules::InTreeModules(const fs::path& modules_dir) {
  std::error_code code;
  // As depmod has it: what is in updates/ goes before the kernel's own.
  for (const auto* part : {"updates", "kernel"}) {
    fs::recursive_directory_iterator walk(modules_dir / part, code);
    for (; !code && walk != fs::recursive_directory_iterator(); walk.increment(code)) {
      const std::string file = walk->path().filename();
      const auto ending = file.find(".ko");
      if (ending != std::string::npos)
        files_.emplace(kernel_name(file.substr(0, ending)), walk->path());
    }
  }
  std::ifstream index(modules_dir / "modules.alias");
  for (std::string word, alias, name; index >> word;) {
    if (word == "alias" && index >> alias >> name && alias.find('*') == std::string::npos)
      aliases_.emplace(kernel_name(alias), kernel_name(name));
    index.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
}

Result<Dependencies> InTreeModules::needed_by(std::span<const Module* const> modules) const {
  std::set<std::string> given;
  for (const Module* module : modules) given.insert(kernel_name(module->display_name()));
  Closure closure(files_, aliases_, std::move(given));
  for (const Module* module : modules)
    if (auto visited = closure.visit_needs_of(*module); !visited) return visited.error();
  return closure.take();
}

std::vector<std::size_t> load_order(std::span<const Module* const> modules) {
  std::map<std::string_view, std::size_t> owner;
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    by_name.emplace(kernel_name(modules[i]->display_name()), i);
    for (const auto& exported : modules[i]->exports) owner.emplace(exported.name, i);
  }
  std::vector<std::size_t> order;
  std::vector<bool> seen(modules.size());
  const auto visit = [&](const auto& self, std::size_t index) -> void {
    if (seen[index]) return;
    seen[index] = true;
    for (const auto& import : modules[index]->imports)
      if (const auto found = owner.find(import.name); found != owner.end())
        self(self, found->second);
    for (const auto& name : depends_of(*modules[index]))
      if (const auto found = by_name.find(name); found != by_name.end()) self(self, found->second);
    order.push_back(index);
  };
  for (std::size_t i = 0; i < modules.size(); ++i) visit(visit, i);
  return order;
}

}  // namespace kovet::vm
