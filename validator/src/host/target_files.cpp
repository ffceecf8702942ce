#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "host/machine.h"
#include "module/read_module.h"

// The files of a name, and whether depmod's indexes still tell the truth about them.

namespace kovet {

namespace {

void stale(HostReport& report, std::string message, const Machine& machine,
           const std::string& file) {
  std::string hint =
      machine.root.is_running_machine()
          ? fmt::format("depmod {}", machine.release)
          : fmt::format("depmod -b {} {}", machine.root.folder().string(), machine.release);
  report.findings.push_back({"stale-index",
                             Severity::warning,
                             std::move(message),
                             std::move(hint),
                             {machine.modules_dir + "/" + file, 0}});
}

/// depends= of the file against modules.dep: modules that are built in are in neither index.
void compare_dependencies(const Machine& machine, const Module& module, HostTarget& target,
                          HostReport& report) {
  const auto line = machine.index.find(target.name);
  for (const auto& name : split_at(module.first("depends").value_or(""), ',')) {
    const auto wanted = module_name_of(name);
    if (wanted.empty()) continue;
    const bool listed =
        line != machine.index.end() &&
        std::any_of(line->second.dependencies.begin(), line->second.dependencies.end(),
                    [&](const std::string& path) { return module_name_of(path) == wanted; });
    if (listed) continue;
    const auto found = machine.kmod.lookup(wanted);
    if (!found.empty() && found.front().builtin) continue;
    if (machine.files.contains(wanted))
      stale(report,
            fmt::format("{} says it depends on {}, but modules.dep does not load {} first",
                        target.path, wanted, wanted),
            machine, "modules.dep.bin");
    else
      target.gaps.push_back({wanted,
                             fmt::format("{} says it depends on it, and there is no such "
                                         "file and no built-in module",
                                         target.path),
                             {target.path, 0},
                             true});
  }
}

void compare_aliases(const Machine& machine, const Module& module, HostTarget& target,
                     HostReport& report) {
  std::set<std::string, std::less<>> indexed;
  for (const auto& line : split_at(machine.alias_index, '\n')) {
    const auto words = split_words(line);
    if (words.size() == 3 && words[0] == "alias" && words[2] == target.name)
      indexed.insert(words[1]);
  }
  std::vector<std::string> missing;
  for (const auto alias : module.all("alias")) {
    target.file_aliases.emplace_back(alias);
    const auto normalised = with_underscores(alias).value_or(std::string(alias));
    if (!indexed.contains(normalised)) missing.emplace_back(alias);
  }
  if (!missing.empty() && machine.has_index)
    stale(report,
          fmt::format("{} of the {} aliases of {} are not in modules.alias (for example {}): "
                      "devices that match them do not load it",
                      missing.size(), target.file_aliases.size(), target.path, missing.front()),
          machine, "modules.alias.bin");
}

void describe_module(const Machine& machine, const std::filesystem::path& here, HostTarget& target,
                     HostReport& report) {
  const auto module = read_module(here);
  if (!module && ::eaccess(here.c_str(), R_OK) != 0) {
    report.findings.push_back({"unreadable-module",
                               Severity::warning,
                               to_string(module.error()) +
                                   ": its parameters, dependencies and aliases were not looked at",
                               "ask again as root",
                               {target.path, 0}});
    return;
  }
  if (!module) {
    report.findings.push_back({"unreadable-module",
                               Severity::error,
                               to_string(module.error()),
                               "the kernel cannot read it either: build or install it again",
                               {target.path, 0}});
    return;
  }
  target.vermagic = std::string(module->first("vermagic").value_or(""));
  const auto built_for = target.vermagic.substr(0, target.vermagic.find(' '));
  if (!built_for.empty() && built_for != machine.release)
    report.findings.push_back(
        {"built-for-another-kernel",
         Severity::warning,
         fmt::format("{} was built for {}, and lies in the folder of {}", target.path, built_for,
                     machine.release),
         fmt::format("kovet check {} --kernel {}", target.path, machine.release),
         {target.path, 0}});
  if (!module->name.empty() && module->name != target.name)
    report.findings.push_back(
        {"renamed-file",
         Severity::warning,
         fmt::format("{} holds a module that calls itself {}: the kernel, module_blacklist= and "
                     "/proc/modules know that name, modprobe knows {}",
                     target.path, module->name, target.name),
         fmt::format("name the file {}.ko", module->name),
         {target.path, 0}});
  compare_dependencies(machine, *module, target, report);
  compare_aliases(machine, *module, target, report);
  if (target.loaded_state.empty()) return;
  const auto loaded = machine.root.read("/sys/module/" + target.name + "/srcversion", 256);
  const auto own = module->first("srcversion");
  target.loaded_differs = loaded && own && split_words(*loaded) != split_words(*own);
}

/// The files of the module's name, and which of them depmod would choose.
void describe_copies(const Machine& machine, const std::vector<ModuleFile>& files,
                     HostTarget& target, HostReport& report) {
  // That hangs on all of depmod's configuration.
  if (!machine.depmod.unreadable.empty() && files.size() > 1) {
    for (const auto& file : files)
      target.files.push_back({.path = file.path,
                              .reason =
                                  "its rank is not known: depmod's configuration could not be "
                                  "read",
                              .indexed = file.path == target.path});
    return;
  }
  const auto choice =
      choose_module_file(files, machine.modules_dir, machine.depmod, machine.kmod_reads_gzip);
  for (std::size_t i = 0; i < files.size(); ++i)
    target.files.push_back({files[i].path, choice.reasons[i], choice.decided_by[i],
                            files[i].path == target.path, choice.winner == i});
  target.by_directory_order = choice.by_directory_order;
  const std::string& winner = choice.winner ? files[*choice.winner].path : target.path;
  if (!target.path.empty() && winner != target.path)
    stale(report,
          fmt::format("modprobe takes {} today; after the next depmod it would be {}", target.path,
                      winner),
          machine, "modules.dep.bin");
  if (choice.by_directory_order)
    report.findings.push_back(
        {"undecided-copies",
         Severity::warning,
         fmt::format("several files of {} have the same rank in depmod's search order: which one "
                     "the index takes depends on the order of folder entries, and may change "
                     "with the file system",
                     target.name),
         "remove all but one, or add an override line in /etc/depmod.d",
         {}});
}

}  // namespace

void describe_files(const Machine& machine, HostTarget& target, HostReport& report) {
  if (const auto files = machine.files.find(target.name); files != machine.files.end())
    describe_copies(machine, files->second, target, report);
  const auto here = target.path.empty() ? std::nullopt : machine.root.resolve(target.path);
  if (!here) return;
  describe_module(machine, *here, target, report);
  struct stat file {
  }, index{};
  const auto index_file = machine.root.resolve(machine.modules_dir + "/modules.dep.bin");
  if (index_file && ::stat(here->c_str(), &file) == 0 && ::stat(index_file->c_str(), &index) == 0 &&
      file.st_ctime > index.st_ctime && file.st_mtime > index.st_mtime)
    report.findings.push_back(
        {"file-newer-than-index",
         Severity::note,
         fmt::format("{} was written after depmod last ran; what the index says of it was compared "
                     "with the file above",
                     target.path),
         {},
         {machine.modules_dir + "/modules.dep.bin", 0}});
}

}  // namespace kovet
