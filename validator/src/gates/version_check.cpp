#include "gates/version_check.h"

#include <fmt/format.h>

namespace kovet {

using Kind = VersionAnswer::Kind;

namespace {

boost::unordered_flat_map<std::string_view, std::uint64_t> index_of(
    const std::optional<VersionTable>& table) {
  boost::unordered_flat_map<std::string_view, std::uint64_t> index;
  if (!table) return index;
  index.reserve(table->entries.size());
  for (const SymbolVersion& entry : table->entries) index.try_emplace(entry.name, entry.crc);
  return index;
}

}  // namespace

VersionCheck::VersionCheck(const Module& module, const LoaderTraits& traits)
    : module_(module),
      traits_(traits),
      basic_(index_of(module.versions)),
      extended_(index_of(module.extended_versions)) {}

VersionAnswer VersionCheck::check(std::string_view symbol, std::optional<std::uint32_t> crc) const {
  if (!crc) return {};
  const std::string name = info_name(module_);
  const auto compare = [&](std::uint64_t found) -> VersionAnswer {
    if (found == *crc) return {};
    return {
        Kind::disagrees, fmt::format("{}: disagrees about version of symbol {}", name, symbol),
        fmt::format("the module was built for CRC 0x{:08x}, the kernel has 0x{:08x}", found, *crc)};
  };
  if (traits_.extended_versions != Tri::no && module_.extended_versions) {
    if (traits_.extended_versions == Tri::unknown && !module_.versions)
      return {Kind::unknown, {}, "whether the kernel reads extended version tables is not known"};
    if (traits_.extended_versions == Tri::yes) {
      if (const auto found = extended_.find(symbol); found != extended_.end())
        return compare(found->second);
      return {Kind::ok_with_warning,
              fmt::format("{}: no extended symbol version for {}", name, symbol),
              "the extended version table has no entry for it"};
    }
  }
  if (!module_.versions) {
    switch (traits_.force_load) {
      case Tri::yes:
        return {Kind::ok_with_warning,
                fmt::format("{}: {}: kernel tainted.", struct_name(module_), symbol),
                "there is no version table; this kernel loads it all the same, and taints"};
      case Tri::no:
        return {Kind::unversioned, {}, "there is no version table"};
      case Tri::unknown:
        return {Kind::unknown,
                {},
                "there is no version table, and whether the kernel was built "
                "with CONFIG_MODULE_FORCE_LOAD is not known"};
    }
  }
  if (const auto found = basic_.find(symbol); found != basic_.end()) return compare(found->second);
  const std::string line = fmt::format("{}: no symbol version for {}", name, symbol);
  switch (traits_.missing_version_rejects) {
    case Tri::yes:
      return {Kind::missing, line, "the version table has no entry for it"};
    case Tri::no:
      return {Kind::ok_with_warning, line, "the version table has no entry for it"};
    case Tri::unknown:
      break;
  }
  return {Kind::unknown, line,
          "the version table has no entry for it, and whether this kernel "
          "refuses that depends on its distribution's patches"};
}

}  // namespace kovet
