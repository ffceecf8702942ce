#include "kernel_root.h"

#include "tests/support/facts.h"

namespace kovet::testing {

namespace fs = std::filesystem;

KernelRoot::KernelRoot(std::string release) : release_(std::move(release)) {
  const std::string common = "usr/src/linux-headers-6.12.30+deb13-common/";
  write(common + "Makefile", "VERSION = 6\n");
  write(common + "arch/x86/Makefile", "");
  write(common + "include/linux/vermagic.h",
        "#ifdef CONFIG_PREEMPT_BUILD\n#elif defined(CONFIG_PREEMPT_RT)\n#endif\n");
  write("usr/lib/linux-kbuild-6.12.30+deb13/scripts/basic/fixdep", "x");
  write("usr/lib/linux-kbuild-6.12.30+deb13/scripts/mod/modpost", "x");
  write_header("Makefile", "include /" + common + "Makefile\n");
  link("usr/src/linux-headers-" + release_ + "/scripts",
       "../../lib/linux-kbuild-6.12.30+deb13/scripts");
  write_header("include/generated/utsrelease.h", "#define UTS_RELEASE \"" + release_ + "\"\n");
  write_header("include/config/kernel.release", release_ + "\n");
  write_header("arch/x86/include/generated/asm/unistd_64.h", "");
  write_header("include/generated/autoconf.h", "#define CONFIG_SMP 1\n");
  write_header("include/config/auto.conf",
               honest_config_text() + "CONFIG_BUILD_SALT=\"" + release_ + "\"\n");
  write_header("Module.symvers", symvers_text(honest_symbols()));
  link("lib/modules/" + release_ + "/build", "/usr/src/linux-headers-" + release_);
  link("lib/modules/" + release_ + "/source", "/usr/src/linux-headers-6.12.30+deb13-common");
}

fs::path KernelRoot::headers() const {
  return root() / "usr/src" / ("linux-headers-" + release_);
}

fs::path KernelRoot::release_dir() const {
  return root() / "lib/modules" / release_;
}

void KernelRoot::write_header(const std::string& relative, std::string_view content) {
  write("usr/src/linux-headers-" + release_ + "/" + relative, content);
}

void KernelRoot::remove(const fs::path& relative) {
  fs::remove_all(root() / relative);
}

void KernelRoot::link(const fs::path& relative, const fs::path& target) {
  fs::create_directories((root() / relative).parent_path());
  fs::remove(root() / relative);
  fs::create_symlink(target, root() / relative);
}

fs::path KernelRoot::add_module(const std::string& name, const std::string& vermagic,
                                std::uint64_t struct_size, bool in_tree) {
  ElfBuilder builder;
  builder.modinfo("license", "GPL").modinfo("name", name).modinfo("vermagic", vermagic);
  if (in_tree) builder.modinfo("intree", "Y");
  builder.this_module(name, struct_size);
  return write("lib/modules/" + release_ + "/kernel/lib/" + name + ".ko", builder.build());
}

std::string fixture_vermagic(std::string_view release) {
  return std::string(release) + " SMP preempt mod_unload modversions ";
}

}  // namespace kovet::testing
