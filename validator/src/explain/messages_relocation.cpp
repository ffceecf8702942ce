#include <cerrno>

#include "explain/message.h"

// arch/*/kernel/module*.c, kernel/bpf/btf.c

namespace kovet::explain {

namespace {

constexpr std::array<std::string_view, 4> other_compiler{
    "objects compiled without the kernel's options (a prebuilt .o, a library, assembly)",
    "another compiler or linker than the kernel's, or its options changed in the Makefile",
    "built with the headers of another configuration"};
constexpr std::string_view rebuild =
    "kovet check M.ko --kernel $(uname -r); rebuild all objects with Kbuild and the kernel's "
    "compiler";

constexpr Message table[] = {
    {.id = "relocation-unknown",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: Unknown rela relocation: {type}", "{module}: Unknown relocation: {type}",
               "module {module}: unsupported RELA relocation: {type}",
               "{module}: Unknown relocation type {type}",
               "{module}: Unknown ADD relocation: {type}"},
     .meaning =
         "The module holds a relocation of type {type}, which this architecture's loader does "
         "not know.",
     .causes = other_compiler,
     .next = "readelf -rW {module}.ko; rebuild all objects with Kbuild and the kernel's compiler"},
    {.id = "relocation-unknown-arm",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: unknown relocation: {type}", "{module}: unknown ADD relocation: {type}"},
     .meaning =
         "The module holds a relocation of type {type}, which this architecture's loader does "
         "not know.",
     .causes = other_compiler,
     .next = rebuild},
    {.id = "relocation-target",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts =
         {"x86/modules: Invalid relocation target, existing value is nonzero for type {type}, loc",
          "x86/modules: Invalid relocation target, existing value does not match expected value "
          "for type {type}, loc",
          "x86/modules: Skipping invalid relocation target, existing value is nonzero for type "
          "{type}, loc"},
     .meaning =
         "A place that the loader is to fill in is not zero, as it must be in a fresh module.",
     .causes = {"a tool processed the module after linking (objcopy, a post-link optimiser)",
                "linked with a linker that stores addends in place", "a damaged file"},
     .next = rebuild},
    {.id = "relocation-overflow",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"overflow in relocation type {type} val {value}",
               "module {module}: overflow in relocation type {type} val {value}",
               "module {module}: relocation overflow"},
     .meaning = "An address does not fit the field that the compiler left for it.",
     .causes = {"on x86-64: objects not compiled with -mcmodel=kernel (not by Kbuild)",
                "a module too big or too far from the kernel for this architecture's branches",
                "a weak symbol that stayed undefined"},
     .next = rebuild},
    {.id = "relocation-code-model",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"`{module}' likely not compiled with -mcmodel=kernel"},
     .meaning = "The module's code assumes another code model than the kernel's; it comes with the "
                "overflow in the line before.",
     .causes = {"some object was not compiled by Kbuild"},
     .next = rebuild},
    {.id = "relocation-range",
     .gate = "relocations",
     .stage = Stage::refused,
     .texts = {"out of range ({value} -> {value})",
               "{module}: target {value} can not be addressed by the 32-bit offset from PC",
               "{module}: value {value} out of range for {number}-bit {word}",
               "{module}: REL24 {number} out of range!",
               "module {module}: dangerous {word} relocation"},
     .meaning =
         "A branch or an address does not reach its target from where the module was placed.",
     .causes =
         {"the module, or all modules together, are too big for this architecture's branches",
          "built without the kernel's options for modules (-mlong-calls, CONFIG_ARM_MODULE_PLTS)"},
     .next = rebuild},
    {.id = "relocation-bounds",
     .gate = "relocations",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts =
         {"{module}: section {section} reloc {number}: bad relocation sym offset",
          "{module}: section {section} reloc {number} sym '{name}': out of bounds relocation",
          "{module}: section {section} reloc {number} sym '{name}': unsupported interworking call"},
     .meaning = "A relocation points outside its section or to code of the other instruction set.",
     .causes = other_compiler,
     .next = rebuild},
    {.id = "btf-invalid",
     .gate = "btf",
     .stage = Stage::refused,
     .texts = {"failed to validate module [{module}] BTF: {error}"},
     .meaning =
         "The module's type information (BTF) does not fit the kernel's. Refused, unless the "
         "kernel has CONFIG_MODULE_ALLOW_BTF_MISMATCH (then it loads without BTF).",
     .causes =
         {"built against a vmlinux that is not byte for byte the one that runs (another build of "
          "the same release will do)",
          "the kernel was updated without a new release name",
          "pahole of another version than the kernel's build used"},
     .next =
         "objcopy --remove-section=.BTF {module}.ko and sign again: a module without BTF is never "
         "refused for it; or rebuild with this kernel's vmlinux"},
    {.id = "btf-mismatch",
     .gate = "btf",
     .stage = Stage::warned,
     .texts = {"Kernel module BTF mismatch detected, BTF debug info may be unavailable for some "
               "modules"},
     .meaning =
         "Some module's type information does not fit the kernel's; it was dropped, the module "
         "loaded. Only BPF programs and tracers notice.",
     .causes = {"built against another vmlinux than the one that runs"},
     .next = "nothing, unless BPF programs need the module's types"},
    {.id = "btf-missing",
     .gate = "btf",
     .stage = Stage::running,
     .texts = {"missing module BTF, cannot register {what}",
               "missing vmlinux BTF, cannot register {what}"},
     .meaning =
         "A module offers functions to BPF programs ({what}), but it or the kernel has no type "
         "information. BPF programs cannot call them; whether the module goes on is up to its "
         "init.",
     .causes = {"BTF generation was skipped at build time: no vmlinux in the headers",
                "CONFIG_DEBUG_INFO_BTF is off in the kernel"},
     .next =
         "readelf -SW M.ko | grep BTF; build with pahole and the kernel's vmlinux at hand, if BPF "
         "programs are to call the module"},
    {.id = "btf-sysfs",
     .gate = "btf",
     .stage = Stage::warned,
     .texts = {"failed to register module [{module}] BTF in sysfs: {error}"},
     .meaning = "The module's type information could not be shown in /sys/kernel/btf.",
     .causes = {"a file of that name exists"},
     .next = "ls /sys/kernel/btf"},
};

}  // namespace

std::span<const Message> relocation_messages() {
  return table;
}

}  // namespace kovet::explain
