#include <algorithm>
#include <array>
#include <string_view>

#include "gates/evaluate.h"
#include "gates/gate.h"
#include "gates/loader_traits.h"

// Every gate, in the order in which current kernels look (6.4 and later). The texts are the
// reference page (kovet rules), and what the tests walk over.

namespace kovet {

namespace {

constexpr std::array table{
    Gate{
        "syscall", "empty-file", "file", "the file is regular and not empty",
        "finit_module() reads the whole file first. The right to load modules (CAP_SYS_MODULE, "
        "modules_disabled: EPERM) and security modules such as IMA or LoadPin belong to the "
        "machine and are not looked at; nor is what a loader may ask for (modprobe --force, which "
        "drops vermagic, versions and signature; flags that a kernel does not know: EINVAL). Files "
        "above 2 GiB are refused with EFBIG.",
        "EINVAL without a message; EFBIG", "build or copy the file again", "all",
        "fs/kernel_read_file.c: kernel_read_file()", gate::syscall},
    Gate{"compression", "compression-unsupported", "file",
         "the kernel can decompress the file it is handed",
         "Only a loader that passes MODULE_INIT_COMPRESSED_FILE to finit_module() hands the kernel "
         "a compressed file; insmod and modprobe of kmod up to 30 decompress by themselves, and "
         "newer ones where the kernel cannot. A kernel takes one format only, the one its own "
         "modules are compressed with, and of xz only the check CRC32: a plain 'xz' writes CRC64. "
         "Of a file of several streams it takes the first, where tools join them (kmod up to 30; "
         "later ones refuse zstd files of several frames), and takes no notice of what follows. "
         "Files that cannot be decompressed at all are an error here, and "
         "EINVAL there. Assumed not to be the case unless --assume compressed.",
         "EOPNOTSUPP without a message; EINVAL 'not a gzip|xz|zstd compressed "
         "module', 'decompression failed with status 6'",
         "compress modules as the kernel's own are (xz --check=crc32), or not at all", "5.17",
         "kernel/module/decompress.c: module_decompress()", gate::compression},
    Gate{
        "signature", "signature-rejected", "signature",
        "the signature is good enough for this kernel's policy",
        "Looked at before anything else. A module without signature, or signed with a key the "
        "kernel does not trust, is refused only where signatures are enforced "
        "(CONFIG_MODULE_SIG_FORCE or module.sig_enforce=1) or the kernel is locked down; elsewhere "
        "it loads and taints E. A signature that a trusted key contradicts, or that is broken, is "
        "refused always. No option of insmod or modprobe turns enforcement off. Trusted keys are "
        "those "
        "in the kernel's image; what a machine adds (MOK, the firmware's db, where the kernel has "
        "CONFIG_INTEGRITY_PLATFORM_KEYRING or _MACHINE_KEYRING) and what it revokes (dbx, the "
        "keyring .blacklist) is taken to be nothing. Debian and others lock a kernel down that was "
        "booted with Secure Boot: --assume lockdown.",
        "EKEYREJECTED 'Loading of unsigned module is rejected'; EPERM 'Lockdown: insmod: unsigned "
        "module loading is restricted; see man kernel_lockdown.7'; EBADMSG, EMSGSIZE, EKEYREJECTED "
        "silently",
        "sign the finished module, after any strip, with a key the kernel trusts", "3.7",
        "kernel/module/signing.c: module_sig_check()", gate::signature},
    Gate{
        "elf", "elf-malformed", "elf", "the file is a whole ELF object of this kernel's machine",
        "Header, section table, section bounds and names, and since 6.4 exactly one .modinfo and "
        "one .gnu.linkonce.this_module. EI_CLASS and EI_DATA are never looked at; e_machine is. "
        "Where "
        "release or machine is not known, what every kernel refuses is refused all the same.",
        "ENOEXEC 'Invalid ELF header magic: ...', 'Invalid architecture in ELF header: N', "
        "'Invalid ELF section header overflow' and others, since 5.17; kernels before print little "
        "of that, and 5.12 to 5.16 'Module has invalid ELF structures'",
        "build the module again for this machine; a file that was cut short must be copied again",
        "all", "kernel/module/main.c: elf_validity_cache_copy(), elf_validity_check()", gate::elf},
    Gate{"struct-module-size", "struct-module-size-mismatch", "elf",
         "struct module has the size the kernel was built with",
         "Since 6.4, and before the CRC of module_layout is looked at. The size follows from the "
         "kernel's configuration. It is known from any module that came with the kernel, from BTF "
         "of "
         "its vmlinux or image. With headers alone an equal CRC of module_layout stands for it: "
         "that "
         "CRC covers struct module as the compiler saw it, so the size is the kernel's if the "
         "section still has the size of the symbol __this_module. A section that was edited is "
         "unknown then, never passed.",
         "ENOEXEC 'module NAME: .gnu.linkonce.this_module section size must match the kernel's "
         "built struct module size at run time'",
         "build against the headers of exactly this kernel", "6.4",
         "kernel/module/main.c: elf_validity_cache_index_mod()", gate::struct_module_size},
    Gate{
        "elf-symbols", "elf-malformed", "elf", "there is one symbol table, with its strings",
        "A module needs its symbol table: strip --strip-debug keeps it, a full strip does not. "
        "From "
        "6.13 on its strings must begin and end with NUL and hold every name; from 6.14 on the two "
        "tables of extended versions must fit each other.",
        "ENOEXEC 'NAME: module has no symbols (stripped?)', 'NAME: No module found in object', "
        "'symbol name out of bounds in string table', 'more extended version crcs than names' and "
        "others",
        "strip modules with --strip-debug at most", "all",
        "kernel/module/main.c: elf_validity_cache_index_sym(), setup_load_info()",
        gate::elf_symbols},
    Gate{"blacklist", "module-blacklisted", "early", "module_blacklist= does not name it",
         "The kernel's own list on its command line, compared with the name in the module. It is "
         "not the blacklist of modprobe.d, which only keeps aliases from resolving.",
         "EPERM 'Module NAME is blacklisted'", "take the name out of module_blacklist=", "4.9",
         "kernel/module/main.c: blacklisted()", gate::blacklist},
    Gate{
        "module-layout", "module-layout-mismatch", "early",
        "the module was built for this layout of the kernel's structures",
        "With CONFIG_MODVERSIONS the CRC of module_layout must agree, before any other symbol is "
        "looked at. Kernels of one series often share it. Without a version table the module is "
        "refused silently, unless the kernel has CONFIG_MODULE_FORCE_LOAD, which loads it and "
        "taints F. Debian's kernels also refuse a table that lacks the entry.",
        "ENOEXEC 'NAME: disagrees about version of symbol module_layout', 'NAME: no symbol version "
        "for module_layout', or nothing",
        "build against the headers of exactly this kernel, with their Module.symvers", "all",
        "kernel/module/version.c: check_modstruct_version()", gate::module_layout},
    Gate{"vermagic", "vermagic-mismatch", "early", "the version magic agrees",
         "Compared byte for byte, spaces included. With symbol versions on both sides the kernel "
         "leaves out the first word, the release: a module of another release of the same series "
         "may well load. Policy build demands the release all the same.",
         "ENOEXEC 'NAME: version magic '...' should be '...''",
         "build against the headers of exactly this kernel", "all",
         "kernel/module/main.c: check_modinfo(); kernel/module/version.c: same_magic()",
         gate::vermagic},
    Gate{"livepatch", "livepatch-unsupported", "early",
         "a livepatch is loaded where there is support",
         "modinfo livepatch= marks a livepatch module, which needs CONFIG_LIVEPATCH. The other way "
         "round, "
         "a livepatch that is active on the machine may refuse a module it is meant to patch "
         "('patch '...' failed for module'); no file tells which are active, so that is not looked "
         "at.",
         "ENOEXEC 'NAME: module is marked as livepatch module, but livepatch support is disabled'",
         "use a kernel with CONFIG_LIVEPATCH", "4.0",
         "kernel/module/main.c: check_modinfo_livepatch()", gate::livepatch},
    Gate{"already-loaded", "module-already-loaded", "early", "no module of that name is loaded",
         "The name is the one inside the module, whatever its file is called. Modules checked in "
         "one call count as loaded before those that need them; others with --assume loaded=NAME.",
         "EEXIST without a message", "remove the loaded one first, or rename one", "all",
         "kernel/module/main.c: module_patient_check_exists()", gate::already_loaded},
    Gate{"plt", "plt-missing", "early", "arm and arm64 modules have their PLT sections",
         "The kernel's linker script gives every module .plt and .init.plt.",
         "ENOEXEC 'NAME: module PLT section(s) missing'", "link through Kbuild", "4.5",
         "arch/arm64/kernel/module-plts.c: module_frob_arch_sections()", gate::plt},
    Gate{"write-exec", "write-exec-section", "early", "no section is both writable and executable",
         "With CONFIG_STRICT_MODULE_RWX, which is the default nearly everywhere.",
         "ENOEXEC 'NAME: section S (index N) has invalid WRITE|EXEC flags'",
         "check the .section flags in assembly files", "5.8",
         "kernel/module/strict_rwx.c: module_enforce_rwx_sections()", gate::write_exec},
    Gate{"allocation", "module-too-large", "early", "its sections fit the room for modules",
         "x86-64 has 1008 MiB of addresses for all modules (1520 MiB without "
         "CONFIG_RANDOMIZE_BASE), "
         "which a large static array can exceed. 64 MiB are taken to be there; whether a machine "
         "has "
         "more than that free is not known here. Sizes that do not fit in 32 bits are no module a "
         "compiler made, and unknown.",
         "ENOMEM without a message; since 6.10 'execmem: unable to allocate memory'",
         "allocate large buffers at run time (vmalloc()) instead of as static arrays", "all",
         "kernel/module/main.c: layout_sections(), move_module()", gate::allocation},
    Gate{
        "percpu", "percpu-too-large", "finish", "static per-CPU data fits the reserve",
        "All modules together share 8 KiB of static per-CPU data; x86-32 and powerpc allow 32 KiB "
        "to "
        "each. What other modules have taken already is not known here. The lines come with a "
        "stack.",
        "ENOMEM 'illegal size (N) or align (N) for percpu allocation' or 'percpu: allocation "
        "failed, size=N align=N atomic=0, alloc from reserved chunk failed', then 'NAME: Could not "
        "allocate N bytes percpu data'",
        "use alloc_percpu() instead of DEFINE_PER_CPU()", "all",
        "kernel/module/main.c: percpu_modalloc()", gate::percpu},
    Gate{"constructors", "mixed-constructors", "finish", "constructors are of one kind",
         "With CONFIG_CONSTRUCTORS a module may have .ctors or .init_array, not both.",
         "EINVAL 'NAME: has both .ctors and .init_array.'", "compile all objects alike", "3.15",
         "kernel/module/main.c: find_module_sections()", gate::constructors},
    Gate{"export-versions", "exports-without-versions", "finish", "exports have CRCs",
         "A kernel with CONFIG_MODVERSIONS wants a CRC table beside each table of exports. With "
         "CONFIG_MODULE_FORCE_LOAD it loads the module all the same, and taints F.",
         "ENOEXEC without a message", "build against a tree with CONFIG_MODVERSIONS", "all",
         "kernel/module/main.c: check_export_symbol_versions()", gate::export_versions},
    Gate{"module-namespace-import", "module-namespace-import", "finish",
         "no namespace of the form module:NAME is imported",
         "Such namespaces are granted by the exporter to modules it names, and cannot be imported.",
         "EPERM 'NAME: module tries to import module namespace: NS'",
         "drop the MODULE_IMPORT_NS line", "6.16", "kernel/module/main.c: setup_modinfo()",
         gate::module_namespace_import},
    Gate{"symbols", "unknown-symbol", "symbols", "every import is exported, with the right CRC",
         "Walks the symbol table in order and goes on after a failure, so that all lines appear; "
         "the "
         "errno is that of the last symbol that failed: ENOENT when it is not there, EINVAL when "
         "its "
         "CRC or namespace does not fit. GPL-only symbols do not exist for a module whose licence "
         "is not GPL-compatible. Weak symbols may be absent. Modules the symbols come from are "
         "taken to be loaded, as modprobe sees to; but not those of the same call that are refused "
         "themselves, or that need this one.",
         "ENOENT, EINVAL 'NAME: Unknown symbol S (err -2|-22)', before it 'NAME: disagrees about "
         "version of symbol S' or 'NAME: module uses symbol (S) from namespace NS, but does not "
         "import it.'",
         "build against this kernel's headers; declare LINK_MODULES; import namespaces", "all",
         "kernel/module/main.c: simplify_symbols(), resolve_symbol()", gate::symbols},
    Gate{"common-symbols", "common-symbol", "symbols", "no common symbols",
         "Uninitialised globals of objects compiled without -fno-common. Found in the same walk as "
         "the imports.",
         "ENOEXEC 'NAME: please compile with -fno-common'", "compile with -fno-common", "all",
         "kernel/module/main.c: simplify_symbols()", gate::common_symbols},
    Gate{
        "relocations", "relocation-refused", "relocation", "every relocation can be applied",
        "Types the machine's loader does not know (each of Debian's machines has its list), and on "
        "x86-64 32-bit addresses that cannot hold a kernel address and bytes that are not zero "
        "before they are filled. Whether an address is in reach elsewhere depends on where the "
        "kernel puts the module, and is not judged. Some types depend on the configuration: "
        "CONFIG_THUMB2_KERNEL, CONFIG_PPC_KERNEL_PCREL. With CONFIG_LIVEPATCH a section marked as "
        "relocations of a live patch must be called .klp.rela.OBJECT.SECTION (5.8 and later).",
        "ENOEXEC 'module: NAME: Unknown rela relocation: N' (x86-64), 'module: overflow in "
        "relocation type N val ...', 'module: x86/modules: Invalid relocation target, existing "
        "value is nonzero ...', 'Modules: module NAME: unsupported RELA relocation: N' (arm64), "
        "'NAME: unknown relocation: N' (arm), 'module_64: NAME: Unknown ADD relocation: N' "
        "(powerpc), 'module NAME: unknown relocation: N' (s390); EINVAL 'NAME: Unknown relocation "
        "type N' (mips, riscv), 'livepatch: section S has an incorrectly formatted name'",
        "compile with the kernel's flags, through Kbuild", "all",
        "arch/*/kernel/module.c: apply_relocate(), apply_relocate_add()", gate::relocations},
    Gate{"ftrace-trampoline", "ftrace-trampoline-missing", "relocation",
         "arm64 modules have the room for ftrace's trampolines",
         "With CONFIG_DYNAMIC_FTRACE, and before 6.5 CONFIG_ARM64_MODULE_PLTS, the loader fills in "
         "the section .text.ftrace_trampoline, newer ones .init.text.ftrace_trampoline too. The "
         "kernel's linker script gives both to every module.",
         "ENOEXEC without a message", "link through Kbuild", "4.18",
         "arch/arm64/kernel/module.c: module_init_ftrace_plt()", gate::ftrace_trampoline},
    Gate{"duplicate-exports", "duplicate-export", "finish", "no export exists already",
         "Neither the kernel nor a loaded module may export the same name. Of the kernel's own "
         "modules "
         "those are taken to be loaded that the module needs.",
         "ENOEXEC 'NAME: exports duplicate symbol S (owned by OWNER)'", "rename the symbol", "all",
         "kernel/module/main.c: verify_exported_symbols()", gate::duplicate_exports},
    Gate{"livepatch-object", "livepatch-object-name", "finish", "the module is not called vmlinux",
         "With CONFIG_LIVEPATCH the kernel reserves the name by which live patches mean the kernel "
         "itself.",
         "EINVAL 'livepatch: vmlinux.ko: invalid module name'", "give the module another name",
         "5.8", "kernel/livepatch/core.c: klp_module_coming()", gate::livepatch_object},
    Gate{
        "btf", "btf-mismatch", "finish", "BTF in the module fits the kernel's",
        "A module without .BTF is never refused. With CONFIG_MODULE_ALLOW_BTF_MISMATCH nothing is, "
        "and the kernel prints a line. BTF of a module counts on from the kernel's own: header, "
        "strings and each type are checked against the BTF of vmlinux, of /sys/kernel/btf/vmlinux, "
        "or of the kernel's image. Since 6.11 a module may bring the types it counts on from in "
        ".BTF.base (pahole 1.28 and later, with a vmlinux in the build directory); the kernel "
        "looks "
        "for them among its own by name, kind and size. Where BTF leads the kernel outside its "
        "tables "
        "the answer is unknown. 'Skipping BTF generation' at build time does not matter for "
        "loading.",
        "EINVAL, ENOENT, ENOTSUPP (524), E2BIG, ELOOP 'failed to validate module [NAME] BTF: -N' "
        "after "
        "lines 'BPF: ...' or 'distilled base BTF type ...'; where it is tolerated 'Kernel module "
        "BTF mismatch detected, BTF debug "
        "info may be unavailable for some modules', once per boot (since 6.3)",
        "build without BTF, or against the vmlinux of exactly this kernel", "5.11",
        "kernel/bpf/btf.c: btf_module_notify()", gate::btf},
    Gate{
        "parameters", "parameter-refused", "start", "every parameter takes the value it is given",
        "Looked at with --assume param=NAME=VALUE; without one, none is given. An unknown "
        "parameter "
        "is ignored with a line. A value that its type does not take, or one that is missing, is "
        "refused; the kernel goes on with the next one, and the last error is its answer. Setters "
        "that are the module's own code cannot be foreseen. Of an array the line shows the first "
        "element only. Parameters that name hardware are refused under lockdown.",
        "EINVAL, ERANGE 'NAME: `VALUE' invalid for parameter `P''; ENOSPC 'NAME: `VALUE' too large "
        "for parameter `P''; EPERM under lockdown; 'NAME: unknown parameter 'P' ignored' rejects "
        "nothing",
        "kovet info lists the parameters and their types", "all",
        "kernel/params.c: parse_args(); kernel/module/main.c: unknown_module_param_cb()",
        gate::parameters},
    Gate{"sysfs", "sysfs-name-taken", "start", "its folder in /sys/module can be made",
         "/sys/module/NAME exists already when a driver of that name is built into the kernel and "
         "has parameters or a version: modules.builtin.modinfo beside the kernel's modules tells, "
         "and more exactly the kernel's image. Two parameters of one name are refused when both "
         "have "
         "permissions: each gets a file; two source files of a module that say module_param() of "
         "one name compile and link. Kernels that heed the failure also refuse two "
         "allocated sections of one name; older ones print 'sysfs: cannot create duplicate "
         "filename' with a stack and load the module.",
         "EINVAL 'NAME: module is already loaded'; EEXIST 'sysfs: cannot create duplicate filename "
         "'/module/NAME/parameters/P'' or '/module/NAME/sections/S'' and a stack",
         "give the module another name, each parameter its own; link it through Kbuild, which "
         "merges "
         "sections",
         "all", "kernel/module/sysfs.c: mod_sysfs_setup()", gate::sysfs},
    Gate{"init", "", "start", "the module's own init function",
         "It is no check of the kernel's: an error it returns becomes the answer as it is, without "
         "a line. No file tells what it will return, so the verdict is the loader's answer up to "
         "the call, and this row is always listed as not evaluated.",
         "whatever it returns; above 0 it loads with 'do_init_module: 'NAME'->init suspiciously "
         "returned N, it should follow 0/-E convention'",
         "kovet boot shows what it returns in a guest; kovet explain what that errno often means",
         "all", "kernel/module/main.c: do_init_module()", gate::init},
};

void move_behind(std::vector<const Gate*>& order, std::string_view id, std::string_view anchor) {
  const auto is = [](std::string_view wanted) {
    return [wanted](const Gate* gate) { return gate->id == wanted; };
  };
  const auto from = std::find_if(order.begin(), order.end(), is(id));
  const auto to = std::find_if(order.begin(), order.end(), is(anchor));
  if (from < to) std::rotate(from, from + 1, to + 1);
}

}  // namespace

std::span<const Gate> gates() {
  return table;
}

std::vector<const Gate*> gates_in_order(const Kernel& kernel) {
  std::vector<const Gate*> order;
  order.reserve(table.size());
  for (const Gate& gate : table) order.push_back(&gate);
  if (!kernel.version) return order;
  // add_unformed_module() was the only place that looked before 6.4.
  if (*kernel.version < KernelVersion{6, 4, 0}) move_behind(order, "already-loaded", "allocation");
  if (*kernel.version < KernelVersion{5, 12, 0}) move_behind(order, "signature", "blacklist");
  return order;
}

}  // namespace kovet
