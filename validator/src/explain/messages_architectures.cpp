#include <cerrno>

#include "explain/message.h"

// arch/{arm64,hexagon,loongarch,nios2,powerpc,parisc,alpha,riscv,s390,sparc,xtensa}/kernel/module*.c

namespace kovet::explain {

namespace {

constexpr std::array<std::string_view, 4> foreign_objects{
    "objects compiled without the kernel's options (a prebuilt .o, a library, assembly)",
    "another compiler or linker than the kernel's, or its options changed in the Makefile",
    "built with the headers of another configuration"};
constexpr std::array<std::string_view, 4> too_far{
    "the module, or all modules together, are too big for this architecture's branches",
    "objects compiled without the kernel's options for modules",
    "a weak symbol that stayed undefined"};
constexpr std::string_view rebuild =
    "kovet check {module}.ko --kernel $(uname -r); rebuild all objects with Kbuild and the "
    "kernel's compiler";

constexpr Message table[] = {
    {.id = "relocation-unknown-type",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"module {module}: Unknown reloc: {type}",
               "{module}: Unsupport relocation type {type}",
               "{module}: unexpected relocation: {type}",
               "{module}: unexpected ALT relocation: {type}",
               "{module}: unexpected FLIX relocation: {type}"},
     .meaning = "The module holds a relocation of type {type}, which this architecture's loader "
                "does not know.",
     .causes = foreign_objects,
     .next = "readelf -rW {module}.ko; rebuild all objects with Kbuild and the kernel's compiler"},
    {.id = "relocation-data-arm64",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"Invalid 16-bit data relocation ({type})", "Invalid 32-bit data relocation ({type})",
               "Invalid length ({number}) for data relocation",
               "do_reloc: unknown relocation operation {type}"},
     .meaning = "A data relocation has a form that the arm64 loader does not know.",
     .causes = foreign_objects,
     .next = rebuild},
    {.id = "relocation-riscv",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"{module}: Can not find HI20 relocation information",
               "{module}: Dynamic linking not supported in kernel modules PC =",
               "{module}: Thread local storage not supported in kernel modules PC =",
               "{module}: The unexpected relocation type 'R_RISCV_ALIGN' from PC =",
               "{module}: can not generate the GOT entry for symbol ="},
     .meaning = "A relocation of a kind that has no place in a RISC-V module: it was compiled as "
                "user-space code, or relaxed by a linker.",
     .causes = {"objects that Kbuild did not compile (-fPIC, thread-local variables)",
                "a linker that relaxed the code: the kernel's options turn that off",
                "a tool processed the module after linking"},
     .next = rebuild},
    {.id = "relocation-toc",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: bad TOC16 relocation (", "{module}: bad TOC16_DS relocation (",
               "{module}: bad TOC16_LO_DS relocation (",
               "{module}: Expected nop after call, got {value} at"},
     .meaning = "The code assumes another layout of the table of contents than this ppc64 kernel "
                "uses.",
     .causes = foreign_objects,
     .next = rebuild},
    {.id = "relocation-far-ppc64",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: REL32 {number} out of range!", "{module}: REL34 {number} out of range!",
               "{module}: Address of {text} out of range of {word}",
               "{module}: Address {value} of stub out of range of {value}.",
               "{module}: Address of stub entry is not 8-byte aligned"},
     .meaning =
         "A branch or an address does not reach its target from where the module was placed.",
     .causes = too_far,
     .next = rebuild},
    {.id = "ppc64-stub",
     .gate = "relocations",
     .stage = Stage::warned,
     .texts = {"{module}: bad magic for stub {value} for {name}",
               "{module}: fault reading magic for stub {value} for {name}",
               "{module}: fault reading funcdata for stub {value} for {name}",
               "{module}: stub {value} not in module {name}"},
     .meaning = "Function tracing or live patching found no proper jump stub in {module}.",
     .causes = {"the module was built with other options than the kernel",
                "something wrote over the module's code"},
     .next = rebuild},
    {.id = "relocation-loongarch",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"module {module}: jump offset = {value} overflow! dangerous {word}",
               "module {module}: jump offset = {value} unaligned! dangerous {word}",
               "module {module}: opr1 = {value} overflow! dangerous {word}",
               "module {module}: opr1 = {value} unaligned! dangerous {word}"},
     .meaning =
         "A branch or an address does not reach its target from where the module was placed.",
     .causes = too_far,
     .next = rebuild},
    {.id = "relocation-symbol-range",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"module {module}: relocation error for symbol {name} (r_type {type}, value",
               "module {module} relocation of symbol {name} is out of range (",
               "module {module}: Relocation (type {type}) overflow vs {name}",
               "{module}: relocation out of range, section {section} reloc {number} sym '{name}'",
               "module {module}: dangerous relocation"},
     .meaning = "The address of {name} does not fit the field that the compiler left for it.",
     .causes = too_far,
     .next = rebuild},
    {.id = "got-and-plt",
     .gate = "plt",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: Global Offset Table overflow (used {number}, allowed {number})",
               "{module}: module PLT.IDX section(s) missing",
               "{module}: module contains bad GOT relocation",
               "{module}: GOT/PLT relocations "
               "unsupported",
               "Module '{name}' contains unexpected .plt/.got sections."},
     .meaning = "The module's jump or address tables are not as this architecture's loader wants "
                "them.",
     .causes = {"objects compiled with -fPIC, or not by Kbuild",
                "linked without the kernel's scripts/module.lds",
                "a module with more global symbols than the table holds"},
     .next = rebuild},
    {.id = "tables-missing",
     .gate = "plt",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: no symtab found.", "module {module}: no got section",
               "module {module}: no symbol table"},
     .meaning = "A table is gone that the loader of this architecture needs.",
     .causes = {"the module was stripped", "linked by hand instead of by Kbuild"},
     .next = "build again; strip with --strip-debug only"},
};

}  // namespace

std::span<const Message> architecture_messages() {
  return table;
}

}  // namespace kovet::explain
