#include <cerrno>

#include "explain/message.h"

// scripts/mod/modpost.c, scripts/Makefile.mod*, kmod's tools/depmod.c

namespace kovet::explain {

namespace {

constexpr Message table[] = {
    {.id = "modpost-undefined",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"\"{symbol}\" [{path}] undefined!"},
     .meaning =
         "modpost found no export of the symbol; loaded as it is, the module would be refused "
         "with Unknown symbol.",
     .causes = {"the Module.symvers of the module that exports it was not given "
                "(KBUILD_EXTRA_SYMBOLS)",
                "the kernel does not export it",
                "Module.symvers is missing in the kernel's headers"},
     .next = "grep -w {symbol} /lib/modules/$(uname -r)/build/Module.symvers"},
    {.id = "modpost-symvers-missing",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"Module.symvers is missing.", "Symbol version dump {path} is missing"},
     .meaning =
         "The kernel's list of exports is not there: imports and CRCs cannot be checked, and the "
         "module gets an empty version table.",
     .causes = {"a source tree that was only prepared (make modules_prepare), never built",
                "half-installed headers"},
     .next = "install the distribution's headers package, or build the kernel's modules once"},
    {.id = "modpost-namespace",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"module {module} uses symbol {symbol} from namespace {namespace}, but does not "
               "import it."},
     .meaning = "The symbol lives in a namespace that the module does not import.",
     .causes = {"MODULE_IMPORT_NS({namespace}) is missing in the source"},
     .next = "add MODULE_IMPORT_NS({namespace}), or run make nsdeps"},
    {.id = "modpost-module-namespace",
     .gate = "module-namespace-import",
     .stage = Stage::build,
     .texts = {"explicitly importing namespace \"{namespace}\" is not allowed."},
     .meaning = "Namespaces of the form module:NAME belong to the modules they name.",
     .causes = {"MODULE_IMPORT_NS of such a namespace in the source"},
     .next = "remove that import"},
    {.id = "modpost-gpl-only",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"GPL-incompatible module {path} uses GPL-only symbol '{symbol}'"},
     .meaning = "The kernel will not show this symbol to a module with that licence.",
     .causes = {"MODULE_LICENSE() is none of the six compatible strings"},
     .next = "correct MODULE_LICENSE() if the code is free; else use another interface"},
    {.id = "modpost-licence-missing",
     .gate = "taint",
     .stage = Stage::build,
     .texts = {"missing MODULE_LICENSE() in {path}"},
     .meaning = "A module without a licence counts as proprietary.",
     .causes = {"MODULE_LICENSE() was forgotten"},
     .next = "add MODULE_LICENSE(\"GPL\") if that is its licence"},
    {.id = "modpost-no-crc",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"\"{symbol}\" [{path}] has no CRC!",
               "EXPORT symbol \"{symbol}\" [{path}] version generation failed, symbol will not be "
               "versioned."},
     .meaning =
         "The symbol gets no CRC; on some kernels (Debian) the module that uses it is refused.",
     .causes = {"assembly exports without a prototype in asm/asm-prototypes.h",
                "a prototype that genksyms cannot parse"},
     .next = "include a header with the prototype where it is exported"},
    {.id = "modpost-name-too-long",
     .gate = "",
     .stage = Stage::build,
     .texts = {"module name is too long [{path}]", "too long symbol \"{symbol}\" [{path}]"},
     .meaning =
         "The kernel has 56 characters for a module's name, and as many for a versioned symbol.",
     .causes = {"a long name"},
     .next = "choose a shorter name"},
    {.id = "modpost-section-mismatch",
     .gate = "",
     .stage = Stage::build,
     .texts = {"section mismatch in reference: {what}", "Section mismatch in reference from {what}",
               "Section mismatches detected.", "references non-executable section '{word}'"},
     .meaning = "Code that stays uses code or data that is freed after init (or the other way "
                "round): it loads, and crashes when the freed part is used.",
     .causes = {"a missing or wrong __init, __exit or __initdata",
                "a probe function that calls an __init one"},
     .next = "correct the annotations that the line names"},
    {.id = "modpost-exports",
     .gate = "duplicate-exports",
     .stage = Stage::build,
     .texts = {"{path}: '{symbol}' exported twice. Previous export was in {text}",
               "\"{symbol}\" [{path}] was exported without definition",
               "EXPORT_SYMBOL used for {what}", "{path}: local symbol '{symbol}' was exported",
               "{path}: unknown license {text}"},
     .meaning = "An EXPORT_SYMBOL is wrong; a module that exports what is exported already is "
                "refused.",
     .causes = {"two modules, or a module and the kernel, export the same name",
                "a static or __init function is exported", "a definition that was compiled out"},
     .next = "grep -w {symbol} /lib/modules/$(uname -r)/build/Module.symvers"},
    {.id = "btf-skipped",
     .gate = "btf",
     .stage = Stage::build,
     .texts = {"Skipping BTF generation for {path} due to unavailability of vmlinux"},
     .meaning =
         "The module gets no type information, because vmlinux is not part of the headers. It "
         "loads all the same; only BPF programs and tracers miss it.",
     .causes = {"headers packages do not contain vmlinux"},
     .next = "nothing, unless BPF programs need the module's types"},
    {.id = "depmod-unknown-symbol",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"{path} needs unknown symbol {symbol}"},
     .meaning =
         "depmod found neither a kernel nor a module that exports the symbol. It exits with 0 all "
         "the same.",
     .causes = {"a module it depends on is not installed", "built for another kernel"},
     .next = "kovet check {path} --kernel RELEASE"},
    {.id = "depmod-version",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"{path} disagrees about version of symbol {symbol}"},
     .meaning = "depmod -e -E: the module was built with another CRC than the exporter has.",
     .causes = {"built against another kernel"},
     .next = "kovet check {path} --kernel RELEASE"},
    {.id = "depmod-cycle",
     .gate = "symbols",
     .stage = Stage::build,
     .texts = {"Cycle detected: {text}", "Found {count} modules in dependency cycles!",
               "found {count} modules in dependency cycles!", "{path} in dependency cycle!"},
     .meaning =
         "Modules use each other's symbols in a circle; none of them can be loaded. depmod ends "
         "there and writes no index: modprobe goes by the old one, which lacks all that is new.",
     .causes =
         {"two modules that export symbols to each other",
          "two builds of a driver in the same folder, of which each has what the other needs"},
     .next =
         "move what both need into a third module, or remove the stale files; then sudo depmod"},
    {.id = "depmod-devname",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Module '{name}' has devname ({text}) but lacks major and minor information. "
               "Ignoring."},
     .meaning = "{name} names a device node without fixed numbers; it only loses loading on demand "
                "by that node. Harmless.",
     .causes = {"MODULE_ALIAS(\"devname:...\") without MODULE_ALIAS_MISCDEV or _CHARDEV"},
     .next = "nothing"},
    {.id = "depmod-unreadable-module",
     .gate = "elf",
     .stage = Stage::build,
     .texts = {"failed to load symbols from {path}: {reason}",
               "could not create module {path}: {reason}"},
     .meaning = "depmod could not read a module: it gets no place in the index for its symbols.",
     .causes = {"a cut or damaged file", "compressed in a way that depmod was built without",
                "an empty file left by a full disk", "not root (Permission denied)"},
     .next = "kovet info {path}"},
    {.id = "depmod-passed-over",
     .gate = "",
     .stage = Stage::build,
     .texts = {"fstatat({number}, {file}): {reason}",
               "openat({number}, {file}, O_RDONLY): {reason}",
               "depmod: ERROR: unsupported file type {file}: {number}"},
     .meaning =
         "depmod passed over {file}, and indexed the others: modprobe does not know what is there.",
     .causes =
         {"a link that leads nowhere: the module that it was for is gone (DKMS, weak-updates)",
          "not root, and the file or folder may not be read", "no file at all (a pipe, a socket)"},
     .next = "find /lib/modules -xtype l; remove or restore it, then sudo depmod RELEASE"},
    {.id = "depmod-write",
     .gate = "",
     .stage = Stage::build,
     .texts = {"openat({path}, modules.{file}): {reason}", "renameat({path}): {reason}"},
     .meaning =
         "depmod could not write its indexes: those of before remain, and are stale. It may exit "
         "with 0 all the same.",
     .causes = {"not root", "a file system that is mounted read-only, or full"},
     .next = "sudo depmod RELEASE; df /lib/modules"},
    {.id = "depmod-release",
     .gate = "",
     .stage = Stage::build,
     .texts = {"depmod: ERROR: Bad version passed {name}"},
     .meaning = "depmod takes a kernel's release, and {name} is none; it has changed nothing.",
     .causes =
         {"a module's name or file was given: depmod indexes all modules of a kernel at once"},
     .next = "sudo depmod $(uname -r)"},
    {.id = "kernel-folder-missing",
     .gate = "",
     .stage = Stage::build,
     .texts = {"make: *** {path}/build: No such file or directory.",
               "make[{number}]: *** {path}/build: No such file or directory."},
     .meaning = "There is nothing to build modules against: {path}/build leads nowhere.",
     .causes = {"the headers of that kernel are not installed",
                "the running kernel was updated, and the headers are for the new one: reboot"},
     .next = "kovet kernels; apt install linux-headers-$(uname -r), or dnf install "
             "kernel-devel-$(uname -r)"},
    {.id = "depmod-options",
     .gate = "",
     .stage = Stage::build,
     .texts = {"-e needs -E or -F"},
     .meaning = "depmod -e compares with a list of symbols, which must be given.",
     .causes = {},
     .next = "depmod -n -e -E /lib/modules/R/build/Module.symvers R"},
    {.id = "depmod-forbidden",
     .gate = "",
     .stage = Stage::build,
     .error = EACCES,
     .texts = {"depmod: ERROR: could not open directory {path}: Permission denied",
               "depmod: FATAL: could not search modules: Permission denied"},
     .meaning = "depmod may not read the folder of modules, and wrote nothing.",
     .causes = {"not root", "a folder that was installed with a umask that keeps others out"},
     .next = "sudo depmod RELEASE; ls -ld /lib/modules/*"},
    {.id = "depmod-quick",
     .gate = "",
     .stage = Stage::build,
     .texts = {"could not fstatat({path}, modules.dep): {text}"},
     .meaning = "depmod -A found no index to compare with, and writes one.",
     .causes = {"depmod runs for the first time in that folder"},
     .next = "nothing"},
    {.id = "depmod-directory",
     .gate = "",
     .stage = Stage::build,
     .texts = {"depmod: ERROR: could not open directory {path}: {reason}",
               "depmod: FATAL: could not search modules: {reason}"},
     .meaning = "depmod looked for a kernel's modules where there are none.",
     .causes = {"it ran for the build machine's kernel (uname -r) instead of the target's",
                "a misspelt release, or -b names no root folder"},
     .next = "ls /lib/modules ROOT/lib/modules; depmod -b ROOT RELEASE"},
    {.id = "depmod-lists",
     .gate = "",
     .stage = Stage::build,
     .texts = {"depmod: WARNING: could not open {file} at {path}: {reason}"},
     .meaning =
         "The indexes are written all the same. Without modules.builtin* modprobe knows no module "
         "as "
         "built in; without modules.order it has no order among several modules of one alias.",
     .causes = {"modules were copied or installed there, and the kernel's own lists were not",
                "the kernel itself is not installed in {path}"},
     .next =
         "install the kernel there too (its package, or make modules_install), then depmod; in a "
         "folder for packaging only, nothing"},
    {.id = "depmod-arguments",
     .gate = "",
     .stage = Stage::build,
     .texts = {"depmod: FATAL: could not load {path}: {text}",
               "depmod: FATAL: {path}: not absolute path."},
     .meaning = "depmod could not read a file that it was given ({path}), and wrote nothing.",
     .causes = {"-E wants a Module.symvers, -F a System.map, and the file is not there",
                "a module's file must be named by its whole path"},
     .next = "ls -l {path}; man depmod"},
};

}  // namespace

std::span<const Message> build_messages() {
  return table;
}

}  // namespace kovet::explain
