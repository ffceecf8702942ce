#include "explain/message.h"

// kmod's tools/{insmod,modprobe,depmod}.c and libkmod; module-init-tools; busybox modutils;
// systemd's modules-load. {reason} becomes an errno.

namespace kovet::explain {

namespace {

constexpr Message table[] = {
    {.id = "modprobe-already-loaded",
     .gate = "already-loaded",
     .stage = Stage::userspace,
     .texts = {"could not insert '{name}': Module already in kernel"},
     .meaning = "modprobe --first-time: the module is loaded already.",
     .causes = {"it was loaded at boot, or by another module"},
     .next = "grep '^{name} ' /proc/modules"},
    {.id = "modprobe-insert",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"could not insert '{name}': {reason}",
               "FATAL: Error inserting {word} ({path}): {reason}",
               "can't load module {word} ({path}): {reason}",
               "Failed to insert module '{name}': {reason}",
               "Failed to load module '{name}': {reason}"},
     .meaning =
         "The kernel refused the module, or its init failed; all that comes back is an errno. The "
         "kernel's log has the reason, unless it is one of the silent ones.",
     .causes = {},
     .next = "dmesg | kovet explain -"},
    {.id = "insmod-load",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"could not load module {path}: {reason}", "can't read '{path}': {reason}"},
     .meaning = "The file could not be opened; the kernel was not asked.",
     .causes = {"insmod wants a path to a file, not a module's name", "a wrong working directory"},
     .next = "ls -l {path}; modprobe NAME for an installed module"},
    {.id = "insmod-insert",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"could not insert module {path}: {reason}",
               "error inserting '{path}': {number} {reason}", "can't insert '{path}': {reason}"},
     .meaning =
         "The kernel refused the module, or its init failed; all that comes back is an errno. The "
         "kernel's log has the reason, unless it is one of the silent ones.",
     .causes = {},
     .next = "dmesg | kovet explain -"},
    {.id = "modprobe-not-found",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"FATAL: Module {name} not found in directory {path}",
               "FATAL: Module {name} not found.", "Failed to find module '{name}'",
               "modprobe: module {name} not found in {path}",
               "could not find module by name='{name}'"},
     .meaning = "modprobe knows no module and no alias {name}; the kernel was not asked.",
     .causes = {"depmod did not run after the module was installed",
                "it was installed for another kernel than the one that runs (uname -r)",
                "the running kernel was updated: its folder in /lib/modules is gone, reboot",
                "a misspelt name"},
     .next = "kovet host {name}; find /lib/modules -name '{name}.ko*'; sudo depmod"},
    {.id = "modprobe-builtin",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Module {name} is builtin."},
     .meaning = "{name} is part of the kernel itself; there is nothing to load or unload.",
     .causes = {"the kernel was configured that way"},
     .next = "kovet host {name}"},
    {.id = "modprobe-install-command",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Error running install command '{command}' for module {module}: retcode {number}",
               "Error running install command for {module}"},
     .meaning =
         "An 'install' line in modprobe.d ran a command instead of loading {module}, and the "
         "command failed. /bin/false there is a way of forbidding the module.",
     .causes =
         {"install {module} /bin/false or /bin/true in modprobe.d (hardening guides write it)"},
     .next = "kovet host {module}; modprobe -c | grep 'install {module}'"},
    {.id = "systemd-blacklisted",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Module '{name}' is deny-listed", "Module '{name}' is blacklisted"},
     .meaning =
         "A 'blacklist' line in modprobe.d keeps systemd and udev from loading it; modprobe by "
         "name loads it all the same.",
     .causes = {"blacklist {name} in modprobe.d or modprobe.blacklist= on the command line"},
     .next = "kovet host {name}"},
    {.id = "modprobe-config",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"{path} line {number}: ignoring bad line starting with '{text}'"},
     .meaning = "A line of modprobe's configuration is not understood, and has no effect.",
     .causes = {"a misspelt word", "a file meant for another tool"},
     .next = "sed -n {number}p {path}; man modprobe.d"},
    {.id = "modprobe-index",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"could not open moddep file '{path}'", "could not open builtin file '{path}'"},
     .meaning = "The folder of modules has no index: depmod did not run for it.",
     .causes = {"depmod did not run for this kernel", "/lib/modules/$(uname -r) is missing"},
     .next = "ls /lib/modules; sudo depmod"},
};

}  // namespace

std::span<const Message> tool_messages() {
  return table;
}

}  // namespace kovet::explain
