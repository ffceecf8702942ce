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
     .meaning = "Modules use each other's symbols in a circle; none of them can be loaded.",
     .causes = {"two modules that export symbols to each other"},
     .next = "move what both need into a third module"},
    {.id = "depmod-options",
     .gate = "",
     .stage = Stage::build,
     .texts = {"-e needs -E or -F"},
     .meaning = "depmod -e compares with a list of symbols, which must be given.",
     .causes = {},
     .next = "depmod -n -e -E /lib/modules/R/build/Module.symvers R"},
    {.id = "depmod-directory",
     .gate = "",
     .stage = Stage::build,
     .texts = {"depmod: ERROR: could not open directory {path}: {reason}",
               "depmod: FATAL: could not search modules: {reason}",
               "depmod: WARNING: could not open {file} at {path}: {reason}"},
     .meaning = "depmod looked for a kernel's modules where there are none.",
     .causes = {"it ran for the build machine's kernel (uname -r) instead of the target's",
                "modules.order and modules.builtin were not copied along (harmless)"},
     .next = "depmod -b ROOT RELEASE"},
};

}  // namespace

std::span<const Message> build_messages() {
  return table;
}

}  // namespace kovet::explain
