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
        Line{"hello: No module found in object", "elf-this-module", "elf"},
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
        Line{"insmod: ERROR: could not insert module ./hello.ko: Invalid module format",
             "insmod-insert", ""},
        Line{"insmod: error inserting './hello.ko': -1 Invalid module format", "insmod-insert", ""},
        Line{"insmod: can't insert 'hello.ko': invalid module format", "insmod-insert", ""},
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
        Line{"Nov 23 21:00:17 box systemd-modules-load[291]: Failed to find module 'hello'",
             "modprobe-not-found", ""},
        Line{"Nov 23 21:00:17 box systemd-modules-load[291]: Failed to insert module 'hello': Exec "
             "format "
             "error",
             "modprobe-insert", ""},
        Line{"libkmod: ERROR ../libkmod/libkmod-config.c:712 kmod_config_parse: "
             "/etc/modprobe.d/a.conf "
             "line 3: ignoring bad line starting with 'optons'",
             "modprobe-config", ""},
        Line{"depmod: WARNING: /lib/modules/6.1/extra/hello.ko needs unknown symbol foo",
             "depmod-unknown-symbol", "symbols"},
        Line{"ERROR: modpost: \"foo\" [/tmp/a/hello.ko] undefined!", "modpost-undefined",
             "symbols"},
        Line{"WARNING: modpost: module hello uses symbol foo from namespace BAR, but does not "
             "import it.",
             "modpost-namespace", "symbols"},
        Line{"Skipping BTF generation for /tmp/hello.ko due to unavailability of vmlinux",
             "btf-skipped", "btf"}));

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
