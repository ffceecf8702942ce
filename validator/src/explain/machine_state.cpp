#include "explain/machine_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>

namespace kovet::explain {

namespace {

constexpr std::string_view compare_builds =
    "compare uname -r, and modinfo -F vermagic and srcversion of the installed file";
constexpr std::uint8_t names_hardware = 2;  // KERNEL_PARAM_FL_HWPARAM

/// The module of the kernel's tree that exports a symbol; empty: the kernel itself, or not known.
std::string_view owner_of(std::string_view symbol, const Evidence& evidence) {
  const auto entry =
      evidence.kernel->symvers ? evidence.kernel->symvers->find(symbol) : std::nullopt;
  return entry && entry->module != "vmlinux" ? basename(entry->module) : std::string_view{};
}

/// The owners of all symbols of the line, each once; empty when one of them has none.
std::vector<std::string_view> owners_of(const Explanation& item, const Evidence& evidence) {
  std::vector<std::string_view> owners;
  for (const SymbolNote& symbol : item.symbols) {
    const std::string_view owner = owner_of(symbol.name, evidence);
    if (owner.empty()) return {};
    if (std::ranges::find(owners, owner) == owners.end()) owners.push_back(owner);
  }
  return owners;
}

bool all_have_error(const Explanation& item, int error) {
  return !item.symbols.empty() && std::ranges::all_of(item.symbols, [&](const SymbolNote& symbol) {
    return symbol.error == error;
  });
}

/// "exports duplicate symbol S (owned by OWNER)": whether OWNER is loaded, no file tells.
std::optional<Proof> duplicate_export(const Explanation& item, const Evidence& evidence) {
  const std::string_view owner = fact(item, "owner");
  if (owner == "kernel" || item.symbols.empty()) return std::nullopt;
  const Module& module = *evidence.module;
  for (const SymbolNote& symbol : item.symbols)
    if (std::ranges::find(module.exports, symbol.name, &Export::name) == module.exports.end())
      return Proof{
          Proof::Status::refuted,
          fmt::format("this file does not export {}: the line is about another build of it",
                      symbol.name),
          std::string(compare_builds), module.path};
  std::vector<std::string_view> names;
  for (const SymbolNote& symbol : item.symbols) names.push_back(symbol.name);
  return Proof{Proof::Status::proven,
               fmt::format("this file exports {}, and so does {}, which was loaded then",
                           fmt::join(names, ", "), owner),
               fmt::format("rename what both export, or unload {} first", owner), module.path};
}

/// "gave up waiting for init of module OWNER", and err -16 of its symbols.
std::optional<Proof> owner_initialising(const Explanation& item, const Evidence& evidence) {
  const Module& module = *evidence.module;
  const auto proven = [&](const std::string& owner, std::string_view it) {
    return Proof{
        Proof::Status::proven,
        fmt::format("this file uses symbols of {}, and {} init had not finished when the "
                    "line was printed",
                    owner, it),
        fmt::format("look for what holds the init of {} up; this file is not at fault", owner),
        module.path};
  };
  const std::string_view named = fact(item, "owner");
  if (named.empty()) {
    const auto owners = owners_of(item, evidence);
    if (owners.empty()) return std::nullopt;
    return proven(fmt::format("{}", fmt::join(owners, ", ")), owners.size() == 1 ? "its" : "their");
  }
  const auto is_owner = [&](std::string_view name) { return same_module(name, named); };
  const auto depends = depends_of(module);
  if (std::ranges::any_of(depends, is_owner) ||
      std::ranges::any_of(module.imports, [&](const Symbol& symbol) {
        return is_owner(owner_of(symbol.name, evidence));
      }))
    return proven(std::string(named), "its");
  return std::nullopt;
}

/// A symbol whose version or namespace fits this kernel's module: the one that was loaded may have
/// been another build.
std::optional<Proof> other_owner(const Explanation& item, const GateResult& result,
                                 const Evidence& evidence) {
  const auto owners = owners_of(item, evidence);
  if (owners.empty() || result.status == GateStatus::unknown) return std::nullopt;
  return Proof{
      Proof::Status::refuted,
      fmt::format("in this file they fit the {} of this kernel: another build of {} was loaded, "
                  "or the line is about another build of this file, or another kernel",
                  fmt::join(owners, ", "), owners.size() == 1 ? "it" : "one of them"),
      fmt::format("modinfo -n {0}; cat /sys/module/{0}/srcversion, and compare it with that of "
                  "the file",
                  owners.front()),
      evidence.kernel->symvers->path};
}

std::optional<Proof> percpu(const Module& module) {
  const Section* section = module.section(".data..percpu", true);
  if (!section || section->size == 0) return std::nullopt;
  return Proof{
      Proof::Status::unknown,
      fmt::format("this file asks for {} bytes; how many of the reserve's other modules had "
                  "taken, no file tells",
                  section->size),
      "allocate them with alloc_percpu() instead of DEFINE_PER_CPU()", module.path};
}

std::optional<Proof> name_taken(const Explanation& item, const GateResult& result) {
  if (result.status != GateStatus::pass) return std::nullopt;
  return Proof{
      Proof::Status::unknown,
      fmt::format("no driver of that name is built into this kernel; what is left is a folder "
                  "/sys/module/{} that an earlier, failed removal left behind, or another "
                  "kernel",
                  subject(item)),
      "reboot, and try again", ""};
}

/// "Lockdown: ... unsafe module parameters is restricted" names none.
std::optional<Proof> hardware_parameters(const Module& module) {
  std::vector<std::string_view> names;
  for (const ParameterEntry& entry : module.parameter_table)
    if (entry.flags & names_hardware) names.push_back(entry.name);
  if (names.empty() && module.parameter_table_read)
    return Proof{
        Proof::Status::refuted,
        "none of this file's parameters names hardware; the line names no module, so it is about "
        "another file",
        "the lines around it may tell which file was loaded", module.path};
  if (names.empty()) return Proof{};
  return Proof{
      Proof::Status::unknown,
      fmt::format("of this file's parameters these name hardware, and may have been set: {}",
                  fmt::join(names, ", ")),
      "leave them out where it is loaded", module.path};
}

}  // namespace

bool same_module(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

std::string_view basename(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> depends_of(const Module& module) {
  std::vector<std::string> names;
  std::string_view rest = module.first("depends").value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (end > 0) names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

std::optional<Proof> proof_from_machine_state(const Explanation& item, const GateResult& result,
                                              const Evidence& evidence) {
  const std::string_view id = item.message->id, gate = item.message->gate;
  if (id == "duplicate-export") return duplicate_export(item, evidence);
  if (id == "symbol-owner-initialising" || (id == "symbol-unknown" && all_have_error(item, EBUSY)))
    return owner_initialising(item, evidence);
  if (id == "symbol-version" || id == "symbol-version-absent" || id == "symbol-namespace" ||
      (id == "symbol-unknown" && all_have_error(item, EINVAL)))
    return other_owner(item, result, evidence);
  if (gate == "percpu" && item.stage == Stage::refused) return percpu(*evidence.module);
  if (id == "sysfs-exists") return name_taken(item, result);
  if (id == "lockdown-parameters") return hardware_parameters(*evidence.module);
  // Rights, policies, revocation lists, what is loaded, what memory is left, what was given to the
  // module: nothing of it is in a file.
  if ((gate == "syscall" && item.stage == Stage::refused) || gate == "already-loaded" ||
      gate == "allocation" || gate == "parameters" || id == "signature-hash-revoked")
    return Proof{};
  return std::nullopt;
}

}  // namespace kovet::explain
