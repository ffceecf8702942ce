#include "kernel/builtin_modules.h"

#include <algorithm>
#include <array>

#include "support/bytes.h"

namespace kovet {

namespace {

/// MODULE_PARAM_PREFIX of parts of the kernel that do not use the name of their object: their
/// parameters lie elsewhere than modules.builtin.modinfo has them.
constexpr std::array<std::string_view, 16> other_prefixes{
    "8250_core", "block", "cxl",    "damon_lru_sort", "damon_reclaim", "kcsan",   "kernel",
    "kfence",    "kmsan", "mmcblk", "module",         "pcie_aspm",     "rcutree", "rcupdate",
    "syscall",   "xen"};

/// Of the kernel proper, with parameters that are visible.
constexpr std::array<std::string_view, 8> always_builtin{
    "kernel", "module", "printk", "random", "rcupdate", "rcutree", "spurious", "workqueue"};

}  // namespace

bool is_always_builtin(std::string_view name) {
  return std::find(always_builtin.begin(), always_builtin.end(), name) != always_builtin.end();
}

Result<BuiltinModules> read_builtin_modules(const std::filesystem::path& modinfo) {
  const auto content = Bytes::map(modinfo);
  if (!content) return content.error();
  BuiltinModules modules;
  for (const std::string_view name : other_prefixes)
    modules.by_name[std::string(name)].has_parameters = true;
  std::string_view rest = (*content)->text(), last_name;
  BuiltinModules::Traits* traits = nullptr;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const std::size_t dot = entry.find('.');
    if (dot == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, dot), key = entry.substr(dot + 1);
    if (!traits || name != last_name) traits = &modules.by_name[std::string(name)];
    last_name = name;
    if (key.starts_with("version=")) traits->has_version = true;
    if (key.starts_with("parm=") || key.starts_with("parmtype=")) traits->has_parameters = true;
  }
  return modules;
}

}  // namespace kovet
