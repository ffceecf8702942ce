#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/support/compress.h"
#include "tests/support/facts.h"

// fuzz_seeds DIR: writes DIR/<target>/<seed> for every fuzz target.

namespace {

using namespace kovet;
using namespace kovet::testing;

void write(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

void write_modules(const std::filesystem::path& folder) {
  for (const Arch arch : {Arch::x86, Arch::x86_64, Arch::arm, Arch::arm64, Arch::ppc64, Arch::s390x,
                          Arch::mips, Arch::mips64, Arch::riscv64})
    write(folder / std::string(to_string(arch)), honest_builder(arch).build());
  const std::string rich =
      honest_builder()
          .export_symbol("a", {.crc = 1})
          .export_symbol("b", {.crc = 2, .symbol_namespace = "NS", .gpl_only = true})
          .extended_version("_printk", 3)
          .common("c", 8)
          .import("w", Binding::weak)
          .modinfo("import_ns", "NS")
          .signature("DER")
          .build();
  write(folder / "rich", rich);
  write(folder / "small", ElfBuilder().modinfo("name", "x").build());
}

void write_streams(const std::filesystem::path& folder) {
  const std::string text(2000, 'k');
  write(folder / "gzip", gzip(text));
  write(folder / "xz", xz(text));
  write(folder / "zstd", zstd(text));
  write(folder / "empty.gz", gzip(""));
}

void write_symvers(const std::filesystem::path& folder) {
  write(folder / "namespace_last", symvers_text(honest_symbols()));
  write(folder / "four_columns", "0x12345678\tprintk\tvmlinux\tEXPORT_SYMBOL\n");
  write(folder / "namespace_third", "0x12345678\tprintk\tNS\tvmlinux\tEXPORT_SYMBOL_GPL\n");
  write(folder / "config", honest_config_text());
}

void write_logs(const std::filesystem::path& folder) {
  write(folder / "dmesg",
        "[    1.000000] honest: loading out-of-tree module taints kernel.\n"
        "[    1.000001] honest: version magic 'a SMP ' should be 'b SMP '\n"
        "[    1.000002] honest: Unknown symbol nosuch (err -2)\n"
        "[    1.000003] honest: disagrees about version of symbol _printk\n");
  write(folder / "kmsg",
        "6,339,5140900,-;honest: module license 'x' taints kernel.\n SUBSYSTEM=x\n");
  write(folder / "tools",
        "insmod: ERROR: could not insert module honest.ko: Invalid module format\n"
        "modprobe: ERROR: could not insert 'honest': Exec format error\n"
        "depmod: WARNING: honest.ko needs unknown symbol nosuch\n");
  write(folder / "oops",
        "BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
        "RIP: 0010:honest_init+0x5/0x10 [honest]\nCall Trace:\n do_one_initcall+0x50/0x200\n"
        " do_init_module+0x60/0x240\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds DIR\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  write_modules(folder / "module");
  write_streams(folder / "decompress");
  write_symvers(folder / "symvers");
  write_logs(folder / "explain");
  return 0;
}
