#include "explain/message.h"

#include <gmock/gmock.h>

#include <set>

#include "explain/explain.h"
#include "explain/pattern.h"

namespace kovet::explain {
namespace {

/// The one explanation of a line, or nothing.
std::optional<Explanation> explain(std::string_view line) {
  Explainer explainer;
  explainer.line(line, 1);
  auto result = explainer.finish({});
  EXPECT_LE(result.items.size(), 1U) << line;
  if (result.items.empty()) return std::nullopt;
  return result.items.front();
}

/// A pattern with plausible words in place of its placeholders.
std::string example(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && text.substr(i, 2) == "{{") {
      result += '{';
      ++i;
    } else if (text[i] == '{') {
      const std::size_t end = text.find('}', i);
      const std::string_view name = text.substr(i + 1, end - i - 1);
      if (name == "error")
        result += "-22";
      else if (name == "number" || name == "count" || name == "type" || name == "section")
        result += "7";
      else if (name == "value")
        result += "1f0c";
      else if (name == "end")
        result += "";
      else if (name == "reason")
        result += "Invalid argument";
      else if (name == "path")
        result += "/lib/modules/x/hello.ko";
      else
        result += "hello_" + std::string(name);
      i = end;
    } else {
      result += text[i];
    }
  }
  return result;
}

TEST(Messages, EveryWordingIsExplainedByItsOwnRow) {
  for (const Message& row : messages())
    for (const std::string_view text : row.texts) {
      if (text.empty()) continue;
      const std::string line = "[   12.345678] " + example(text);
      const auto item = explain(line);
      ASSERT_TRUE(item) << line;
      EXPECT_EQ(item->message->id, row.id) << line;
    }
}

TEST(Messages, RowsAreComplete) {
  std::set<std::string_view> ids;
  for (const Message& row : messages()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id << " occurs twice";
    EXPECT_FALSE(row.texts[0].empty()) << row.id;
    EXPECT_FALSE(row.meaning.empty()) << row.id;
    EXPECT_FALSE(row.next.empty()) << row.id;
    for (const std::string_view text : row.texts) {
      if (text.empty()) continue;
      EXPECT_GE(Pattern(text).keyword().size(), 7U) << row.id << ": too common a word";
    }
  }
}

TEST(Messages, PlaceholdersOfTextsAreFilled) {
  for (const Message& row : messages()) {
    const auto item = explain(example(row.texts[0]));
    ASSERT_TRUE(item) << row.id;
    EXPECT_EQ(item->meaning.find('{'), std::string::npos) << item->meaning;
    EXPECT_EQ(item->next.find('{'), std::string::npos) << item->next;
  }
}

struct Line {
  const char* text;
  const char* id;
  const char* gate;
};

class RealLine : public ::testing::TestWithParam<Line> {};

TEST_P(RealLine, IsExplained) {
  const auto item = explain(GetParam().text);
  ASSERT_TRUE(item) << GetParam().text;
  EXPECT_EQ(item->message->id, GetParam().id);
  EXPECT_EQ(item->message->gate, GetParam().gate);
}

// Lines as kernels and tools of different ages print them.
INSTANTIATE_TEST_SUITE_P(
    Kernel, RealLine,
    ::testing::Values(
        Line{"initcall hello_init+0x0/0x1000 [hello] returned with preemption imbalance ",
             "init-imbalance", "init"},
        Line{"Unpatched return thunk in use. This should not happen!", "return-thunk", ""},
        Line{"hello: module has bad taint, not creating trace events", "trace-events-refused",
             "taint"},
        Line{"ftrace: failed to allocate entries for module 'hello' functions", "ftrace-module",
             ""},
        Line{"------------[ ftrace bug ]------------", "ftrace-bug", ""},
        Line{"dyndbg: query parse failed", "parameter-dyndbg", "parameters"},
        Line{"request_module: kmod_concurrent_max (3) close to 0 (max_modprobes: 50), for module "
             "hello, "
             "throttling...",
             "modprobe-busy", ""},
        Line{"[   35.511422] Loading of unsigned module is rejected", "signature-unsigned",
             "signature"},
        Line{"[   35.5] Loading of module with unavailable key is rejected",
             "signature-unavailable-key", "signature"},
        Line{"module: hello: loading of unsigned module is rejected", "signature-unsigned",
             "signature"},
        Line{"module: PKCS#7 signature info has unexpected non-zero params",
             "signature-nonzero-params", "signature"},
        Line{"PKCS7: Message signed outside of X.509 validity window", "signature-outside-validity",
             "signature"},
        Line{"Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7",
             "lockdown-unsigned", "signature"},
        Line{"Lockdown: Loading of unsigned modules is restricted; see man kernel_lockdown.7",
             "lockdown-unsigned", "signature"},
        Line{"Kernel is locked down from EFI Secure Boot mode; see man kernel_lockdown.7",
             "lockdown-active", "signature"},
        Line{"Invalid ELF header magic: != \x7f"
             "ELF",
             "elf-header", "elf"},
        Line{"Invalid architecture in ELF header: 183", "elf-architecture", "elf"},
        Line{"Invalid ELF section name index: 0 || e_shstrndx (0) >= e_shnum (34)",
             "elf-section-names", "elf"},
        Line{"ELF Spec violation: section 0 type(1)!=SH_NULL or non-zero len or addr",
             "elf-section-table", "elf"},
        Line{"hello: No module found in object", "elf-this-module-old", "elf-symbols"},
        Line{"(missing .modinfo section or name field): module has no symbols (stripped?)",
             "elf-stripped", "elf-symbols"},
        Line{"module hello: .gnu.linkonce.this_module section size must match the kernel's built "
             "struct module size at run time",
             "struct-module-size", "struct-module-size"},
        Line{"Module len 123456 truncated", "elf-structure", "elf"},
        Line{"Module nouveau is blacklisted", "blacklisted", "blacklist"},
        Line{"hello: disagrees about version of symbol module_layout", "module-layout",
             "module-layout"},
        Line{"hello: no symbol version for module_layout", "module-layout-absent", "module-layout"},
        Line{"hello: disagrees about version of symbol usb_submit_urb", "symbol-version",
             "symbols"},
        Line{"hello: Unknown symbol foo (err 0)", "symbol-unknown", "symbols"},
        Line{"hello: Unknown symbol foo", "symbol-unknown", "symbols"},
        Line{"hello: module uses symbol (dma_buf_get) from namespace DMA_BUF, but does not import "
             "it.",
             "symbol-namespace", "symbols"},
        Line{"hello: gave up waiting for init of module usbcore.", "symbol-owner-initialising",
             "symbols"},
        Line{"hello: exports duplicate symbol foo (owned by kernel)", "duplicate-export",
             "duplicate-exports"},
        Line{"hello: Unknown rela relocation: 42", "relocation-unknown", "relocations"},
        Line{"overflow in relocation type 11 val ffff8881", "relocation-overflow", "relocations"},
        Line{"[    1.0] `hello' likely not compiled with -mcmodel=kernel", "relocation-code-model",
             "relocations"},
        Line{"x86/modules: Invalid relocation target, existing value is nonzero for type 1, loc "
             "00000000f0d27d4f, val ffffffffc05d1000",
             "relocation-target", "relocations"},
        Line{"hello: section 4 reloc 12 sym 'printk': relocation 28 out of range (0xbf000024 -> "
             "0xc0112233)",
             "relocation-range", "relocations"},
        Line{"failed to validate module [hello] BTF: -22", "btf-invalid", "btf"},
        Line{"hello: unknown parameter 'debg' ignored", "parameter-unknown", "parameters"},
        Line{"hello: Unknown parameter `debg'", "parameter-unknown-old", "parameters"},
        Line{"hello: `abc' invalid for parameter `count'", "parameter-invalid", "parameters"},
        Line{"do_init_module: 'hello'->init suspiciously returned 1, it should follow 0/-E "
             "convention",
             "init-positive", "init"},
        Line{"6,812,12345678,-;do_init_module: 'hello'->init suspiciously returned 22, it should "
             "follow "
             "0/-E convention\\x0ado_init_module: loading module anyway...",
             "init-positive", "init"},
        Line{"initcall hello_init+0x0/0x1000 [hello] returned -19 after 12 usecs", "init-returned",
             "init"},
        Line{"hello: init failed with -22", "init-failed", "init"},
        Line{"hello: loading out-of-tree module taints kernel.", "taint-out-of-tree", "taint"},
        Line{"hello: module verification failed: signature and/or  required key missing - tainting "
             "kernel",
             "taint-unsigned", "taint"},
        Line{"nvidia: module license 'NVIDIA' taints kernel.", "taint-licence", "taint"},
        Line{"hello: bad vermagic: kernel tainted.", "taint-forced-vermagic", "vermagic"},
        Line{"hello: module_layout: kernel tainted.", "taint-forced-versions", "module-layout"}));

INSTANTIATE_TEST_SUITE_P(
    Tools, RealLine,
    ::testing::Values(
        Line{"rmmod: can't unload module 'hello': No such file or directory", "remove-not-loaded",
             ""},
        Line{"rmmod: can't unload module 'hello': Resource temporarily unavailable",
             "remove-in-use", ""},
        Line{"rmmod: ERROR: could not remove module hello: Operation not permitted",
             "remove-not-permitted", ""},
        Line{"rmmod: can't unload module 'hello': Function not implemented", "remove-failed", ""},
        Line{"rmmod: ERROR: could not remove module hello: Device or resource busy", "remove-busy",
             ""},
        Line{"depmod: FATAL: could not load /boot/System.map: No such file or directory",
             "depmod-arguments", ""},
        Line{"depmod: FATAL: hello.ko: not absolute path.", "depmod-arguments", ""},
        Line{"depmod: ERROR: could not open directory /lib/modules/6.1.0-nope: No such file or "
             "directory",
             "depmod-directory", ""},
        Line{"depmod: WARNING: could not open modules.builtin.modinfo at /lib/modules/6.1.0: No "
             "such file or directory",
             "depmod-lists", ""},
        Line{"modinfo: can't open '/lib/modules/6.1.0/modules.dep': No such file or directory",
             "busybox-not-found", ""},
        Line{"depmod: can't change directory to 'lib/modules/6.1.0': No such file or directory",
             "busybox-not-found", ""},
        Line{"insmod: short read", "insmod-short-read", "syscall"},
        Line{"insmod: ERROR: could not insert module ./hello.ko: Invalid module format",
             "insmod-insert", ""},
        Line{"insmod: error inserting './hello.ko': -1 Invalid module format", "insmod-insert", ""},
        Line{"insmod: can't insert 'hello.ko': invalid module format", "insmod-insert", ""},
        Line{"insmod: ERROR: could not load module -f: No such file or directory", "insmod-option",
             ""},
        Line{"modprobe: FATAL: Module ./hello.ko not found in directory /lib/modules/6.1.0",
             "modprobe-file-named", ""},
        Line{"modprobe: FATAL: Module /tmp/hello.ko.xz not found in directory /lib/modules/6.1.0",
             "modprobe-file-named", ""},
        Line{"insmod: ERROR: could not load module hello: No such file or directory", "insmod-load",
             ""},
        Line{"modprobe: ERROR: could not insert 'hello': Exec format error", "modprobe-insert", ""},
        Line{
            "FATAL: Error inserting hello (/lib/modules/3.2/extra/hello.ko): Invalid module format",
            "modprobe-insert", ""},
        Line{"modprobe: ERROR: could not insert 'hello': Module already in kernel",
             "modprobe-already-loaded", "already-loaded"},
        Line{"modprobe: FATAL: Module hello not found in directory /lib/modules/6.1.0",
             "modprobe-not-found", ""},
        Line{"modprobe: WARNING: Module hello not found in directory /usr/lib/modules/6.1.0",
             "modprobe-not-found", ""},
        Line{"modprobe: FATAL: Module hello not found.", "module-not-found", ""},
        Line{"modprobe: module hello not found in modules.dep", "module-not-found", ""},
        Line{"modprobe: WARNING: Module ./hello.ko not found in directory /lib/modules/6.1.0",
             "modprobe-file-named", ""},
        Line{"Nov 23 21:00:17 box systemd-modules-load[291]: Failed to find module 'hello'",
             "module-not-found", ""},
        Line{
            "Nov 23 21:00:17 box systemd-modules-load[291]: Failed to lookup module alias 'hello': "
            "Function not implemented",
            "systemd-alias", ""},
        Line{"Nov 23 21:00:17 box systemd[1]: Failed to start Load Kernel Modules.",
             "systemd-modules-load", ""},
        Line{"modprobe: ERROR: ../libkmod/libkmod-module.c:191 kmod_module_parse_depline() "
             "ctx=0x564f849c92a0 path=/lib/modules/6.1.0/extra/prov.ko error=No such file or "
             "directory",
             "modprobe-file-gone", ""},
        Line{"modprobe: DEBUG: ../libkmod/libkmod.c:610 kmod_search_moddep() could not open moddep "
             "file "
             "'/lib/modules/6.1.0/modules.dep.bin'",
             "modprobe-index", ""},
        Line{"modinfo: ERROR: Module ./hello.ko not found.", "modinfo-file-named", ""},
        Line{"modinfo: ERROR: Module hello not found.", "modinfo-not-found", ""},
        Line{"sh: 1: /sbin/insmod: No such file or directory", "tool-absent", ""},
        Line{"-bash: insmod: command not found", "tool-missing", ""},
        Line{"sudo: /sbin/modprobe: command not found", "tool-missing", ""},
        Line{"/bin/sh: 1: depmod: not found", "tool-missing", ""},
        Line{"zsh: command not found: insmod", "tool-missing-other", ""},
        Line{"insmod: ERROR: could not load module /home/a/hello.ko: Permission denied",
             "insmod-forbidden", ""},
        Line{"depmod: ERROR: could not open directory /lib/modules/6.1.0: Permission denied",
             "depmod-forbidden", ""},
        Line{"depmod: ERROR: could not fstatat(/lib/modules/6.1.0, modules.dep): No such file or "
             "directory",
             "depmod-quick", ""},
        Line{"depmod: ERROR: fstatat(4, gone.ko): No such file or directory", "depmod-passed-over",
             ""},
        Line{"depmod: ERROR: openat(4, extra, O_RDONLY): Permission denied", "depmod-passed-over",
             ""},
        Line{"depmod: ERROR: unsupported file type /lib/modules/6.1.0/extra/pipe.ko: 10000",
             "depmod-passed-over", ""},
        Line{"Error! DKMS tree already contains: foo-1.0", "dkms-added", ""},
        Line{"Module build for kernel 6.1.0 was skipped since the", "dkms-skipped", ""},
        Line{"Error! Could not find module source directory.", "dkms-source", ""},
        Line{"Nov 23 21:00:17 box systemd-modules-load[291]: Failed to insert module 'hello': Exec "
             "format "
             "error",
             "modprobe-insert", ""},
        Line{"libkmod: ERROR ../libkmod/libkmod-config.c:712 kmod_config_parse: "
             "/etc/modprobe.d/a.conf "
             "line 3: ignoring bad line starting with 'optons'",
             "modprobe-config", ""},
        Line{"depmod: ERROR: openat(/lib/modules/6.1.0-56-amd64, "
             "modules.dep.bin.4650.371173.1795663618, "
             "301, 644): Permission denied",
             "depmod-write", ""},
        Line{"depmod: ERROR: /etc/depmod.d/a.conf:1: ignoring bad line starting with 'serch'",
             "modprobe-config", ""},
        Line{"depmod: ERROR: Bad version passed foo.ko", "depmod-release", ""},
        Line{"make: *** /lib/modules/6.1.0-99/build: No such file or directory.  Stop.",
             "kernel-folder-missing", ""},
        Line{"modinfo: ERROR: could not get modinfo from 'x': Invalid argument",
             "modinfo-unreadable", ""},
        Line{"modprobe: FATAL: Failed to get module from path ./a.ko: No such file or directory",
             "insmod-load", ""},
        Line{"systemd-modules-load[1]: Failed to insert 'hello': No such device", "modprobe-insert",
             ""},
        Line{"depmod: WARNING: /lib/modules/6.1/extra/hello.ko needs unknown symbol foo",
             "depmod-unknown-symbol", "symbols"},
        Line{"ERROR: modpost: \"foo\" [/tmp/a/hello.ko] undefined!", "modpost-undefined",
             "symbols"},
        Line{"WARNING: modpost: module hello uses symbol foo from namespace BAR, but does not "
             "import it.",
             "modpost-namespace", "symbols"},
        Line{"Skipping BTF generation for /tmp/hello.ko due to unavailability of vmlinux",
             "btf-skipped", "btf"}));

struct StagedLine {
  Line line;
  Stage stage;
};

class LoaderLine : public ::testing::TestWithParam<StagedLine> {};

TEST_P(LoaderLine, HasItsCheckAndStage) {
  const auto& [line, stage] = GetParam();
  const auto item = explain(line.text);
  ASSERT_TRUE(item) << line.text;
  EXPECT_EQ(item->message->id, line.id) << line.text;
  EXPECT_EQ(item->message->gate, line.gate) << line.text;
  EXPECT_EQ(item->message->stage, stage) << line.text;
}

// The loader's messages, from 2.6 to today.
INSTANTIATE_TEST_SUITE_P(
    Ages, LoaderLine,
    ::testing::Values(
        StagedLine{{"not an xz compressed module", "compression-kind", "compression"},
                   Stage::refused},
        StagedLine{{"decompression failed with status 6", "compression-corrupt", "compression"},
                   Stage::refused},
        StagedLine{
            {"module: not signed with expected PKCS#7 message", "signature-not-pkcs7", "signature"},
            Stage::undecided},
        StagedLine{{"hello: PKCS#7 signature info has unexpected non-zero params",
                    "signature-nonzero-params", "signature"},
                   Stage::refused},
        StagedLine{{"hello: unsigned module is rejected", "signature-unsigned", "signature"},
                   Stage::refused},
        StagedLine{{"hello: loading of module with unsupported crypto is rejected",
                    "signature-unsupported-crypto", "signature"},
                   Stage::refused},
        StagedLine{{"hello: module with unavailable key is rejected", "signature-unavailable-key",
                    "signature"},
                   Stage::refused},
        StagedLine{
            {"PKCS7: Invalid module sig (has authattrs)", "signature-invalid-content", "signature"},
            Stage::refused},
        StagedLine{{"PKCS7: Message signed outside of X.509 validity window",
                    "signature-outside-validity", "signature"},
                   Stage::refused},
        StagedLine{{"Invalid ELF header len 12", "elf-header", "elf"}, Stage::refused},
        StagedLine{{"Invalid ELF header type: 2 != 1", "elf-header", "elf"}, Stage::refused},
        StagedLine{{"Invalid module architecture in ELF header: 21", "elf-architecture", "elf"},
                   Stage::refused},
        StagedLine{{"Invalid ELF section header overflow", "elf-section-table", "elf"},
                   Stage::refused},
        StagedLine{{"Invalid ELF section in module (section 3 type 1)", "elf-section-table", "elf"},
                   Stage::refused},
        StagedLine{
            {"Invalid ELF section name in module (section 3 type 1)", "elf-section-names", "elf"},
            Stage::refused},
        StagedLine{{"Only one .modinfo section must exist.", "elf-modinfo-count", "elf"},
                   Stage::refused},
        StagedLine{{"module hello: Exactly one .gnu.linkonce.this_module section must exist.",
                    "elf-this-module", "elf"},
                   Stage::refused},
        StagedLine{{"hello: Symbol foo has an invalid section index 99 (max 34)",
                    "elf-symbol-section", "symbols"},
                   Stage::refused},
        StagedLine{{"sysfs: cannot create duplicate filename '/module/hello/sections/.init.text'",
                    "sysfs-section-twice", "sysfs"},
                   Stage::undecided},
        StagedLine{{"execmem: unable to allocate memory", "no-memory-for-module", "allocation"},
                   Stage::refused},
        StagedLine{{"Invalid ELF sh_link!=SHN_UNDEF(0) or (sh_link(99) >= hdr->e_shnum(34)",
                    "elf-symbol-table", "elf-symbols"},
                   Stage::refused},
        StagedLine{{"symbol name out of bounds in string table", "elf-symbol-name", "elf-symbols"},
                   Stage::refused},
        StagedLine{{"more extended version crcs than names", "elf-extended-versions", "elf"},
                   Stage::refused},
        StagedLine{{"Module has invalid ELF structures", "elf-structure", "elf"}, Stage::refused},
        StagedLine{{"Module len 4096 truncated", "elf-structure", "elf"}, Stage::refused},
        StagedLine{{"Module hello is blacklisted", "blacklisted", "blacklist"}, Stage::refused},
        StagedLine{{"hello: disagrees about version of symbol module_layout", "module-layout",
                    "module-layout"},
                   Stage::refused},
        StagedLine{
            {"hello: version magic '4.19.0 SMP mod_unload ' should be '6.1.0 SMP mod_unload '",
             "vermagic", "vermagic"},
            Stage::refused},
        StagedLine{
            {"hello: module is marked as livepatch module, but livepatch support is disabled",
             "livepatch-disabled", "livepatch"},
            Stage::refused},
        StagedLine{{"hello: module PLT section(s) missing", "plt-missing", "plt"}, Stage::refused},
        StagedLine{{"hello: section .text (index 2) has invalid WRITE|EXEC flags", "write-exec",
                    "write-exec"},
                   Stage::refused},
        StagedLine{{"hello: Could not allocate 4096 bytes percpu data", "percpu", "percpu"},
                   Stage::refused},
        StagedLine{{"hello: per-cpu alignment 8192 > 4096", "percpu-alignment", "percpu"},
                   Stage::warned},
        StagedLine{{"hello: has both .ctors and .init_array.", "constructors", "constructors"},
                   Stage::refused},
        StagedLine{{"hello: no flags for exported symbols", "export-flags", "export-versions"},
                   Stage::refused},
        StagedLine{{"hello: module tries to import module namespace: module:kvm",
                    "module-namespace-import", "module-namespace-import"},
                   Stage::refused},
        StagedLine{{"hello: tainting kernel with TAINT_LIVEPATCH", "taint-livepatch", "taint"},
                   Stage::warned},
        StagedLine{{"hello: module is from the staging directory, the quality is unknown, you have "
                    "been warned.",
                    "taint-staging", "taint"},
                   Stage::warned},
        StagedLine{{"ndiswrapper: module license taints kernel.", "taint-proprietary", "taint"},
                   Stage::warned},
        StagedLine{{"hello: loading test module taints kernel.", "taint-test", "taint"},
                   Stage::warned},
        StagedLine{{"hello: module verification failed: signature and/or required key missing - "
                    "tainting kernel",
                    "taint-unsigned", "taint"},
                   Stage::warned},
        StagedLine{{"hello: Ignoring obsolete parameters", "parameters-obsolete", "parameters"},
                   Stage::warned},
        StagedLine{
            {"hello: module using GPL-only symbols uses symbols foo from proprietary module bar.",
             "symbol-proprietary", "symbols"},
            Stage::refused},
        StagedLine{{"hello: module uses symbols from proprietary module bar, inheriting taint.",
                    "taint-inherited", "taint"},
                   Stage::warned},
        StagedLine{{"hello: disagrees about version of symbol usb_submit_urb", "symbol-version",
                    "symbols"},
                   Stage::refused},
        StagedLine{{"hello: Unknown symbol foo (err 0)", "symbol-unknown", "symbols"},
                   Stage::refused},
        StagedLine{{"hello: Unknown symbol foo (err -22)", "symbol-unknown", "symbols"},
                   Stage::refused},
        StagedLine{{"hello: please compile with -fno-common", "common-symbols", "common-symbols"},
                   Stage::refused},
        StagedLine{{"Symbol foo is being used by a non-GPL module, which will not be allowed in "
                    "the future",
                    "symbol-gpl-future", "symbols"},
                   Stage::warned},
        StagedLine{{"Symbol foo is marked as UNUSED, however this module is using it.",
                    "symbol-unused", "symbols"},
                   Stage::warned},
        StagedLine{{"hello: Unknown relocation: 20", "relocation-unknown", "relocations"},
                   Stage::refused},
        StagedLine{{"module hello: overflow in relocation type 283 val 1f0c", "relocation-overflow",
                    "relocations"},
                   Stage::refused},
        StagedLine{{"patch 'fix' failed for module 'hello', refusing to load module 'hello'",
                    "livepatch-refuses", "livepatch"},
                   Stage::refused},
        StagedLine{{"Kernel module BTF mismatch detected, BTF debug info may be unavailable for "
                    "some modules",
                    "btf-mismatch", "btf"},
                   Stage::warned},
        StagedLine{{"hello: Unknown parameter `debg'", "parameter-unknown-old", "parameters"},
                   Stage::refused},
        StagedLine{
            {"hello: `abc' invalid for parameter `count'", "parameter-invalid", "parameters"},
            Stage::refused},
        StagedLine{{"hello: `abcdefgh' too large for parameter `name'", "parameter-too-large",
                    "parameters"},
                   Stage::refused},
        StagedLine{
            {"hello: parameters 'a=1' after `--' ignored", "parameters-after-dashes", "parameters"},
            Stage::warned},
        StagedLine{{"hello: module is already loaded", "sysfs-exists", "sysfs"}, Stage::refused}));

TEST(Messages, OtherLinesAreLeftAlone) {
  for (const char* line :
       {"usb 1-1: new high-speed USB device number 2 using xhci_hcd",
        "EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.",
        "initcall hello_init+0x0/0x1000 [hello] returned 0 after 12 usecs",
        "systemd[1]: Starting Load Kernel Modules...", "audit: type=1400 apparmor=\"STATUS\"",
        "BUG: not the kernel's", "cryptd: max_cpu_qlen set to 1000", ""})
    EXPECT_FALSE(explain(line)) << line;
}

}  // namespace
}  // namespace kovet::explain
