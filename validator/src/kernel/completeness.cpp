#include "kernel/completeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernel/release_clash.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

/// A tree that a package installed is completed by packages, any other by make.
bool is_packaged(const KernelPlaces& places) {
  const std::string build = places.build_dir.string();
  return build.find("/usr/src/linux-headers-") != std::string::npos ||
         build.find("/usr/src/kernels/") != std::string::npos ||
         build.find("/lib/modules/") != std::string::npos;
}

class GapList {
 public:
  explicit GapList(const CompletenessInput& input) : input_(input) {
    release_ = input.release.empty() ? input.places.folder_release : input.release;
  }

  void add(std::string what, std::string hint, const char* rule = "tree-incomplete") {
    gaps_.push_back({std::move(what), std::move(hint), rule});
  }
  /// A file that the package holds, or that a run of make writes.
  void add_missing(const fs::path& file, std::string_view target, std::string_view why,
                   const char* rule = "tree-incomplete") {
    if (behind_a_link(file)) return;
    add(fmt::format("no {} in {}: {}", file.string(), build().string(), why), repair(target), rule);
  }
  /// The reason was told where the link was.
  bool behind_a_link(const fs::path& file) const {
    return std::find(gone_.begin(), gone_.end(), *file.begin()) != gone_.end();
  }
  void add_gone(const fs::path& link, const fs::path& target) {
    gone_.push_back(link);
    std::string package;
    for (const fs::path& part : target)
      if (part.native().starts_with("linux-headers-") || part.native().starts_with("linux-kbuild-"))
        package = part;
    add(fmt::format("{} leads to {}, which is not there", (build() / link).string(),
                    target.string()),
        package.empty() ? "put back what it leads to, or name the build directory itself: this one "
                          "is made of links"
                        : fmt::format("apt install {}", package));
  }
  std::string repair(std::string_view target) const {
    return repair_hint(input_.places, input_.distribution, release_, target);
  }
  const fs::path& build() const { return input_.places.build_dir; }
  const std::string& release() const { return release_; }
  std::vector<Gap> take() { return std::move(gaps_); }

 private:
  const CompletenessInput& input_;
  std::string release_;
  std::vector<Gap> gaps_;
  std::vector<fs::path> gone_;  // links in the build directory that lead nowhere
};

/// A build directory may consist of links into the one that the kernel was built in.
void look_at_links_inside(GapList& gaps) {
  for (const char* const name : {"Makefile", "include", "arch", ".config", "Module.symvers"}) {
    std::error_code error;
    const fs::path link = gaps.build() / name;
    if (fs::is_symlink(link, error) && !is_there(link))
      gaps.add_gone(name, fs::read_symlink(link, error));
  }
}

void look_at_links(const CompletenessInput& input, GapList& gaps) {
  for (const DanglingLink& link : input.places.dangling) {
    const std::string target = link.target.filename();
    const bool package = target.starts_with("linux-headers-");
    gaps.add(
        fmt::format("{} leads to {}, which is not there", link.link.string(), link.target.string()),
        package ? fmt::format("apt install {}", target)
                : install_headers_hint(input.places, input.distribution, gaps.release()));
  }
}

void look_at_release(const CompletenessInput& input, GapList& gaps) {
  const auto stated = stated_release(gaps.build());
  if (!stated || stated->file.filename() != "utsrelease.h") {
    gaps.add_missing("include/generated/utsrelease.h", "modules_prepare",
                     "the release that modules are built for is not fixed");
  }
  if (!is_there(gaps.build() / "include/config/kernel.release")) {
    gaps.add_missing(
        "include/config/kernel.release", "modules_prepare",
        "make modules_install and Makefiles that ask for KERNELRELEASE find no release");
  }
  if (const auto clash = release_clash(gaps.build())) {
    gaps.add(fmt::format("{} says {}, but {} says {}: files of two kernels are mixed in one tree",
                         clash->first_file.string(), clash->first, clash->second_file.string(),
                         clash->second),
             gaps.repair("modules"));
  }
  const std::string& folder = input.places.folder_release;
  if (stated && !folder.empty() && stated->release != folder) {
    gaps.add(fmt::format("{} says {}, but the folder is named {}", stated->file.string(),
                         stated->release, folder),
             fmt::format("name the kernel that is meant: modules built with these headers are for "
                         "{}",
                         stated->release));
  }
}

/// One that is there, but holds no option: a full disk or an interrupted make leaves such files.
bool has_no_option(const fs::path& file, std::string_view word) {
  const auto content = Bytes::map(file);
  return content && (*content)->text().find(word) == std::string_view::npos;
}

void look_at_config(const CompletenessInput& input, GapList& gaps) {
  for (const auto& [name, word] : {std::pair{"include/config/auto.conf", "CONFIG_"},
                                   std::pair{"include/generated/autoconf.h", "#define CONFIG_"}}) {
    if (has_no_option(gaps.build() / name, word))
      gaps.add(fmt::format("{} has no option of the configuration in it",
                           (gaps.build() / name).string()),
               gaps.repair("modules_prepare"));
  }
  if (!is_there(gaps.build() / "include/config/auto.conf") && !gaps.behind_a_link("include")) {
    gaps.add(
        fmt::format("no include/config/auto.conf in {}: {}", gaps.build().string(),
                    input.config_file.empty()
                        ? "the kernel's configuration is not known"
                        : "Kbuild needs it; the configuration was read from " + input.config_file),
        gaps.repair("modules_prepare"));
  }
  if (!input.cut_config_file.empty())
    gaps.add(fmt::format("{} was cut short: its last line does not end", input.cut_config_file),
             gaps.repair("modules_prepare"));
  if (!is_there(gaps.build() / "include/generated/autoconf.h"))
    gaps.add_missing("include/generated/autoconf.h", "modules_prepare",
                     "every module's source includes it");
}

void look_at_makefiles(const CompletenessInput& input, GapList& gaps) {
  if (gaps.behind_a_link("Makefile")) return;
  if (!is_there(gaps.build() / "Makefile")) {
    gaps.add(fmt::format("no Makefile in {}: Kbuild cannot run", gaps.build().string()),
             is_packaged(input.places)
                 ? gaps.repair("")
                 : "name the directory in which the kernel was configured and built");
    return;
  }
  const SourceTree source = source_tree(input.places);
  if (!source.exists) {
    const std::string name = source.directory.filename();
    gaps.add(fmt::format("{}/Makefile includes {}/Makefile, which is not there",
                         gaps.build().string(), source.directory.string()),
             name.starts_with("linux-headers-") ? fmt::format("apt install {}", name)
                                                : "put the kernel's source back where it was");
  }
}

/// What is the machine's own: generated headers beside the configuration, the Makefile with the
/// source.
void look_at_arch(const CompletenessInput& input, GapList& gaps) {
  const std::string_view name = arch_folder(input.arch);
  if (name.empty()) return;
  const fs::path folder = fs::path("arch") / name;
  if (!is_there(gaps.build() / folder / "include/generated"))
    gaps.add_missing(folder / "include/generated", "modules_prepare",
                     "headers of this machine that every module's source includes");
  const SourceTree source = source_tree(input.places);
  if (!source.exists || is_there(source.directory / folder / "Makefile") ||
      gaps.behind_a_link("arch"))
    return;
  const std::string package = source.directory.filename();
  gaps.add(fmt::format("no {} in {}: Kbuild includes it", (folder / "Makefile").string(),
                       source.directory.string()),
           package.starts_with("linux-headers-")
               ? fmt::format("apt install --reinstall {}", package)
               : "put the kernel's source back where it was");
}

/// Programs of the kernel that Kbuild runs. Debian keeps them in a package of their own.
void look_at_tools(GapList& gaps) {
  std::error_code error;
  const fs::path scripts = gaps.build() / "scripts";
  if (fs::is_symlink(scripts, error) && !is_there(scripts)) {
    const fs::path target = fs::read_symlink(scripts, error);
    const std::string name = target.parent_path().filename();
    gaps.add(fmt::format("{} leads to {}, which is not there", scripts.string(), target.string()),
             name.starts_with("linux-kbuild-") ? fmt::format("apt install {}", name)
                                               : gaps.repair("modules_prepare"));
    return;
  }
  const fs::path real = fs::canonical(scripts, error);
  const std::string package = error ? std::string() : real.parent_path().filename().string();
  for (const char* const tool : {"scripts/basic/fixdep", "scripts/mod/modpost"}) {
    if (is_there(gaps.build() / tool)) continue;
    gaps.add(
        fmt::format("no {} in {}: Kbuild runs it for every module", tool, gaps.build().string()),
        package.starts_with("linux-kbuild-") ? fmt::format("apt install --reinstall {}", package)
                                             : gaps.repair("modules_prepare"));
  }
}

void look_at_symvers(const CompletenessInput& input, GapList& gaps) {
  const std::string full_build = gaps.build().empty() ? std::string() : gaps.repair("modules");
  if (!input.symvers_text) {
    if (!gaps.build().empty())
      gaps.add_missing("Module.symvers", "modules",
                       "which symbols the kernel exports, and their CRCs, is not known",
                       "symvers-missing");
    return;
  }
  if (input.symvers_elsewhere && !gaps.build().empty()) {
    gaps.add(fmt::format("no Module.symvers in {}: Kbuild looks for it there; {} was read instead",
                         gaps.build().string(), input.symvers_file),
             full_build);
  }
  if (input.symvers_packed != Compression::none && !input.symvers_elsewhere &&
      !gaps.build().empty()) {
    const std::string_view program =
        input.symvers_packed == Compression::zstd ? "zstd" : to_string(input.symvers_packed);
    gaps.add(
        fmt::format("{} is packed with {}: modpost reads plain text", input.symvers_file, program),
        fmt::format("{} -dc {} > {}.plain && mv {}.plain {}", program, input.symvers_file,
                    input.symvers_file, input.symvers_file, input.symvers_file));
  }
  const std::string_view text = input.symvers_text->text();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    gaps.add(
        fmt::format("{} is empty: every symbol of a module would be unknown", input.symvers_file),
        full_build.empty() ? "name the Module.symvers of the kernel itself" : full_build,
        "symvers-empty");
  } else if (text.find("\tvmlinux\t") == std::string_view::npos) {
    gaps.add(fmt::format("{} has no symbol of vmlinux: it is that of a module, or of a build that "
                         "did not link the kernel",
                         input.symvers_file),
             full_build.empty() ? "name the Module.symvers of the kernel itself" : full_build);
  }
}

}  // namespace

std::string repair_hint(const KernelPlaces& places, Distribution distribution,
                        const std::string& release, std::string_view target) {
  const fs::path& build = places.build_dir;
  // The package that the folder is of, whatever its files say.
  std::string name = build.filename();
  if (name.starts_with("linux-headers-"))
    name.erase(0, std::string_view("linux-headers-").size());
  else if (build.parent_path().filename() != "kernels")
    name = release;
  if (name.empty() || !is_packaged(places))
    return fmt::format("make -C {} {}", build.string(), target);
  const std::string hint = install_headers_hint(places, distribution, name);
  constexpr std::string_view apt = "apt install ";
  return hint.starts_with(apt) ? fmt::format("apt install --reinstall {}", hint.substr(apt.size()))
                               : hint;
}

std::vector<Gap> find_gaps(const CompletenessInput& input) {
  GapList gaps(input);
  look_at_links(input, gaps);
  if (!gaps.build().empty()) {
    look_at_links_inside(gaps);
    look_at_makefiles(input, gaps);
    look_at_release(input, gaps);
    look_at_config(input, gaps);
    look_at_arch(input, gaps);
    look_at_tools(gaps);
  } else if (input.places.dangling.empty() && !gaps.release().empty()) {
    gaps.add(fmt::format("no headers of {} below {}", gaps.release(), input.places.root.string()),
             install_headers_hint(input.places, input.distribution, gaps.release()));
  }
  look_at_symvers(input, gaps);
  return gaps.take();
}

}  // namespace kovet
