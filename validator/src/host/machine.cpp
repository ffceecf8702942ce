#include "host/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/index_check.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

std::string running_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

Result<std::string> choose_release(const Root& root, const HostQuestion& question) {
  if (const auto why = root.why_not_listed("/lib/modules"))
    return Error{root.folder() / "lib/modules", fmt::format("cannot be listed: {}", *why),
                 "ask again as root, or let --root name a copy that can be read"};
  std::vector<std::string> there;
  std::error_code error;
  if (const auto all = root.resolve("/lib/modules"))
    for (const auto& item : fs::directory_iterator(*all, error)) {
      const auto name = item.path().filename();
      std::error_code ignored;
      const auto here = root.resolve(fs::path("/lib/modules") / name);
      if (here && fs::is_directory(*here, ignored)) there.push_back(name.string());
    }
  std::sort(there.begin(), there.end());
  const auto has = [&](const std::string& release) {
    return std::find(there.begin(), there.end(), release) != there.end();
  };
  std::string list = fmt::format("name one of these with --release: {}", fmt::join(there, ", "));
  if (there.empty()) {
    // What DESTDIR leaves is no whole root: there /lib is a link to /usr/lib.
    const auto merged = root.resolve("/usr/lib/modules");
    list = merged && fs::is_directory(*merged, error)
               ? fmt::format(
                     "modprobe looks in lib/modules, and only usr/lib/modules is there: ln -s "
                     "usr/lib {}/lib",
                     question.root)
               : "there is no kernel below lib/modules";
  }
  if (!question.release.empty()) {
    if (question.release.find('/') == std::string::npos && has(question.release))
      return question.release;
    return Error{question.root, fmt::format("no lib/modules/{} there", question.release), list};
  }
  if (root.is_running_machine() && has(running_release())) return running_release();
  if (there.size() == 1) return there.front();
  return Error{question.root,
               root.is_running_machine()
                   ? fmt::format("no modules of the running kernel {}", running_release())
                   : "which kernel is meant is not clear",
               list};
}

KernelCommandLine find_cmdline(const Root& root, const HostQuestion& question) {
  if (question.cmdline) return parse_kernel_cmdline(*question.cmdline, "--cmdline");
  const auto file = root.resolve("/proc/cmdline");
  return file ? read_kernel_cmdline(root, *file) : KernelCommandLine{};
}

/// "NAME PATH: PATH PATH", as kmod_dump_index() writes modules.dep.bin.
void read_index(Machine& machine) {
  const auto text = machine.kmod.dependency_index();
  for (const auto& line : split_at(text, '\n')) {
    const auto space = line.find(' ');
    const auto colon = line.find(':', space == std::string::npos ? 0 : space);
    if (space == std::string::npos || colon == std::string::npos) continue;
    const auto absolute = [&](const std::string& path) {
      return path.starts_with('/') ? path : machine.modules_dir + "/" + path;
    };
    IndexedModule entry{.path = absolute(line.substr(space + 1, colon - space - 1))};
    for (const auto& path : split_words(line.substr(colon + 1)))
      entry.dependencies.push_back(absolute(path));
    machine.kmod_reads_gzip = machine.kmod_reads_gzip || entry.path.ends_with(".gz");
    machine.index.emplace(line.substr(0, space), std::move(entry));
  }
  machine.has_index = !machine.index.empty();
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

/// libkmod prints "pre: apost: b" when a softdep line has both.
std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

Pairs expected(const ModprobeConfig& scanned, const KernelCommandLine& cmdline, ConfigKind kind) {
  Pairs pairs;
  const auto add = [&](const ConfigEntry& entry) {
    const bool softdep = kind == ConfigKind::softdep;
    pairs.emplace_back(entry.name, softdep ? without_spaces(to_string(parse_softdep(entry.value)))
                                           : trimmed(entry.value));
  };
  for (const auto& entry : scanned.entries)
    if (entry.kind == kind) add(entry);
  if (scanned.links_leave_root) {
    // The joined text holds modules.softdep in its place; libkmod reads it once more by itself.
    for (const auto& entry : scanned.entries)
      if (entry.kind == kind && entry.at.file.find("/modules.") != std::string::npos) add(entry);
  }
  for (const auto& entry : cmdline.entries)
    if (entry.kind == kind) add(entry);
  return pairs;
}

}  // namespace

std::vector<std::string> check_against_libkmod(const ModprobeConfig& scanned,
                                               const KernelCommandLine& running_cmdline,
                                               const LibkmodSession& kmod) {
  std::vector<std::string> result;
  for (const auto kind : {ConfigKind::alias, ConfigKind::blacklist, ConfigKind::options,
                          ConfigKind::install, ConfigKind::remove, ConfigKind::softdep}) {
    const auto wanted = expected(scanned, running_cmdline, kind);
    auto found = kmod.config(kind).value_or(Pairs{});
    for (auto& [name, value] : found)
      value = kind == ConfigKind::softdep ? without_spaces(value) : trimmed(value);
    if (wanted == found) continue;
    const auto [mine, theirs] =
        std::mismatch(wanted.begin(), wanted.end(), found.begin(), found.end());
    const auto show = [](const auto& at, const auto& end) {
      return at == end ? std::string("nothing more")
                       : fmt::format("'{} {}'", at->first, at->second);
    };
    result.push_back(fmt::format("{} lines: the scan has {} where libkmod has {}", to_string(kind),
                                 show(mine, wanted.end()), show(theirs, found.end())));
  }
  return result;
}

std::string Machine::path_of(const std::string& here) const {
  const std::string folder = modules_here.string() + "/";
  // /lib may be a link to /usr/lib: the index and the messages of modprobe say /lib.
  if (here.starts_with(folder)) return modules_dir + "/" + here.substr(folder.size());
  return root.on_machine(here);
}

Result<Machine> open_machine(const HostQuestion& question) {
  auto root = Root::open(question.root);
  if (!root) return root.error();
  const auto release = choose_release(*root, question);
  if (!release) return release.error();
  const std::string modules_dir = "/lib/modules/" + *release;
  const auto here = root->resolve(modules_dir);
  if (!here) return Error{modules_dir, "cannot be resolved inside the root folder", {}};
  if (const auto whole = check_indexes(*root, modules_dir); !whole) return whole.error();
  auto config = scan_modprobe_config(*root, modules_dir);
  const auto joined = std::make_shared<const MemoryFile>(config.joined);
  auto folders = config.folders;
  if (config.links_leave_root) folders = {joined->path()};
  auto kmod = LibkmodSession::open(here->string(), folders, joined);
  if (!kmod) return kmod.error();

  Machine machine{.root = *root,
                  .release = *release,
                  .modules_dir = modules_dir,
                  .modules_here = *here,
                  .running = root->is_running_machine() && *release == running_release(),
                  .config = std::move(config),
                  .depmod = read_depmod_config(*root, *release),
                  .cmdline = find_cmdline(*root, question),
                  .kmod = std::move(*kmod)};
  machine.config_index = ConfigIndex(machine.config.entries);
  machine.unreadable = machine.config.unreadable;
  machine.files = list_module_files(machine.root, modules_dir, machine.depmod, &machine.unreadable);
  for (const char* name :
       {"modules.dep.bin", "modules.alias.bin", "modules.builtin.bin", "modules.builtin.alias.bin"})
    if (const auto index = machine.root.resolve(modules_dir + "/" + name);
        index && ::eaccess(index->c_str(), R_OK) != 0)
      machine.unreadable.push_back(
          fmt::format("{}/{}: {}", modules_dir, name, std::strerror(errno)));
  read_index(machine);
  machine.alias_index = machine.kmod.alias_index();
  // libkmod always adds this machine's own command line, whatever root it was given.
  KernelCommandLine running;
  const auto own_root = Root::open("/");
  if (const auto text = own_root->read("/proc/cmdline", std::size_t{1} << 16); text)
    running = parse_kernel_cmdline(*text, "/proc/cmdline");
  machine.disagreements = check_against_libkmod(machine.config, running, machine.kmod);
  return machine;
}

}  // namespace kovet
