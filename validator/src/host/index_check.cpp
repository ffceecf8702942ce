#include "host/index_check.h"

#include <fmt/format.h>

#include <array>
#include <unordered_set>
#include <vector>

// The format: kmod's tools/depmod.c. Big-endian numbers: magic, version, the root's offset; nodes
// of a trie, each written after its children.

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t magic = 0xB007F457, version = 2;
constexpr std::uint32_t has_prefix = 0x80000000, has_values = 0x40000000, has_children = 0x20000000,
                        offset_mask = 0x0FFFFFFF;
constexpr std::size_t max_index = std::size_t{256} << 20;

class Reader {
 public:
  Reader(std::string_view file, std::size_t at) : file_(file), at_(at) {}
  bool number(std::uint32_t& value) {
    if (file_.size() - at_ < 4) return false;
    value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(file_[at_++]);
    return true;
  }
  bool byte(unsigned& value) {
    if (at_ >= file_.size()) return false;
    value = static_cast<unsigned char>(file_[at_++]);
    return true;
  }
  bool string() {
    const auto end = file_.find('\0', at_);
    if (end == std::string_view::npos) return false;
    at_ = end + 1;
    return true;
  }

 private:
  std::string_view file_;
  std::size_t at_;
};

/// Reads one node; false when it leaves the file. Adds its children.
bool read_node(std::string_view file, std::uint32_t offset, std::vector<std::uint32_t>& children) {
  Reader in(file, offset & offset_mask);
  if ((offset & has_prefix) && !in.string()) return false;
  if (offset & has_children) {
    unsigned first = 0, last = 0;
    if (!in.byte(first) || !in.byte(last) || first > last || last > 127) return false;
    for (unsigned i = first; i <= last; ++i) {
      std::uint32_t child = 0;
      if (!in.number(child)) return false;
      if (child != 0) children.push_back(child);
    }
  }
  if (offset & has_values) {
    std::uint32_t count = 0, priority = 0;
    if (!in.number(count)) return false;
    for (; count > 0; --count)
      if (!in.number(priority) || !in.string()) return false;
  }
  return true;
}

}  // namespace

std::string index_damage(std::string_view file) {
  Reader head(file, 0);
  std::uint32_t found = 0, format = 0, root = 0;
  if (!head.number(found) || found != magic || !head.number(format) || format >> 16 != version)
    return {};  // libkmod does not open it
  if (!head.number(root)) return "cut after its head";
  std::vector<std::uint32_t> open{root};
  std::unordered_set<std::uint32_t> seen;
  while (!open.empty()) {
    const auto node = open.back();
    open.pop_back();
    const auto at = node & offset_mask;
    if (at < 12 || at > file.size()) return "an offset leads out of the file";
    if (!seen.insert(at).second) return "a node has two parents";
    std::vector<std::uint32_t> children;
    if (!read_node(file, node, children)) return "a node leads out of the file";
    for (const auto child : children) {
      // Children come first in the file: no circles.
      if ((child & offset_mask) >= at) return "a node comes before its child";
      open.push_back(child);
    }
  }
  return {};
}

Result<void> check_indexes(const Root& root, const std::string& modules_dir) {
  const std::string run = root.is_running_machine()
                              ? "depmod " + modules_dir.substr(modules_dir.rfind('/') + 1)
                              : fmt::format("depmod -b {} {}", root.folder().string(),
                                            modules_dir.substr(modules_dir.rfind('/') + 1));
  const auto folder = root.resolve(modules_dir);
  if (!folder) return {};
  constexpr std::array names{
      "modules.dep.bin",           "modules.alias.bin",   "modules.symbols.bin",
      "modules.builtin.alias.bin", "modules.builtin.bin", "modules.softdep",
      "modules.weakdep",           "modules.dep",         "modules.alias",
      "modules.symbols",           "modules.builtin",     "modules.builtin.modinfo"};
  for (const std::string name : names) {
    const auto path = modules_dir + "/" + name;
    const auto opened = *folder / name;
    std::error_code error;
    if (!fs::exists(fs::symlink_status(opened, error))) continue;
    const auto here = root.resolve(path);
    if (!here) {
      if (fs::exists(opened, error))
        return Error{path, "is a link that leads out of the root folder", run};
      continue;
    }
    if (!fs::equivalent(*here, opened, error))
      return Error{path, "is a link that leads elsewhere on this machine", run};
    if (!fs::is_regular_file(*here, error)) return Error{path, "is not a file", run};
    if (fs::file_size(*here, error) > max_index)
      return Error{path, fmt::format("is longer than {} bytes", max_index), run};
    if (!name.ends_with(".bin")) continue;
    const auto text = root.read(path, max_index);
    if (!text) continue;  // libkmod cannot read it either
    if (const auto damage = index_damage(*text); !damage.empty())
      return Error{path, fmt::format("is damaged ({}): modprobe may crash on it", damage), run};
  }
  return {};
}

}  // namespace kovet
