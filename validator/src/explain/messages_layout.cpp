#include <cerrno>

#include "explain/message.h"

// kernel/module/main.c: early_mod_check(), check_modinfo(), layout_and_allocate(),
// find_module_sections(); kernel/module/version.c, strict_rwx.c; arch/*/kernel/module*.c

namespace kovet::explain {

namespace {

constexpr std::array<std::string_view, 4> other_headers{
    "built against the headers of another kernel, or of another configuration of it",
    "a Module.symvers of another build lay in the headers' directory",
    "the kernel was updated or rebuilt, the module was not"};

constexpr Message table[] = {
    {.id = "blacklisted",
     .gate = "blacklist",
     .stage = Stage::refused,
     .error = EPERM,
     .texts = {"Module {module} is blacklisted"},
     .meaning = "The kernel's command line forbids this module by name (module_blacklist=). "
                "modprobe.d's blacklist lines have nothing to do with it.",
     .causes = {"module_blacklist={module} on the kernel's command line"},
     .next = "cat /proc/cmdline; kovet host {module}"},
    {.id = "module-layout",
     .gate = "module-layout",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: disagrees about version of symbol module_layout",
               "{module}: disagrees about version of symbol struct_module"},
     .meaning =
         "The module's idea of the loader's own structures (the CRC of module_layout, called "
         "struct_module before 2.6.30) differs from this kernel's: it was built for another kernel "
         "or configuration.",
     .causes = other_headers,
     .next = "kovet check {module}.ko --kernel $(uname -r); rebuild against /lib/modules/$(uname "
             "-r)/build"},
    {.id = "module-layout-absent",
     .gate = "module-layout",
     .stage = Stage::undecided,
     .error = ENOEXEC,
     .texts = {"{module}: no symbol version for module_layout",
               "{module}: no extended symbol version for module_layout"},
     .meaning =
         "The module's version table has no entry for module_layout. Mainline kernels since "
         "4.9 only warn; older ones and some distributions (Debian, also 6.1 and 6.12) refuse "
         "with ENOEXEC, and print nothing more.",
     .causes = {"modpost ran without the kernel's Module.symvers",
                "the version table was cut or emptied by a tool"},
     .next = "ls -l /lib/modules/$(uname -r)/build/Module.symvers; kovet check {module}.ko "
             "--kernel $(uname -r)"},
    {.id = "vermagic",
     .gate = "vermagic",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: version magic '{found}' should be '{wanted}'"},
     .meaning =
         "The module's vermagic differs from this kernel's. With version tables on both sides "
         "the first word, the release, is not compared; everything after it is.",
     .causes = {"built against the headers of another kernel than the one that runs",
                "the kernel's release carries a suffix (LOCALVERSION, '+') that the headers lack",
                "another flavour's headers: real time, another preemption model",
                "no Module.symvers or CONFIG_MODVERSIONS at build time: the word modversions is "
                "missing"},
     .next = "kovet check {module}.ko --kernel $(uname -r); rebuild against /lib/modules/$(uname "
             "-r)/build"},
    {.id = "plt-missing",
     .gate = "plt",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: module PLT section(s) missing", "{module}: module GOT section(s) missing",
               "{module}: module GOT.PLT section(s) missing",
               "Module doesn't contain .plt or .init.plt sections."},
     .meaning = "The module lacks the sections in which this architecture's loader places jump "
                "tables; Kbuild's linker script adds them.",
     .causes = {"linked without the kernel's scripts/module.lds",
                "built for a kernel with another configuration (CONFIG_MODULE_SECTIONS, "
                "CONFIG_ARM64_MODULE_PLTS)"},
     .next = "rebuild with the kernel's own Kbuild"},
    {.id = "plt-missing-ppc64",
     .gate = "plt",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: doesn't contain .stubs.", "{module}: doesn't contain .mygot."},
     .meaning = "The module lacks a section that the ppc64 loader fills in.",
     .causes = {"linked without the kernel's scripts/module.lds"},
     .next = "rebuild with the kernel's own Kbuild"},
    {.id = "plt-symtab",
     .gate = "plt",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: module symtab section missing"},
     .meaning = "The loader needs the symbol table to count jump tables, and there is none.",
     .causes = {"the module was stripped"},
     .next = "build again; strip with --strip-debug only"},
    {.id = "write-exec",
     .gate = "write-exec",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: section {name} (index {number}) has invalid WRITE|EXEC flags"},
     .meaning = "The section {name} would be both writable and executable.",
     .causes = {"assembly with .section NAME,\"awx\"", "a linker script of the module's own"},
     .next = "readelf -SW {module}.ko | grep WAX; correct the flags in the source"},
    {.id = "percpu",
     .gate = "percpu",
     .stage = Stage::refused,
     .error = ENOMEM,
     .texts = {"{module}: Could not allocate {number} bytes percpu data"},
     .meaning = "The kernel's reserve for modules' per-CPU variables is used up.",
     .causes = {"big DEFINE_PER_CPU variables in this module", "many modules with such variables"},
     .next =
         "use alloc_percpu() at run time instead; boot with percpu_alloc= to change the allocator"},
    {.id = "percpu-allocator",
     .gate = "percpu",
     .stage = Stage::refused,
     .error = ENOMEM,
     .texts =
         {"percpu: allocation failed, size={number} align={number} atomic={number}, alloc from "
          "reserved chunk failed"},
     .meaning = "The reserve from which modules get per-CPU memory had no room left.",
     .causes = {"big DEFINE_PER_CPU variables in the module being loaded"},
     .next = "the line after it names the module; use alloc_percpu() in it instead"},
    {.id = "percpu-alignment",
     .gate = "percpu",
     .stage = Stage::warned,
     .texts = {"{module}: per-cpu alignment {number} > {number}"},
     .meaning = "A per-CPU variable asks for more alignment than a page; it gets a page's.",
     .causes = {"__aligned() beyond the page size on a DEFINE_PER_CPU variable"},
     .next = "lower the alignment in the source"},
    {.id = "no-memory-for-module",
     .gate = "allocation",
     .stage = Stage::refused,
     .error = ENOMEM,
     .texts = {"vmap allocation for size {number} failed: use vmalloc=<size> to increase size",
               "execmem: unable to allocate memory",
               "insmod: page allocation failure: order:{number}",
               "insmod: vmalloc error: size {number}", "modprobe: vmalloc error: size {number}"},
     .meaning = "There was no address space for a module's memory.",
     .causes = {"a module with huge static data",
                "the area for modules is full (32-bit machines, "
                "KASAN, many modules)"},
     .next = "size M.ko; allocate big tables at run time; vmalloc= on 32-bit kernels"},
    {.id = "no-memory-for-patching",
     .gate = "",
     .stage = Stage::refused,
     .error = ENOMEM,
     .texts = {"Failed to allocate memory: jump_label may not work properly.",
               "Failed to allocate memory for static calls",
               "Failed to allocate memory: dyndbg may not work properly."},
     .meaning =
         "There was no memory for what the kernel keeps about a module's static branches, static "
         "calls or debug messages.",
     .causes = {"the machine is out of memory"},
     .next = "free -m; try again"},
    {.id = "constructors",
     .gate = "constructors",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: has both .ctors and .init_array."},
     .meaning = "The module was put together by compilers that place constructors differently.",
     .causes = {"objects of two compilers, or prebuilt .o files, in one module"},
     .next = "rebuild all of it with the compiler that built the kernel"},
    {.id = "export-flags",
     .gate = "export-versions",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: no flags for exported symbols"},
     .meaning =
         "The module exports symbols in the old way, this kernel wants a table of flags with "
         "them.",
     .causes = {"built with the headers of an older kernel"},
     .next = "rebuild against this kernel"},
    {.id = "obsolete-exports",
     .gate = "export-versions",
     .stage = Stage::warned,
     .texts = {"{module}: ignoring obsolete section {word}"},
     .meaning = "The module carries an export table ({word}) that this kernel no longer reads.",
     .causes = {"built with the headers of an older kernel"},
     .next = "rebuild against this kernel"},
    {.id = "module-namespace-import",
     .gate = "module-namespace-import",
     .stage = Stage::refused,
     .error = EPERM,
     .texts = {"{module}: module tries to import module namespace: {namespace}"},
     .meaning = "Namespaces of the form module:NAME belong to the modules they name and cannot be "
                "imported.",
     .causes = {"MODULE_IMPORT_NS(\"{namespace}\") in the source"},
     .next = "remove that import; the symbol is not meant for other modules"},
};

}  // namespace

std::span<const Message> layout_messages() {
  return table;
}

}  // namespace kovet::explain
