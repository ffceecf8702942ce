#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/kernel_cmdline.h"
#include "host/modprobe_config.h"
#include "host/module_files.h"
#include "host/parameter_fit.h"
#include "host/root.h"
#include "report/annotations.h"
#include "rules/finding.h"

// What `modprobe NAME` would do on a machine, and which line decides it. Paths are those of the
// machine; `--root` is where it was looked at.

namespace kovet {

/// What is asked.
struct HostQuestion {
  std::string subject;  ///< a module's name, an alias, or the path of a .ko here
  std::string root = "/";
  std::string release;                 ///< empty: the running one, else the only one there
  std::optional<std::string> cmdline;  ///< --cmdline; absent: ROOT/proc/cmdline
};

enum class HostAnswer : std::uint8_t {
  would_load,
  already_loaded,  ///< only for the running machine
  blocked,
  shadowed,  ///< another file, or the kernel's built-in one, takes its place
  built_in,
  not_found,
  command_decides  ///< an install command that only running would judge, or files that cannot be
                   ///< read
};
/// "would-load", "already-loaded", "blocked", "shadowed", "built-in", "not-found", "unknown".
std::string_view to_string(HostAnswer answer);

/// "note", "warning", "error".
constexpr std::string_view severity_word(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

/// Something worth saying about a machine's configuration.
struct HostFinding {
  std::string id;  ///< "install-ignored"
  Severity severity = Severity::note;
  std::string message;
  std::string hint;  ///< what to type or change; may be empty
  Location at;       ///< the line it is about; may be empty
};

/// One option that reaches a module.
struct HostOption {
  Argument argument;
  Location at;
  ParameterFit fit;
  bool overridden = false;  ///< a later one sets the same parameter
};

/// One thing modprobe does on the way.
struct HostStep {
  enum class Role : std::uint8_t { itself, dependency, softdep_before, softdep_after };
  std::string name;
  Role role = Role::dependency;
  std::string path;     ///< empty: none in the index
  bool exists = false;  ///< the file is there
  bool builtin = false;
  bool loaded = false;                ///< on the running machine, now
  bool kernel_blacklisted = false;    ///< module_blacklist=
  std::optional<Location> blacklist;  ///< a `blacklist` line: no hindrance here, but worth knowing
  std::string install;                ///< the command instead of loading; empty: none
  Location install_at;
  CommandEffect install_effect = CommandEffect::unknown;
  std::vector<HostOption> options;
  std::string option_text;  ///< as libkmod hands them to the kernel
  bool required() const { return role == Role::itself || role == Role::dependency; }
};
std::string_view to_string(HostStep::Role role);

/// A file of the module's name.
struct HostFile {
  std::string path;
  std::string reason;  ///< why it wins or loses
  Location decided_by;
  bool indexed = false;  ///< modprobe uses it today
  bool chosen = false;   ///< depmod would choose it
};

/// A dependency or soft dependency that is named but cannot be had.
struct HostGap {
  std::string name;
  std::string why;
  Location named_at;  ///< modules.dep, or the softdep line
  bool required = false;
};

/// A copy of the module, or a line about it, inside an initramfs.
struct InitramfsCopy {
  std::string path;
  std::string relation;  ///< "same", "another build", "unreadable"
  std::string note;
};
struct Initramfs {
  std::string path;
  std::string problem;  ///< why it could not be read; empty: it was
  std::vector<InitramfsCopy> copies;
  std::vector<ConfigEntry> lines;  ///< its modprobe.d, about this module
  std::vector<Location> loads;     ///< conf/modules, modules-load.d: loaded in the initramfs
};

/// A line that loads the module at boot.
struct BootLoad {
  Location at;
  std::string effect;
};

/// One module that the question stands for.
struct HostTarget {
  std::string name;
  HostAnswer answer = HostAnswer::not_found;
  std::string sentence;
  std::vector<Location> decided_by;

  bool repeated = false;  ///< the alias names this module once more, after a target before
  std::string via_alias;  ///< the alias it was reached by; empty: by its own name
  Location alias_at;
  std::string path;  ///< what the index says; empty: not in the index
  std::vector<HostFile> files;
  bool by_directory_order = false;
  bool builtin = false;
  std::string loaded_state;     ///< running machine: "live", ...
  bool loaded_differs = false;  ///< running machine: srcversion of the loaded one is another
  std::vector<HostStep> steps;  ///< in modprobe's order
  std::vector<HostGap> gaps;
  std::vector<ConfigEntry> lines;         ///< all of modprobe.d that fits its name
  std::vector<ConfigEntry> aliases;       ///< config aliases that lead to it
  std::vector<std::string> file_aliases;  ///< of the file itself
  std::vector<std::string> needed_by;     ///< modules whose dependencies pull it in
  std::string vermagic;                   ///< of the file; empty: not read
  std::vector<std::string> weakdeps;
  std::vector<BootLoad> boot;
  std::vector<Initramfs> initramfs;
};

/// Everything `kovet host` says.
struct HostReport {
  HostQuestion question;
  std::string root, release, modules_dir;
  bool running = false;        ///< root "/" and the release that runs
  std::string given_file;      ///< M.ko as typed; empty: a name was given
  std::string given_relation;  ///< "installed", "same content", "other content"
  HostAnswer answer = HostAnswer::not_found;
  std::string sentence;
  std::vector<HostTarget> targets;
  std::vector<HostFinding> findings;
  std::vector<std::string> assumptions;
  KernelCommandLine cmdline;
  std::vector<ConfigFile> config_files;
  bool agrees_with_libkmod = true;
  std::vector<std::string> disagreements;
};

/// Looks at the machine and answers. Errors: no such root folder, no lib/modules/RELEASE there, a
/// given file that cannot be read.
Result<HostReport> ask_host(const HostQuestion& question);

/// The report for people, and as JSON ("kovet.host/1").
std::string host_text(const HostReport& report, bool color, bool quiet);
std::string host_json(const HostReport& report);

/// A remark for each finding, at the file here that it is about.
Annotations host_annotations(const HostReport& report);

}  // namespace kovet
