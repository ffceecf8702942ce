#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "host/machine.h"
#include "module/read_module.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

bool is_file_path(const std::string& subject) {
  return subject.find('/') != std::string::npos || subject.ends_with(".ko") ||
         subject.ends_with(".ko.gz") || subject.ends_with(".ko.xz") || subject.ends_with(".ko.zst");
}

void add_assumptions(const Machine& machine, const HostQuestion& question, HostReport& report) {
  auto& list = report.assumptions;
  if (report.cmdline.origin.empty())
    list.push_back(
        "the kernel command line is not known: no module_blacklist=, no modprobe.blacklist=, no "
        "NAME.parameter= assumed (--cmdline gives it)");
  if (report.cmdline.not_taken)
    list.push_back(
        "/proc is mounted in the root folder: the command line there is that of the kernel that "
        "runs "
        "here, and was not taken");
  if (!machine.running && !question.cmdline && machine.root.is_running_machine())
    list.push_back("the command line is that of the running kernel, not of " + machine.release);
  if (const auto grub = machine.root.read("/etc/default/grub"); grub && !machine.running) {
    std::uint32_t number = 0;
    for (const auto& line : split_at(*grub, '\n')) {
      ++number;
      if (line.starts_with("GRUB_CMDLINE_LINUX") && line.find("blacklist") != std::string::npos)
        list.push_back(
            fmt::format("/etc/default/grub:{} was not trusted: {}; what boots is in "
                        "grub.cfg",
                        number, line));
    }
  }
  if (!machine.running)
    list.push_back("no module is loaded yet, and none is taken from this machine's own kernel");
  list.push_back("whether the kernel accepts the file is another question: kovet check answers it");
  const auto has_files = [&](std::string_view folder) {
    return std::any_of(machine.config.files.begin(), machine.config.files.end(),
                       [&](const ConfigFile& file) { return file.path.starts_with(folder); });
  };
  // Where /usr is merged both are one folder, and only the first of them is listed.
  const auto usr = machine.root.resolve("/usr/lib/modprobe.d");
  if (usr && usr != machine.root.resolve("/lib/modprobe.d") && has_files("/usr/lib/modprobe.d/"))
    list.push_back(
        "/usr/lib/modprobe.d is another folder than /lib/modprobe.d here: modprobe reads it since "
        "kmod 31; one that is older does not");
#ifndef KOVET_LIBKMOD_WEAKDEP
  if (std::any_of(machine.config.entries.begin(), machine.config.entries.end(),
                  [](const ConfigEntry& entry) { return entry.kind == ConfigKind::weakdep; }))
    list.push_back("weakdep lines load nothing; kmod before version 33 calls them bad lines");
#endif
}

/// Not one file or alias of that name: where else could it be?
void explain_absence(const Machine& machine, const std::string& asked, HostReport& report) {
  const auto name = module_name_of(asked);
  HostTarget target{.name = name};
  std::string sentence = fmt::format(
      "not found: no module, alias or install line '{}' for kernel {}", asked, machine.release);
  std::string hint;
  if (const auto files = machine.files.find(name); files != machine.files.end()) {
    const auto choice =
        choose_module_file(files->second, machine.modules_dir, machine.depmod, true);
    for (std::size_t i = 0; i < files->second.size(); ++i)
      target.files.push_back({files->second[i].path, choice.reasons[i], choice.decided_by[i], false,
                              choice.winner == i});
    sentence =
        fmt::format("not found: {} is there, but {}", files->second.front().path,
                    machine.has_index ? "not in modules.dep" : "there is no modules.dep.bin");
    hint = machine.root.is_running_machine()
               ? "depmod " + machine.release
               : fmt::format("depmod -b {} {}", machine.root.folder().string(), machine.release);
    const bool packed = std::all_of(files->second.begin(), files->second.end(),
                                    [](const ModuleFile& file) { return file.gzip; });
    if (packed && machine.has_index && !machine.kmod_reads_gzip)
      hint +=
          "; if depmod passes over it again, it was built without zlib (kmod --version): gunzip "
          "the file before";
  } else if (const auto all = machine.root.resolve("/lib/modules"); all) {
    std::vector<std::string> elsewhere;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(*all, error)) {
      const auto release = item.path().filename().string();
      if (release != machine.release &&
          list_module_files(machine.root, "/lib/modules/" + release, {}).contains(name))
        elsewhere.push_back(release);
    }
    std::sort(elsewhere.begin(), elsewhere.end());
    if (!elsewhere.empty()) {
      sentence += fmt::format("; it is there for {}", fmt::join(elsewhere, ", "));
      hint = fmt::format("build and install it for {}", machine.release);
    }
  }
  if (!machine.has_index && hint.empty())
    hint = fmt::format("there is no {}/modules.dep.bin: depmod has not run", machine.modules_dir);
  target.sentence = sentence;
  report.findings.push_back({"not-found", Severity::error, sentence, hint, {}});
  describe_boot(machine, target, report);
  for (auto& load : target.boot) load.effect += "; there is no such module";
  report.targets.push_back(std::move(target));
}

/// Of what could not be read nothing is known: no answer rests on it, neither a good nor a bad one.
void leave_open(const Machine& machine, HostReport& report) {
  if (machine.unreadable.empty()) return;
  const std::string& first = machine.unreadable.front();
  const std::string what =
      machine.unreadable.size() == 1
          ? first
          : fmt::format("{} and {} more", first, machine.unreadable.size() - 1);
  for (auto& target : report.targets) {
    const bool by_absence =
        target.answer == HostAnswer::would_load || target.answer == HostAnswer::not_found ||
        target.answer == HostAnswer::shadowed ||
        (target.answer == HostAnswer::blocked &&
         std::any_of(target.decided_by.begin(), target.decided_by.end(), [](const Location& at) {
           return at.file.find("/modules.") != std::string::npos;
         }));
    if (!by_absence) continue;
    target.answer = HostAnswer::command_decides;
    target.sentence =
        fmt::format("unknown, because something could not be read ({}); from the rest: {}", what,
                    target.sentence);
  }
  std::erase_if(report.findings, [](const HostFinding& finding) {
    return finding.id == "not-found" || finding.id == "stale-index";
  });
  constexpr std::size_t most_named = 10;
  for (std::size_t i = 0; i < std::min(machine.unreadable.size(), most_named); ++i) {
    const std::string path = machine.unreadable[i].substr(0, machine.unreadable[i].rfind(": "));
    const bool config = path.find("/modprobe.d") != std::string::npos;
    report.findings.push_back({config ? "unreadable-config" : "unreadable",
                               Severity::warning,
                               fmt::format("{} could not be read ({}): what modprobe would find "
                                           "there is not known",
                                           path, machine.unreadable[i].substr(path.size() + 2)),
                               "ask again as root, or let --root name a copy that can be read",
                               {path, 0}});
  }
}

/// A given .ko against the file that modprobe takes.
void compare_given(const Machine& machine, const Module& given, HostReport& report) {
  if (report.targets.empty()) return;
  auto& target = report.targets.front();
  std::error_code error;
  const auto winner = target.path.empty() ? std::nullopt : machine.root.resolve(target.path);
  if (winner && fs::equivalent(*winner, report.given_file, error)) {
    report.given_relation = "installed";
    return;
  }
  const auto module = winner ? read_module(*winner) : Result<Module>(Error{});
  if (module && module->bytes->text() == given.bytes->text()) {
    report.given_relation = "same content";
    return;
  }
  report.given_relation = winner ? "other content" : "not installed";
  if (target.answer != HostAnswer::would_load && target.answer != HostAnswer::command_decides)
    return;
  target.answer = HostAnswer::shadowed;
  target.sentence = fmt::format("shadowed by {}: modprobe {} takes that file, not {}", target.path,
                                target.name, report.given_file);
  target.decided_by = {{machine.modules_dir + "/modules.dep.bin", 0}};
  for (const auto& file : target.files)
    if (file.indexed && !file.decided_by.file.empty()) target.decided_by = {file.decided_by};
}

/// What to do about an answer that is not "would load".
std::string way_out(const HostTarget& target, const HostReport& report) {
  const std::string depmod = report.root == "/"
                                 ? fmt::format("depmod {}", report.release)
                                 : fmt::format("depmod -b {} {}", report.root, report.release);
  const std::string at = target.decided_by.empty() ? std::string() : target.decided_by.front().file;
  if (target.answer == HostAnswer::shadowed)
    return fmt::format(
        "remove the other copy, or install yours where it ranks above (updates/), "
        "then {}",
        depmod);
  if (at.ends_with("/modules.dep.bin") || target.answer == HostAnswer::not_found)
    return fmt::format("put the file back (reinstall its package), then {}", depmod);
  if (at == report.cmdline.origin) return "take it out of the kernel command line, and reboot";
  if (at.find("modprobe.d") != std::string::npos || at.ends_with("modprobe.conf"))
    return "change or remove that line; modprobe -c prints all lines in force";
  return {};
}

void conclude(HostReport& report) {
  const auto loads = std::find_if(
      report.targets.begin(), report.targets.end(),
      [](const HostTarget& target) { return target.answer == HostAnswer::would_load; });
  const auto& main = loads == report.targets.end() ? report.targets.front() : *loads;
  report.answer = main.answer;
  report.sentence = main.sentence;
  // A module that the alias names again is worth a word only where that loads it after all.
  const auto adds_nothing = [](const HostTarget& target) {
    return target.repeated && target.answer != HostAnswer::would_load;
  };
  const auto distinct = std::count_if(report.targets.begin(), report.targets.end(),
                                      [](const HostTarget& target) { return !target.repeated; });
  if (distinct > 1) {
    std::vector<std::string> parts;
    for (const auto& target : report.targets)
      if (!adds_nothing(target))
        parts.push_back(fmt::format("{}: {}", target.name, target.sentence));
    report.sentence = fmt::format("an alias of {} modules: {}", distinct, fmt::join(parts, "; "));
  }
  const bool absent =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const HostFinding& finding) { return finding.id == "not-found"; });
  for (const auto& target : report.targets)
    if (adds_nothing(target))
      continue;
    else if (target.answer == HostAnswer::blocked || target.answer == HostAnswer::shadowed ||
             (target.answer == HostAnswer::not_found && !absent))
      report.findings.push_back(
          {std::string(to_string(target.answer)), Severity::error, target.sentence,
           way_out(target, report),
           target.decided_by.empty() ? Location{} : target.decided_by.front()});
  for (const auto& line : report.disagreements)
    report.findings.push_back({"scan-disagrees",
                               Severity::warning,
                               "the scan of the configuration and libkmod disagree: " + line,
                               "trust the steps, which are libkmod's; please report this",
                               {}});
  std::stable_sort(
      report.findings.begin(), report.findings.end(),
      [](const HostFinding& a, const HostFinding& b) { return a.severity > b.severity; });
}

}  // namespace

Result<HostReport> ask_host(const HostQuestion& question) {
  std::optional<Module> given;
  std::string asked = question.subject;
  if (asked.empty()) return Error{{}, "no module named", "kovet host NAME, or kovet host FILE.ko"};
  HostReport report{.question = question};
  if (is_file_path(question.subject)) {
    auto module = read_module(question.subject);
    if (!module) return module.error();
    given = std::move(*module);
    report.given_file = question.subject;
    asked = module_name_of(question.subject);
  }
  auto machine = open_machine(question);
  if (!machine) return machine.error();
  report.root = machine->root.folder().string();
  report.release = machine->release;
  report.modules_dir = machine->modules_dir;
  report.running = machine->running;
  report.cmdline = machine->cmdline;
  report.config_files = machine->config.files;
  report.disagreements = machine->disagreements;
  const auto found = machine->kmod.lookup(asked);
  const auto plans = machine->kmod.plans(asked);
  if (!plans) return plans.error();
  std::map<std::string, std::size_t> times;
  for (std::size_t i = 0; i < found.size() && i < plans->size(); ++i) {
    auto target =
        describe_target(*machine, asked, found[i], (*plans)[i], times[found[i].name]++, report);
    answer_target(target, report);
    report.targets.push_back(std::move(target));
  }
  if (report.targets.empty()) explain_absence(*machine, asked, report);
  if (given) compare_given(*machine, *given, report);
  leave_open(*machine, report);
  for (const auto& what : machine->depmod.unreadable)
    say_unread(what, "which copy of a module depmod would choose is not known", report);
  report.agrees_with_libkmod = report.disagreements.empty();
  report_configuration(*machine, report);
  for (const auto& file : machine->config.files)
    if (!file.problem.empty() && !machine->root.resolve(file.path))
      report.findings.push_back({"unreadable-config",
                                 Severity::warning,
                                 fmt::format("{} could not be read: {}", file.path, file.problem),
                                 {},
                                 {file.path, 0}});
  add_assumptions(*machine, question, report);
  conclude(report);
  return report;
}

}  // namespace kovet
