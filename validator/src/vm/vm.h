#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.h"

// Loads modules in a virtual machine and hears what the kernel itself says.

namespace kovet::vm {

enum class Accelerator : std::uint8_t {
  automatic,  ///< KVM when a probe shows that it works, else software
  kvm,
  software,  ///< QEMU's TCG
};
/// "auto", "kvm", "tcg".
std::string_view to_string(Accelerator accelerator);

/// One module to load.
struct LoadJob {
  std::string file;        ///< the .ko; decompressed before the guest gets it, unless compressed
  std::string parameters;  ///< as insmod passes them: "a=1 b=2"
  unsigned flags = 0;      ///< of finit_module(): MODULE_INIT_*; COMPRESSED_FILE leaves the file be
};

/// What to boot and what to load. The modules of a group stay loaded until its last one was tried
/// and are unloaded then, newest first; groups do not see each other.
struct VmRequest {
  std::string image;        ///< vmlinuz
  std::string modules_dir;  ///< lib/modules/R of that kernel; empty: no in-tree modules are loaded
  std::vector<std::vector<LoadJob>> groups;
  std::string append;  ///< added to the kernel's command line
  Accelerator accelerator = Accelerator::automatic;
  std::chrono::seconds boot_timeout{120};   ///< until the guest is up
  std::chrono::seconds module_timeout{30};  ///< for one module to load
  unsigned memory = 0;                      ///< MiB; 0: what the modules need
  bool keep_log = false;                    ///< BootRecord::log
};

enum class LoadState : std::uint8_t {
  loaded,
  refused,      ///< by the loader: its init was never called
  init_failed,  ///< its init returned the errno
  died,         ///< the kernel died, or killed the loading process, on the way
  hung,         ///< no answer within the time
};
/// "loaded", "refused", "init_failed", "died", "hung".
std::string_view to_string(LoadState state);

enum class UnloadState : std::uint8_t {
  none,  ///< there was nothing to unload
  clean,
  failed,  ///< the errno says why; EBUSY: no exit function, or somebody uses it
  died,    ///< the kernel died, or killed the unloading process
  hung,    ///< no answer within the time
};
/// "none", "clean", "failed", "died", "hung".
std::string_view to_string(UnloadState state);

/// The kernel's answer to one module.
struct LoadOutcome {
  std::string file;  ///< as in the job
  std::string name;  ///< in /proc/modules; empty when it did not load
  LoadState state = LoadState::refused;
  int error = 0;                 ///< refused, init_failed: errno, positive
  std::vector<std::string> log;  ///< what the kernel printed meanwhile, without level and time
  /// Lines that are missing in log and unload_log: too many of them, or the kernel's buffer was
  /// overwritten.
  std::uint64_t lines_left_out = 0;
  bool init_called = false;  ///< the loader was content and called the module's init
  std::string taints;        ///< the letters in /proc/modules
  bool warned = false;       ///< a kernel warning (taint W) came with it
  bool oopsed = false;       ///< an oops (taint D) came with it
  bool permanent = false;    ///< it has an init and no exit: nobody can unload it
  UnloadState unload = UnloadState::none;
  int unload_error = 0;  ///< failed: errno, positive
  std::vector<std::string> unload_log;
  std::uint64_t taint_before = 0;  ///< /proc/sys/kernel/tainted: messages that come once are gone
  std::uint64_t taint_after = 0;
  std::vector<std::string> dependencies;  ///< in-tree modules loaded first, in order
  /// Names in depends= that were not found, and files that the kernel did not take, with errno.
  std::vector<std::string> missing_dependencies;
  unsigned boot = 0;      ///< index into VmReport::boots
  unsigned position = 0;  ///< how many modules were tried before it in that boot
};

/// One run of the guest.
struct BootRecord {
  std::string release;  ///< uname -r of the guest
  Accelerator accelerator = Accelerator::software;
  std::chrono::milliseconds elapsed{0};
  std::string end;               ///< empty: all was done; else what cut it short
  std::vector<std::string> log;  ///< everything the kernel printed; only with keep_log
};

struct VmReport {
  std::vector<LoadOutcome> outcomes;  ///< one per job, in the order of the request
  std::vector<BootRecord> boots;
  bool kvm_given_up = false;  ///< automatic: no kernel came up under KVM, so software it was
};

/// Boots as often as needed and tries every module. A guest that hangs or dies costs one module;
/// the rest goes on in a new boot. Nothing is left behind, also after SIGINT and SIGTERM.
/// Errors: QEMU is missing (the hint names the package), the image or a module cannot be read or
/// is for another machine than this one, the guest does not come up (with its last words).
Result<VmReport> run_in_vm(const VmRequest& request);

}  // namespace kovet::vm
