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
               "Error inserting {word} ({path}): {reason}",
               "can't load module {word} ({path}): {reason}",
               "Failed to insert module '{name}': {reason}",
               "Failed to load module '{name}': {reason}", "Failed to insert '{name}': {reason}"},
     .meaning =
         "The kernel refused the module, or its init failed; all that comes back is an errno. The "
         "kernel's log has the reason, unless it is one of the silent ones. modprobe names the module "
         "that was asked for, also when one that it loads first failed.",
     .causes = {},
     .next = "dmesg | kovet explain -"},
    {.id = "insmod-load",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"could not load module {path}: {reason}", "can't read '{path}': {reason}",
               "Failed to get module from path {path}: {reason}"},
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
    {.id = "modinfo-not-found",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Module alias {name} not found.", "ERROR: Module name {name} not found.",
               "ERROR: Module file {name} not found.", "ERROR: Module {name} not found.",
               "Failed to look up module alias '{name}'", "Failed to lookup alias '{name}'"},
     .meaning = "There is no module, alias or file {name} for that kernel.",
     .causes = {"depmod did not run after the module was installed",
                "it was installed for another kernel than the one that runs (uname -r)",
                "a misspelt name"},
     .next = "kovet host {name}; find /lib/modules -name '{name}.ko*'"},
    {.id = "busybox-not-found",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"modprobe: module '{name}' not found", "modprobe: can't change directory to '{path}'",
               "modprobe: ERROR: ../libkmod/libkmod.c: kmod_lookup_alias_from_builtin_file()"},
     .meaning = "modprobe found no module of that name, or no folder for the running kernel; the "
                "kernel was not asked.",
     .causes = {"the folder in /lib/modules is that of another kernel (uname -r)",
                "depmod did not run", "a misspelt name"},
     .next = "uname -r; ls /lib/modules; depmod"},
    {.id = "remove-in-use",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Module {name} is in use by: {text}", "Module {name} is in use",
               "could not remove module {name}: {text}", "could not remove '{name}': {text}",
               "can't unload module '{name}'"},
     .meaning = "{name} was not removed: another module or an open device holds it, or its exit "
                "function is missing.",
     .causes = {"another module uses it: remove that one first",
                "a program, a mount or a network interface uses its device",
                "it has no exit function, or its init crashed: only a reboot removes it"},
     .next = "grep '^{name} ' /proc/modules; ls /sys/module/{name}/holders; fuser -v /dev/DEVICE"},
    {.id = "remove-not-loaded",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Module {name} is not currently loaded", "Module {name} is not in kernel."},
     .meaning = "{name} is not loaded, so it cannot be removed.",
     .causes = {"it was never loaded, or under another name (the name in the module counts, with _ "
                "for -)",
                "it is built in"},
     .next = "grep {name} /proc/modules; modinfo -F name {name}"},
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
               "Error running install command for {module}",
               "Could not run install command '{command}' for module {module}: {text}"},
     .meaning =
         "An 'install' line in modprobe.d ran a command instead of loading {module}, and the "
         "command failed. /bin/false there is a way of forbidding the module.",
     .causes =
         {"install {module} /bin/false or /bin/true in modprobe.d (hardening guides write it)"},
     .next = "kovet host {module}; modprobe -c | grep 'install {module}'"},
    {.id = "modprobe-remove-command",
     .gate = "",
     .stage = Stage::userspace,
     .texts = {"Error running remove command '{command}' for module {module}: retcode {number}",
               "Error running remove command for {module}"},
     .meaning = "A 'remove' line in modprobe.d ran a command instead of removing {module}, and the "
                "command failed.",
     .causes = {"remove {module} COMMAND in modprobe.d"},
     .next = "kovet host {module}; modprobe -c | grep 'remove {module}'; rmmod reads no such line"},
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
     .texts = {"could not open moddep file '{path}'", "could not open builtin file '{path}'",
               "FATAL: Could not load {path}: No such file"},
     .meaning = "The folder of modules has no index: depmod did not run for it.",
     .causes = {"depmod did not run for this kernel", "/lib/modules/$(uname -r) is missing"},
     .next = "ls /lib/modules; sudo depmod"},
};

}  // namespace

std::span<const Message> tool_messages() {
  return table;
}

}  // namespace kovet::explain
