#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/machine.h"
#include "module/read_module.h"

// What loads a module at boot, without anybody typing modprobe.

namespace kovet {

namespace fs = std::filesystem;

namespace {

struct ListedModule {
  std::string name;
  Location at;
  bool more = false;  ///< other words follow in the line
};

/// The names of a modules-load.d file: one per line; '#' and ';' start comments.
void scan_module_list(std::string_view text, const std::string& file,
                      std::vector<ListedModule>& list) {
  std::uint32_t number = 0;
  for (const auto& line : split_at(text, '\n')) {
    ++number;
    const auto words = split_words(line);
    if (words.empty() || words[0].front() == '#' || words[0].front() == ';') continue;
    list.push_back({words[0], {file, number}, words.size() > 1});
  }
}

/// systemd-modules-load(8): the first folder's file of a name wins. `unread`: "PATH: why".
std::vector<ListedModule> modules_load(const Root& root, std::vector<fs::path>& read_files,
                                       std::vector<std::string>& unread) {
  std::map<std::string, std::string> chosen;
  for (const char* folder :
       {"/etc/modules-load.d", "/run/modules-load.d", "/usr/local/lib/modules-load.d",
        "/usr/lib/modules-load.d", "/lib/modules-load.d"}) {
    if (const auto why = root.why_not_listed(folder))
      unread.push_back(fmt::format("{}: {}", folder, *why));
    const auto here = root.resolve(folder);
    if (!here) continue;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(*here, error))
      if (const auto name = item.path().filename().string(); name.ends_with(".conf"))
        chosen.emplace(name, std::string(folder) + "/" + name);
  }
  std::vector<ListedModule> list;
  for (const auto& [name, path] : chosen) {
    const auto text = root.read(path);
    if (!text) {
      if (root.resolve(path)) unread.push_back(fmt::format("{}: {}", path, text.error().what));
      continue;
    }
    if (const auto here = root.resolve(path)) read_files.push_back(*here);
    scan_module_list(*text, path, list);
  }
  return list;
}

bool means(const ListedModule& listed, const HostTarget& target) {
  const auto name = with_underscores(listed.name).value_or(listed.name);
  if (name == target.name) return true;
  return std::any_of(target.aliases.begin(), target.aliases.end(),
                     [&](const ConfigEntry& alias) { return matches(alias.name, name); });
}

const ConfigEntry* blacklist_line(const HostTarget& target) {
  const auto line =
      std::find_if(target.lines.begin(), target.lines.end(),
                   [](const ConfigEntry& entry) { return entry.kind == ConfigKind::blacklist; });
  return line == target.lines.end() ? nullptr : &*line;
}

}  // namespace

void say_unread(const std::string& what, std::string_view unknown, HostReport& report) {
  const auto colon = what.rfind(": ");
  const std::string path = what.substr(0, colon);
  const bool told =
      std::any_of(report.findings.begin(), report.findings.end(), [&](const HostFinding& finding) {
        return finding.id == "unreadable" && finding.at.file == path;
      });
  if (told) return;
  report.findings.push_back(
      {"unreadable",
       Severity::warning,
       fmt::format("{} could not be read ({}): {}", path, what.substr(colon + 2), unknown),
       "ask again as root, or let --root name a copy that can be read",
       {path, 0}});
}

void describe_boot(const Machine& machine, HostTarget& target, HostReport& report) {
  const auto* blacklist = blacklist_line(target);
  const std::string effect =
      blacklist ? fmt::format("skipped: systemd-modules-load honours the blacklist line in {}",
                              to_string(blacklist->at))
                : "loaded by systemd-modules-load, as modprobe would";
  std::vector<fs::path> read_files;
  std::vector<std::string> unread;
  const auto lists = modules_load(machine.root, read_files, unread);
  for (const char* path : {"/etc/modules", "/etc/initramfs-tools/modules"})
    if (const auto why = machine.root.why_not_read(path))
      unread.push_back(fmt::format("{}: {}", path, *why));
  for (const auto& what : unread)
    say_unread(what, "whether it loads the module at boot is not known", report);
  for (const auto& listed : lists)
    if (means(listed, target)) {
      if (listed.more) {
        target.boot.push_back(
            {listed.at, "not loaded: systemd-modules-load takes the whole line for a name"});
        report.findings.push_back(
            {"boot-line-with-options", Severity::warning,
             fmt::format(
                 "{} has more than a module's name: systemd-modules-load looks for a module "
                 "called like the whole line, and finds none",
                 to_string(listed.at)),
             fmt::format(
                 "leave {} alone in its line; options go into /etc/modprobe.d: options {} ...",
                 listed.name, target.name),
             listed.at});
        continue;
      }
      target.boot.push_back({listed.at, effect});
      if (blacklist)
        report.findings.push_back(
            {"boot-load-blacklisted", Severity::warning,
             fmt::format("{} asks for {} at boot, but the blacklist line in {} makes "
                         "systemd-modules-load skip it",
                         to_string(listed.at), target.name, to_string(blacklist->at)),
             "remove one of the two lines", listed.at});
    }
  for (const auto& name : machine.cmdline.modules_load)
    if (means({name, {}, false}, target)) {
      BootLoad& load = target.boot.emplace_back();
      load.at = {machine.cmdline.origin, 0};
      load.effect = fmt::format("modules_load=: {}", effect);
    }
  const auto old_list = machine.root.resolve("/etc/modules");
  if (old_list && std::find(read_files.begin(), read_files.end(), *old_list) == read_files.end())
    if (const auto text = machine.root.read("/etc/modules"); text) {
      std::vector<ListedModule> list;
      scan_module_list(*text, "/etc/modules", list);
      for (const auto& listed : list)
        if (means(listed, target))
          target.boot.push_back({listed.at,
                                 "loaded by the kmod boot script of sysvinit; systemd "
                                 "does not read this file"});
    }
  if (const auto text = machine.root.read("/etc/initramfs-tools/modules"); text) {
    std::vector<ListedModule> list;
    scan_module_list(*text, "/etc/initramfs-tools/modules", list);
    for (const auto& listed : list)
      if (means(listed, target))
        target.boot.push_back({listed.at,
                               "put into the next initramfs that update-initramfs "
                               "makes, and loaded there"});
  }
  const auto here = target.path.empty() ? std::nullopt : machine.root.resolve(target.path);
  std::optional<Module> file;
  if (here)
    if (auto read = read_module(*here); read) file = std::move(*read);
  if (const auto why = machine.root.why_not_listed("/boot"))
    say_unread("/boot: " + *why, "whether an initramfs there has the module is not known", report);
  target.initramfs = read_initramfs_images(machine, target.name, file ? &*file : nullptr);
}

}  // namespace kovet
