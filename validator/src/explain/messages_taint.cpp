#include "explain/message.h"

// kernel/module/main.c: module_augment_kernel_taints() (since 6.4), check_modinfo() before;
// try_to_force_load(), inherit_taint(); kernel/params.c; kernel/panic.c

namespace kovet::explain {

namespace {

constexpr std::string_view who = "kovet taint; kovet taint --module {module}.ko";

constexpr Message table[] = {
    {.id = "taint-out-of-tree",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: loading out-of-tree module taints kernel."},
     .meaning =
         "Flag O: {module} was built outside the kernel tree. Nothing is wrong; it is printed for "
         "the first such module only.",
     .causes = {"every module that is not built with the kernel itself"},
     .next = who},
    {.id = "taint-unsigned",
     .gate = "taint",
     .stage = Stage::warned,
     .texts =
         {"{module}: module verification failed: signature and/or required key missing - tainting "
          "kernel",
          "{module}: module verification failed: signature and/or  required key missing - tainting "
          "kernel"},
     .meaning =
         "Flag E: {module} has no signature that this kernel trusts, and signatures are not "
         "enforced, so the loader goes on. Printed once per boot, for the first such module.",
     .causes = {"the module is not signed", "the signer's key is not known to the kernel",
                "the signature was stripped"},
     .next = "kovet signature {module}.ko"},
    {.id = "taint-licence",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: module license '{licence}' taints kernel."},
     .meaning =
         "Flag P: '{licence}' is not one of the six strings that the kernel takes as compatible "
         "with the GPL. GPL-only symbols are invisible to this module.",
     .causes = {"a proprietary licence",
                "a spelling the kernel does not know (GPLv2, GPL-2.0, MIT, BSD)",
                "MODULE_LICENSE() is missing ('unspecified')"},
     .next = "modinfo -F license {module}.ko"},
    {.id = "taint-proprietary",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: module license taints kernel."},
     .meaning = "Flag P was set by {module}.",
     .causes = {"its licence, in the line before (since 6.4)",
                "its name: ndiswrapper, driverloader, lve"},
     .next = who},
    {.id = "taint-inherited",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: module uses symbols {symbol} from proprietary module {owner}, inheriting "
               "taint.",
               "{module}: module uses symbols from proprietary module {owner}, inheriting taint."},
     .meaning =
         "{module} uses symbols of the proprietary module {owner} and counts as proprietary from "
         "there on: GPL-only symbols that come later are invisible to it.",
     .causes = {"{owner} has no licence compatible with the GPL"},
     .next = "modinfo -F license {owner}"},
    {.id = "taint-staging",
     .gate = "taint",
     .stage = Stage::warned,
     .texts =
         {"{module}: module is from the staging directory, the quality is unknown, you have been "
          "warned."},
     .meaning = "Flag C: {module} comes from drivers/staging.",
     .causes = {"a driver that is not finished"},
     .next = who},
    {.id = "taint-livepatch",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: tainting kernel with TAINT_LIVEPATCH"},
     .meaning = "Flag K: {module} is a live patch.",
     .causes = {"a live patch was loaded"},
     .next = "ls /sys/kernel/livepatch"},
    {.id = "taint-test",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: loading test module taints kernel."},
     .meaning = "Flag N: {module} is a test of the kernel (since 6.0).",
     .causes = {"MODULE_INFO(test, \"Y\"), as KUnit sets it"},
     .next = who},
    {.id = "taint-forced-vermagic",
     .gate = "vermagic",
     .stage = Stage::warned,
     .texts = {"{module}: bad vermagic: kernel tainted."},
     .meaning =
         "Flag F: {module} has no vermagic, or was loaded with --force-vermagic. The kernel took "
         "it because of CONFIG_MODULE_FORCE_LOAD; it may crash.",
     .causes = {"modprobe -f, insmod -f", "vermagic was stripped from the file"},
     .next = "rebuild it for this kernel instead of forcing it"},
    {.id = "taint-forced-exports",
     .gate = "export-versions",
     .stage = Stage::warned,
     .texts = {"{module}: no versions for exported symbols: kernel tainted."},
     .meaning =
         "Flag F: {module} exports symbols without CRCs to a kernel with CONFIG_MODVERSIONS.",
     .causes = {"built without modversions"},
     .next = "rebuild it for this kernel"},
    {.id = "taint-forced-version-old",
     .gate = "module-layout",
     .stage = Stage::warned,
     .texts = {"{module}: no version for \"{symbol}\" found: kernel tainted.",
               "{module}: no version for \"{symbol}\" found"},
     .meaning = "Flag F, on kernels of the 2.6 series: {module} has no CRC for the symbol, so its "
                "version could not be compared, and the load went on. For struct_module (the "
                "module_layout of today) the module has no version table at all.",
     .causes = {"built without the kernel's Module.symvers, or for a kernel without "
                "CONFIG_MODVERSIONS",
                "modprobe -f, insmod -f"},
     .next = "rebuild it against the headers of that kernel; lines about version magic or unknown "
             "symbols after this one say whether it was refused"},
    {.id = "taint-forced-vermagic-old",
     .gate = "vermagic",
     .stage = Stage::warned,
     .texts = {"{module}: no version magic, tainting kernel."},
     .meaning = "Flag F, on kernels of the 2.6 series: {module} has no vermagic, and the load went "
                "on.",
     .causes = {"modprobe -f, insmod -f", "the module was not linked by Kbuild"},
     .next = "rebuild it for this kernel instead of forcing it"},
    {.id = "taint-forced-versions",
     .gate = "module-layout",
     .stage = Stage::warned,
     .texts = {"{module}: {symbol}: kernel tainted."},
     .meaning = "Flag F: {module} has no version table, or was loaded with --force-modversion. The "
                "kernel took it because of CONFIG_MODULE_FORCE_LOAD; it may crash.",
     .causes = {"modprobe -f, insmod -f", "built without modversions, or without Module.symvers"},
     .next = "rebuild it for this kernel instead of forcing it"},
    {.id = "taint-dangerous-option",
     .gate = "parameters",
     .stage = Stage::warned,
     .texts = {"Setting dangerous option {parameter} - tainting kernel"},
     .meaning = "Flag U: someone set {parameter}, which its driver declares unsafe.",
     .causes = {"an options line in modprobe.d, or the kernel's command line"},
     .next = "grep -r {parameter} /etc/modprobe.d /proc/cmdline"},
    {.id = "trace-events-refused",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: module has bad taint, not creating trace events"},
     .meaning =
         "{module} sets a flag other than O, C, E, N or K, so its trace events are left out. It "
         "is loaded all the same.",
     .causes = {"a proprietary or forced module"},
     .next = who},
    {.id = "ftrace-module",
     .gate = "",
     .stage = Stage::warned,
     .texts = {"ftrace: failed to allocate entries for module '{module}' functions"},
     .meaning = "The functions of {module} cannot be traced; it is loaded all the same.",
     .causes = {"the machine is out of memory"},
     .next = "free -m"},
    {.id = "ftrace-bug",
     .gate = "",
     .stage = Stage::running,
     .texts = {"------------[ ftrace bug ]------------", "ftrace: no module PLT for {symbol}"},
     .meaning =
         "Where a function's tracing call should stand, something else does. Tracing is off until "
         "reboot; if a module was being loaded, it goes on. The lines after it name the function.",
     .causes =
         {"a module with objects that Kbuild did not build (a prebuilt .o), or compiled with other "
          "options than the kernel",
          "another tool patched the kernel's code"},
     .next = "read the lines after it; rebuild all objects of that module with Kbuild"},
    {.id = "taint-lock-debugging",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"Disabling lock debugging due to kernel taint"},
     .meaning =
         "It comes with flags P, F and some others; the line before says which module it was.",
     .causes = {"a proprietary or forced module", "an earlier oops or machine check"},
     .next = "kovet taint"},
    {.id = "retpoline-system",
     .gate = "taint",
     .stage = Stage::context,
     .texts = {"Spectre V2 : System may be vulnerable to spectre v2"},
     .meaning = "A module without retpolines was loaded; the line after it names the module.",
     .causes = {},
     .next = "cat /sys/devices/system/cpu/vulnerabilities/spectre_v2"},
    {.id = "retpoline",
     .gate = "taint",
     .stage = Stage::warned,
     .texts = {"{module}: loading module not compiled with retpoline compiler."},
     .meaning =
         "{module} was compiled without retpolines, on a machine that mitigates Spectre v2 with "
         "them. It sets no flag.",
     .causes =
         {"a prebuilt object, or another compiler than the kernel's",
          "headers of a kernel without CONFIG_MITIGATION_RETPOLINE (CONFIG_RETPOLINE before 6.9)"},
     .next = "modinfo -F retpoline {module}.ko; rebuild with the kernel's compiler"},
};

}  // namespace

std::span<const Message> taint_messages() {
  return table;
}

}  // namespace kovet::explain
