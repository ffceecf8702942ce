#include "tests/support/kernel_tree.h"

namespace kovet::testing {

namespace fs = std::filesystem;

fs::path KernelTree::write(TempDir& dir, const std::string& folder) const {
  const fs::path base = folder;
  dir.write(base / "include/config/auto.conf", config);
  dir.write(base / "include/config/kernel.release", release + "\n");
  dir.write(base / "include/generated/autoconf.h", "#define CONFIG_MODULES 1\n");
  dir.write(base / "include/generated/utsrelease.h", "#define UTS_RELEASE \"" + release + "\"\n");
  dir.write(base / "arch/x86/include/generated/asm/unistd.h", "");
  dir.write(base / "arch/x86/Makefile", "");
  dir.write(base / "Makefile", "all:\n");
  dir.write(base / ".config", config);
  for (const char* tool : {"scripts/mod/modpost", "scripts/basic/fixdep", "tools/objtool/objtool"})
    fs::permissions(dir.write(base / tool, "#!/bin/sh\n"), fs::perms::owner_all);
  if (symvers) dir.write(base / "Module.symvers", *symvers);
  return dir.path() / base;
}

fs::path KernelTree::install(TempDir& dir) const {
  const fs::path folder = "usr/src/linux-headers-" + release;
  write(dir, folder);
  const fs::path modules = dir.path() / "lib/modules" / release;
  fs::create_directories(modules);
  fs::create_symlink("../../../" + folder.string(), modules / "build");
  return dir.path();
}

}  // namespace kovet::testing
