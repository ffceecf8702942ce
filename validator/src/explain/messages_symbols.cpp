#include <cerrno>

#include "explain/message.h"

// kernel/module/main.c: resolve_symbol(), simplify_symbols(), verify_exported_symbols();
// kernel/module/version.c. What names a {symbol} is gathered per module.

namespace kovet::explain {

namespace {

constexpr Message table[] = {
    {.id = "symbol-version",
     .gate = "symbols",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: disagrees about version of symbol {symbol}"},
     .meaning = "The symbol exists, but its CRC is another than the one the module was built with: "
                "its prototype or a type in it differs.",
     .causes = {"built against the headers of another kernel",
                "the module that exports it was rebuilt, this one was not (a stale Module.symvers "
                "or KBUILD_EXTRA_SYMBOLS)",
                "two modules of that name, and the other one is loaded"},
     .next =
         "kovet check {module}.ko --kernel $(uname -r) names each symbol with both CRCs; rebuild "
         "against the kernel and the Module.symvers of the modules that run"},
    {.id = "symbol-version-absent",
     .gate = "symbols",
     .stage = Stage::undecided,
     .error = EINVAL,
     .texts = {"{module}: no symbol version for {symbol}",
               "{module}: no extended symbol version for {symbol}"},
     .meaning =
         "The module's version table has no entry for the symbol. Mainline kernels since 4.9 "
         "only warn; older ones and some distributions (Debian, also 6.1 and 6.12) refuse with "
         "EINVAL, and then print 'Unknown symbol' with err -22 as well.",
     .causes = {"modpost did not find the symbol in any Module.symvers (KBUILD_MODPOST_WARN=1, a "
                "forgotten KBUILD_EXTRA_SYMBOLS)",
                "the exporting module was built without modversions"},
     .next =
         "kovet check {module}.ko --kernel $(uname -r); build with the exporter's Module.symvers"},
    {.id = "symbol-namespace",
     .gate = "symbols",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: module uses symbol ({symbol}) from namespace {namespace}, but does not "
               "import it.",
               "{module}: module uses symbol {symbol} from namespace {namespace}, but does not "
               "import it."},
     .meaning = "The symbol lives in a namespace that the module does not import. Kernels with "
                "CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS only warn.",
     .causes = {"MODULE_IMPORT_NS({namespace}) is missing in the source",
                "the kernel moved the symbol into a namespace after the driver was written",
                "MODULE_IMPORT_NS takes a string since 6.13 and a bare word before"},
     .next = "add MODULE_IMPORT_NS({namespace}) beside MODULE_LICENSE, or run make nsdeps"},
    {.id = "symbol-proprietary",
     .gate = "symbols",
     .stage = Stage::refused,
     .error = ENOENT,
     .texts =
         {"{module}: module using GPL-only symbols uses symbols {symbol} from proprietary module "
          "{owner}.",
          "{module}: module using GPL-only symbols uses symbols from proprietary module "
          "{owner}."},
     .meaning = "A module that uses GPL-only symbols may not use symbols of a proprietary one "
                "({owner}).",
     .causes = {"{owner} has no licence compatible with the GPL"},
     .next = "modinfo -F license {owner}"},
    {.id = "symbol-owner-initialising",
     .gate = "symbols",
     .stage = Stage::refused,
     .error = EBUSY,
     .texts = {"{module}: gave up waiting for init of module {owner}."},
     .meaning = "{owner}, whose symbols are needed, did not finish its init within 30 seconds.",
     .causes = {"{owner}'s init hangs or waits for hardware",
                "{owner}'s init itself requests {module}: a circle"},
     .next = "cat /sys/module/{owner}/initstate; look for hung task lines about {owner}"},
    {.id = "symbol-unknown",
     .gate = "symbols",
     .stage = Stage::refused,
     .error = ENOENT,
     .texts = {"{module}: Unknown symbol {symbol} (err {error})",
               "{module}: Unknown symbol {symbol}{end}"},
     .meaning = "The loader could not link these symbols. err -2 (0 before 4.x): nothing that this "
                "module may use exports it; -22: it exists, but version or namespace do not fit; "
                "-16: its owner is still initialising.",
     .causes = {"the module that exports it is not loaded: insmod does not load dependencies, "
                "modprobe does",
                "this kernel does not export it: removed, renamed, trimmed, or an option is off",
                "it is GPL-only and this module's licence is not compatible with the GPL",
                "built against another kernel"},
     .next =
         "kovet explain LOG --module {module}.ko --kernel $(uname -r); modprobe instead of insmod; "
         "grep -w SYMBOL /lib/modules/$(uname -r)/modules.symbols"},
    {.id = "common-symbols",
     .gate = "common-symbols",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: please compile with -fno-common"},
     .meaning = "The module has tentative (common) definitions of variables; the loader does not "
                "allocate them.",
     .causes = {"objects that were not compiled by Kbuild (a prebuilt .o, a library)",
                "-fcommon among the compiler's options"},
     .next = "nm {module}.ko | grep ' C '; compile these with -fno-common"},
    {.id = "duplicate-export",
     .gate = "duplicate-exports",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: exports duplicate symbol {symbol} (owned by {owner})"},
     .meaning = "The module exports a symbol that {owner} exports already.",
     .causes = {"another module with the same code is loaded (an in-tree version of the driver)",
                "the kernel has it built in (owned by kernel)",
                "the same module under another name"},
     .next = "rmmod {owner}, or blacklist it; kovet host {module}"},
    {.id = "symbol-get-non-gpl",
     .gate = "symbols",
     .stage = Stage::running,
     .texts = {"failing symbol_get of non-GPLONLY symbol {symbol}."},
     .meaning =
         "symbol_get() at run time finds GPL-only symbols alone (since 6.6); it returned NULL.",
     .causes = {"the symbol is exported with EXPORT_SYMBOL instead of EXPORT_SYMBOL_GPL"},
     .next = "export it with EXPORT_SYMBOL_GPL, or link against it"},
    {.id = "symbol-gpl-future",
     .gate = "symbols",
     .stage = Stage::warned,
     .texts =
         {"Symbol {symbol} is being used by a non-GPL module, which will not be allowed in the "
          "future"},
     .meaning = "This old kernel announces that the symbol will become GPL-only.",
     .causes = {"the module's licence is not compatible with the GPL"},
     .next = "modinfo -F license M.ko"},
    {.id = "symbol-unused",
     .gate = "symbols",
     .stage = Stage::warned,
     .texts = {"Symbol {symbol} is marked as UNUSED, however this module is using it."},
     .meaning = "This old kernel means to drop the symbol.",
     .causes = {"no user of it in the kernel tree"},
     .next = "use another interface; the symbol is gone in later kernels"},
};

}  // namespace

std::span<const Message> symbol_messages() {
  return table;
}

}  // namespace kovet::explain
