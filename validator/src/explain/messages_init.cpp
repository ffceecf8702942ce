#include <cerrno>

#include "explain/message.h"

// kernel/params.c; kernel/module/main.c: unknown_module_param_cb(), do_init_module();
// kernel/module/sysfs.c, fs/sysfs, lib/kobject.c, drivers/base, init/main.c

namespace kovet::explain {

namespace {

constexpr std::string_view init_source =
    "read {module}'s own lines just before this one; its init is in the source: look for what "
    "returns "
    "this errno";

constexpr Message table[] = {
    {.id = "parameter-unknown",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"{module}: unknown parameter '{parameter}' ignored"},
     .meaning = "The module has no parameter of that name; the loader goes on without it.",
     .causes = {"a misspelt name", "the parameter was renamed or removed in this version",
                "an options line in modprobe.d for another version"},
     .next = "modinfo -p {module}; modprobe -c | grep 'options {module}'"},
    {.id = "parameter-unknown-old",
     .gate = "parameters",
     .stage = Stage::refused,
     .error = ENOENT,
     .texts = {"{module}: Unknown parameter `{parameter}'",
               "{module}: falsely claims to have parameter {parameter}"},
     .meaning =
         "The module has no parameter of that name; kernels before 3.11 refuse it then, newer "
         "ones only when a parameter's own setter returns ENOENT.",
     .causes = {"a misspelt name", "the parameter was renamed or removed"},
     .next = "modinfo -p {module}; modprobe -c | grep 'options {module}'"},
    {.id = "parameter-too-large",
     .gate = "parameters",
     .stage = Stage::refused,
     .error = ENOSPC,
     .texts = {"{module}: `{text}' too large for parameter `{parameter}'",
               "{parameter}: string parameter too long",
               "{parameter}: string doesn't fit in {number} chars."},
     .meaning = "The value for {parameter} is longer than the module has room for.",
     .causes = {"a too long string in an options line or on the command line"},
     .next = "modinfo -p M.ko; modprobe -c | grep '^options'"},
    {.id = "parameter-too-many",
     .gate = "parameters",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{parameter}: can only take {number} arguments"},
     .meaning = "The array parameter {parameter} has room for {number} values and got more.",
     .causes = {"too many elements in an options line or on the command line",
                "an options line for another version of the module"},
     .next = "modinfo -p M.ko; modprobe -c | grep '^options'"},
    {.id = "parameter-too-few",
     .gate = "parameters",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{parameter}: needs at least {number} arguments"},
     .meaning = "The array parameter {parameter} got too few values.",
     .causes = {"an options line for another version of the module"},
     .next = "modinfo -p M.ko; modprobe -c | grep '^options'"},
    {.id = "parameter-invalid",
     .gate = "parameters",
     .stage = Stage::refused,
     .texts = {"{module}: `{text}' invalid for parameter `{parameter}'"},
     .meaning =
         "The module refuses the value '{text}' for its parameter {parameter}. The setter's own "
         "errno is returned: EINVAL mostly, ERANGE for a number that is too large; the line has it "
         "not.",
     .causes = {"a value of another type (text for a number, a number out of range)",
                "a missing value: only bool parameters may stand alone",
                "the module's own setter does not like it"},
     .next = "modinfo -p {module}; modprobe -c | grep 'options {module}'"},
    {.id = "parameters-after-dashes",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"{module}: parameters '{text}' after `--' ignored"},
     .meaning = "What stands after '--' is not for the module.",
     .causes = {"a '--' in the options"},
     .next = "remove the '--'"},
    {.id = "parameter-irqs",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"{module}: option '{parameter}' enabled irq's!"},
     .meaning = "The setter of {parameter} switched interrupts on, which it must not.",
     .causes = {"a mistake in the module's setter"},
     .next = "read the setter of {parameter} in the source"},
    {.id = "parameter-dyndbg",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"dyndbg: query parse failed", "dyndbg: flags parse failed",
               "dyndbg: tokenize failed"},
     .meaning =
         "The words behind dyndbg= are no query; no debug message is switched on. That never "
         "keeps a module from loading.",
     .causes = {"a query without flags (dyndbg=+p is the shortest)"},
     .next = "modprobe -c | grep dyndbg; cat /proc/cmdline"},
    {.id = "parameters-obsolete",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"{module}: Ignoring obsolete parameters"},
     .meaning = "The module declares parameters in a way that has been dead since 2.6 (__obsparm).",
     .causes = {"very old source"},
     .next = "use module_param()"},
    {.id = "sysfs-exists",
     .gate = "sysfs",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: module is already loaded",
               "sysfs: cannot create duplicate filename '/module/{module}'"},
     .meaning = "/sys/module/{module} exists already, though no module of that name is loaded.",
     .causes = {"the kernel has a driver of that name built in",
                "an earlier failed unload left it behind: reboot"},
     .next = "grep -w {module} /lib/modules/$(uname -r)/modules.builtin; ls /sys/module/{module}; "
             "rename yours"},
    {.id = "sysfs-parameter-twice",
     .gate = "sysfs",
     .stage = Stage::refused,
     .error = EEXIST,
     .texts = {"sysfs: cannot create duplicate filename '/module/{module}/parameters/{parameter}'"},
     .meaning = "{module} has two parameters called {parameter}, and there is one file for both.",
     .causes = {"two source files of the module say module_param({parameter}, ...): each compiles, "
                "and they link"},
     .next = "rename one of them, or use module_param_named(); kovet check finds it before"},
    {.id = "sysfs-section-twice",
     .gate = "sysfs",
     .stage = Stage::undecided,
     .error = EEXIST,
     .texts = {"sysfs: cannot create duplicate filename '/module/{module}/sections/{name}'"},
     .meaning = "{module} has two sections called {name}, and there is one file for both. Kernels "
                "such as 6.1 load it all the same; such as 6.12.115 refuse it with EEXIST.",
     .causes = {"linked without the kernel's scripts/module.lds, which merges sections of one name",
                "a tool that rewrote the file (objcopy, ld -r with options of its own)"},
     .next = "readelf -SW {module}.ko; build it again with Kbuild; kovet check finds it before"},
    {.id = "sysfs-not-ready",
     .gate = "sysfs",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: module sysfs not initialized"},
     .meaning = "A module was loaded before the kernel was ready for it.",
     .causes = {"a very early request at boot"},
     .next = "load it later"},
    {.id = "sysfs-duplicate",
     .gate = "init",
     .stage = Stage::running,
     .texts = {"sysfs: cannot create duplicate filename '{path}'",
               "proc_dir_entry '{path}' already registered",
               "debugfs: Directory '{path}' with parent '{parent}' already present!"},
     .meaning =
         "A driver wanted to create {path}, and it exists. An init function that gives up for it "
         "returns EEXIST or ENOMEM; the trace after the line names the module.",
     .causes = {"two drivers use the same name",
                "the module was unloaded without removing what it had registered"},
     .next = "find who owns {path}; rmmod the other driver; reboot if it is a leftover"},
    {.id = "kobject-exists",
     .gate = "init",
     .stage = Stage::running,
     .texts =
         {"kobject_add_internal failed for {name} with -EEXIST, don't try to register things with "
          "the same name in the same directory",
          "kobject: kobject_add_internal failed for {name} with -EEXIST"},
     .meaning =
         "A driver registered {name} a second time and got EEXIST; an init function that gives "
         "up for it passes that on.",
     .causes = {"two drivers use the same name",
                "the module was unloaded without removing what it had registered"},
     .next = "ls -d /sys/*/{name} /sys/*/*/{name}; rmmod the other driver"},
    {.id = "driver-registered",
     .gate = "init",
     .stage = Stage::running,
     .texts = {"Error: Driver '{driver}' is already registered, aborting..."},
     .meaning =
         "A driver of that name is registered on that bus. Whoever registered the second one got "
         "EBUSY, and a module's init mostly passes that on.",
     .causes = {"an in-tree version of the driver is loaded or built in",
                "the same module is loaded under another file name"},
     .next = "ls -l /sys/bus/*/drivers/{driver}/module; rmmod or blacklist that one"},
    {.id = "init-returned",
     .gate = "init",
     .stage = Stage::init_failed,
     .texts = {"initcall {symbol}+{offset} [{module}] returned {error} after {number} usecs"},
     .meaning = "{module}'s init function {symbol}() ran and returned this error.",
     .causes = {"what it returns is up to the module"},
     .next = init_source},
    {.id = "init-failed",
     .gate = "init",
     .stage = Stage::init_failed,
     .texts = {"{module}: init failed with {error}", "{module}: init failed with error {error}",
               "{module}: init failed: {error}", "{module}: initialization failed with {error}",
               "init failed with {error}"},
     .meaning =
         "A module says itself that its init failed; the kernel prints nothing of the kind. The "
         "errno goes back to insmod as it is.",
     .causes = {"no fitting hardware (ENODEV, ENXIO)", "a resource is taken (EBUSY, EEXIST)",
                "a value in the module's parameters that it does not like (EINVAL)"},
     .next = init_source},
    {.id = "init-positive",
     .gate = "init",
     .stage = Stage::loaded,
     .texts = {"'{module}'->init suspiciously returned {error}, it should follow 0/-E convention"},
     .meaning =
         "The init function returned a positive number. The module is loaded all the same: only "
         "negative values are failures.",
     .causes = {"return ENODEV; instead of return -ENODEV;",
                "init returns a count or an id instead of 0"},
     .next = "return 0 or a negative errno from the init function"},
    {.id = "init-positive-anyway",
     .gate = "init",
     .stage = Stage::loaded,
     .texts = {"{function}: loading module anyway...", "loading module anyway..."},
     .meaning =
         "A module's init function returned a positive number, and the module is loaded all the "
         "same. Which module and what number, the line before this one says; it is not in this "
         "log.",
     .causes = {"return ENODEV; instead of return -ENODEV;",
                "init returns a count or an id instead of 0"},
     .next = "dmesg | grep -B1 'loading module anyway'"},
    {.id = "probe-failed",
     .gate = "",
     .stage = Stage::running,
     .texts = {"{driver} {device}: probe with driver {module} failed with error {error}",
               "{module}: probe of {device} failed with error {error}"},
     .meaning = "The driver {module} runs, of a module or built in, and could not drive the device "
                "{device}. That is after loading: by itself it unloads nothing, and insmod reports "
                "success "
                "unless the module's init gives up too.",
     .causes = {"a resource of the device is missing or taken by another driver",
                "firmware, a clock or a regulator is not there",
                "the hardware is another revision"},
     .next = "read {module}'s lines before this one"},
    {.id = "firmware-missing",
     .gate = "",
     .stage = Stage::running,
     .texts = {"Direct firmware load for {file} failed with error {error}"},
     .meaning =
         "A driver asked for the firmware {file}. Whether it can do without is its own affair.",
     .causes = {"the firmware package is not installed", "the initramfs lacks it"},
     .next = "ls /lib/firmware/{file}*; install the package, run update-initramfs -u or dracut -f"},
    {.id = "sysfs-builtin",
     .gate = "sysfs",
     .stage = Stage::context,
     .texts = {"Adding module '{name}' to sysfs failed ({error}), the system may be unstable."},
     .meaning = "/sys/module/{name} could not be made for a driver that is built in.",
     .causes = {"two built-in drivers of that name"},
     .next = "ls /sys/module/{name}"},
    {.id = "init-imbalance",
     .gate = "init",
     .stage = Stage::running,
     .texts = {"initcall {symbol}+{offset} [{module}] returned with {text}"},
     .meaning =
         "{module}'s init function {symbol}() returned with {text}: a lock was not released, or "
         "interrupts not switched on again. The kernel put it right and went on; flag W.",
     .causes = {"spin_lock() or preempt_disable() without its counterpart on some path",
                "local_irq_disable() or spin_lock_irq() without its counterpart"},
     .next = init_source},
    {.id = "return-thunk",
     .gate = "",
     .stage = Stage::running,
     .texts = {"Unpatched return thunk in use. This should not happen!"},
     .meaning =
         "Code ran whose returns were not rewritten for this processor's mitigations; the trace "
         "after it names where. Flag W.",
     .causes =
         {"a module with objects that Kbuild did not build (a prebuilt .o, assembly), or built "
          "without objtool",
          "built with the headers of another configuration"},
     .next = "read the trace; rebuild all objects of that module with Kbuild"},
    {.id = "leftover-memory",
     .gate = "",
     .stage = Stage::running,
     .texts = {"{module}: memory allocation(s) from the module still alive, cannot unload cleanly"},
     .meaning = "{module} was removed, but memory it had allocated was not freed.",
     .causes = {"a missing kfree() or kmem_cache_destroy() in its exit function or an error path"},
     .next = "cat /proc/allocinfo | grep {module}"},
    {.id = "rodata-after-init",
     .gate = "",
     .stage = Stage::loaded,
     .texts =
         {"{module}: module_enable_rodata_ro_after_init() returned {error}, ro_after_init data "
          "might still be writable"},
     .meaning = "{module} is loaded; its data that should be read-only after init is not.",
     .causes = {"no memory to split a page table"},
     .next = "free -m"},
    {.id = "duplicate-request",
     .gate = "",
     .stage = Stage::context,
     .texts = {"module-autoload: duplicate request for module {name}"},
     .meaning = "The kernel asked modprobe for {name} while an earlier request for it was running.",
     .causes = {"several users of it at boot; harmless, apart from the time it takes"},
     .next = "nothing; module.enable_dups_trace=1 shows who asks"},
    {.id = "modprobe-busy",
     .gate = "",
     .stage = Stage::userspace,
     .texts =
         {"request_module: modprobe {name} cannot be processed, kmod busy with {number} threads",
          "request_module: runaway loop modprobe {name}",
          "close to 0 (max_modprobes: {number}), for module {name}, throttling...",
          "request_module: sigkill sent for modprobe {name}, giving up"},
     .meaning = "The kernel asked for too many modules at once, and gave up on this one.",
     .causes = {"a module that requests modules from its own init, in a circle"},
     .next = "look for hung modprobe processes"},
};

}  // namespace

std::span<const Message> init_messages() {
  return table;
}

}  // namespace kovet::explain
