#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/config_index.h"
#include "host/host.h"
#include "host/libkmod_session.h"

// What is read of a machine once, before any module is looked at.

namespace kovet {

/// One line of modules.dep.bin.
struct IndexedModule {
  std::string path;                       ///< on the machine
  std::vector<std::string> dependencies;  ///< paths on the machine
};

struct Machine {
  Root root;
  std::string release;
  std::string modules_dir;             ///< on the machine: /lib/modules/R
  std::filesystem::path modules_here;  ///< where that lies here, links followed
  bool running = false;                ///< this machine, the kernel that runs
  ModprobeConfig config;
  DepmodConfig depmod;
  KernelCommandLine cmdline;
  ModuleFiles files;
  bool has_index = false;  ///< modules.dep.bin is there and not empty
  std::map<std::string, IndexedModule, std::less<>> index;
  bool kmod_reads_gzip = false;
  std::string alias_index{};  ///< modules.alias.bin as text
  LibkmodSession kmod;
  /// "PATH: why": what modprobe would see as root, and this process does not.
  std::vector<std::string> unreadable{};
  std::vector<std::string> disagreements{};  ///< between the scan and libkmod
  ConfigIndex config_index{};                ///< of config.entries

  /// The path on the machine of what libkmod found here.
  std::string path_of(const std::string& here) const;
};

Result<Machine> open_machine(const HostQuestion& question);

/// Where the scan and libkmod read the same configuration differently; empty: they agree.
std::vector<std::string> check_against_libkmod(const ModprobeConfig& scanned,
                                               const KernelCommandLine& running_cmdline,
                                               const LibkmodSession& kmod);

/// Everything about one module that the question stands for, but the answer. `earlier`: how many
/// targets before are the same module, which is told in full for the first alone.
HostTarget describe_target(const Machine& machine, const std::string& asked,
                           const KmodModule& found, const KmodPlan& plan, std::size_t earlier,
                           HostReport& report);

/// Fills in the files of that name, and what is stale about the index.
void describe_files(const Machine& machine, HostTarget& target, HostReport& report);

/// Reports what could not be read ("PATH: why") and what is therefore `unknown`, once for each
/// path.
void say_unread(const std::string& what, std::string_view unknown, HostReport& report);

/// Fills in what loads the module at boot.
void describe_boot(const Machine& machine, HostTarget& target, HostReport& report);
/// One initramfs image of the release after the other. `file`: the module modprobe would load.
std::vector<Initramfs> read_initramfs_images(const Machine& machine, const std::string& module,
                                             const Module* file);
/// The same for one image that is in memory; `path` is for messages.
Initramfs read_initramfs(std::shared_ptr<const Bytes> image, const std::string& path,
                         const std::string& module, const Module* file);

/// Lines and files of modprobe.d without effect: bad ones, misnamed files, line ends of other
/// systems.
void report_configuration(const Machine& machine, HostReport& report);

/// Decides one target, and adds the findings about it. A pure function of what was read.
void answer_target(HostTarget& target, HostReport& report);

/// What is worth saying about a target besides its answer: lines without effect, options that do
/// not fit, old copies in an initramfs, names that the command line spells wrong.
void find_target_problems(const HostTarget& target, HostReport& report);

}  // namespace kovet
