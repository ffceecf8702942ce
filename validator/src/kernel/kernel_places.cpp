#include "kernel/kernel_places.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "kernel/kernel.h"
#include "support/bytes.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view headers_prefix = "linux-headers-";

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(path, ignored);
}

/// Removes a slash at the end and what . and .. amount to.
fs::path tidy(const fs::path& path) {
  std::error_code ignored;
  fs::path clean = fs::absolute(path, ignored).lexically_normal();
  return clean.has_filename() || clean == clean.root_path() ? clean : clean.parent_path();
}

/// The root that a folder such as ROOT/usr/src/NAME lies in, when its path has that shape.
std::optional<fs::path> root_above(const fs::path& folder,
                                   std::initializer_list<std::string_view> shape) {
  fs::path at = folder;
  for (const std::string_view name : shape) {
    if (at.filename() != name) return std::nullopt;
    at = at.parent_path();
  }
  return at.filename() == "usr" ? at.parent_path() : at;
}

/// What lib/modules/R/`name` leads to; a link that leads nowhere is noted.
std::optional<fs::path> follow(KernelPlaces& places, std::string_view name, bool also_outside) {
  const fs::path link = places.release_dir / name;
  if (!is_link(link)) return is_folder(link) ? std::optional(link) : std::nullopt;
  const fs::path inside = places.root == "/" ? link : link.lexically_relative(places.root);
  auto found = resolve_below(places.root, inside);
  if (!found && also_outside) found = resolve_below("/", link);
  std::error_code ignored;
  if (!found) places.dangling.push_back({link, fs::read_symlink(link, ignored)});
  return found;
}

/// Fills in what hangs on lib/modules/R. `also_outside`: a link out of another root counts when
/// it leads somewhere on this machine, which is what `make -C lib/modules/R/build` would do.
void fill_from_release_dir(KernelPlaces& places, bool also_outside) {
  constexpr std::array shipped{"kernel", "modules.order", "modules.builtin"};
  if (std::any_of(shipped.begin(), shipped.end(),
                  [&](const char* name) { return is_there(places.release_dir / name); }))
    places.modules_dir = places.release_dir;
  if (const auto build = follow(places, "build", also_outside)) places.build_dir = *build;
  follow(places, "source", also_outside);
}

void fill_from_usr_src(KernelPlaces& places) {
  if (!places.build_dir.empty()) return;
  const fs::path source = places.root / "usr/src";
  for (const fs::path& candidate : {source / (std::string(headers_prefix) + places.folder_release),
                                    source / "kernels" / places.folder_release}) {
    if (!is_folder(candidate)) continue;
    places.build_dir = candidate;
    return;
  }
}

/// Was configured once, however much of it is left.
bool is_configured(const fs::path& build_dir) {
  constexpr std::array marks{".config", "include/config", "include/generated", "Module.symvers"};
  return std::any_of(marks.begin(), marks.end(),
                     [&](const char* mark) { return is_there(build_dir / mark); });
}

std::string first_line_value(const fs::path& file, std::string_view before, char end) {
  const auto content = Bytes::map(file);
  if (!content) return {};
  const std::string_view text = (*content)->text();
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view value = text.substr(at + before.size());
  return std::string(value.substr(0, value.find(end)));
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool looks_like_build_directory(const fs::path& directory) {
  constexpr std::array marks{"Makefile", "Module.symvers", "include/config", "include/generated",
                             ".config"};
  return std::any_of(marks.begin(), marks.end(),
                     [&](const char* mark) { return is_there(directory / mark); }) ||
         // A tree of links whose targets are gone is half there, and is told so.
         (is_link(directory / "Makefile") && is_link(directory / "include"));
}

bool looks_like_modules_folder(const fs::path& directory) {
  if (looks_like_build_directory(directory)) return false;
  for (const char* const mark : {"modules.order", "modules.builtin", "modules.dep"})
    if (is_there(directory / mark)) return true;
  // Image packages have modules.order, header packages install nothing but the links.
  return KernelVersion::parse(tidy(directory).filename().native()) &&
         (is_there(directory / "kernel") || is_link(directory / "build"));
}

std::optional<StatedRelease> stated_release(const fs::path& build_dir) {
  fs::path file = build_dir / "include/generated/utsrelease.h";
  std::string release = first_line_value(file, "#define UTS_RELEASE \"", '"');
  if (release.empty()) {
    file = build_dir / "include/config/kernel.release";
    release = first_line_value(file, "", '\n');
  }
  if (release.empty()) return std::nullopt;
  return StatedRelease{std::move(release), std::move(file)};
}

std::optional<KernelPlaces> find_release(const fs::path& root, const std::string& release) {
  if (release.empty() || release == "." || release == ".." ||
      release.find('/') != std::string::npos)
    return std::nullopt;
  KernelPlaces places;
  places.root = root;
  places.folder_release = release;
  for (const char* const modules : {"lib/modules", "usr/lib/modules"}) {
    const auto folder = resolve_below(root, fs::path("/") / modules / release);
    if (!folder || !is_folder(*folder)) continue;
    places.release_dir = root == "/" ? root / modules / release : *folder;
    fill_from_release_dir(places, false);
    break;
  }
  fill_from_usr_src(places);
  if (places.release_dir.empty() && places.build_dir.empty() && find_image(places, release).empty())
    return std::nullopt;
  return places;
}

KernelPlaces places_of_modules_folder(const fs::path& folder) {
  const fs::path clean = tidy(folder);
  KernelPlaces places;
  places.release_dir = clean;
  places.folder_release = clean.filename();
  const auto root = root_above(clean.parent_path(), {"modules", "lib"});
  places.root = root ? *root : clean;
  fill_from_release_dir(places, true);
  if (root) fill_from_usr_src(places);
  return places;
}

KernelPlaces places_of_build_directory(const fs::path& directory, const fs::path& root) {
  std::error_code error;
  fs::path clean = fs::canonical(directory, error);
  if (error) clean = tidy(directory);
  KernelPlaces places;
  places.root = root;
  const std::string name = clean.filename();
  auto above = root_above(clean.parent_path(), {"src"});
  if (!above) above = root_above(clean.parent_path(), {"kernels", "src"});
  if (!above) above = root_above(clean.parent_path().parent_path(), {"modules", "lib"});
  if (above) places.root = *above;

  const auto stated = stated_release(clean);
  std::string release = stated ? stated->release : std::string();
  if (release.empty() && above)
    release = name.starts_with(headers_prefix) ? name.substr(headers_prefix.size()) : name;
  if (auto found = find_release(places.root, release)) {
    if (!found->build_dir.empty() && fs::equivalent(found->build_dir, clean, error)) {
      found->build_dir = clean;
      return *found;
    }
  }
  places.build_dir = clean;
  if (above && name.starts_with(headers_prefix))
    places.folder_release = name.substr(headers_prefix.size());
  return places;
}

SourceTree source_tree(const KernelPlaces& places) {
  const fs::path& build = places.build_dir;
  if (build.empty()) return {};
  if (is_there(build / "include/linux/vermagic.h")) return {build, true};
  std::string included = first_line_value(build / "Makefile", "\ninclude ", '\n');
  if (included.empty()) {
    const std::string first = first_line_value(build / "Makefile", "", '\n');
    if (first.starts_with("include ")) included = first.substr(8);
  }
  if (included.empty() || included.find('$') != std::string::npos) {
    const auto link = resolve_below(
        places.root,
        places.root == "/" ? build / "source" : (build / "source").lexically_relative(places.root));
    return link ? SourceTree{*link, true} : SourceTree{build, true};
  }
  const fs::path makefile = included;
  if (const auto found = resolve_below(places.root, makefile)) return {found->parent_path(), true};
  if (is_there(makefile)) return {makefile.parent_path(), true};
  return {makefile.parent_path(), false};
}

fs::path find_image(const KernelPlaces& places, const std::string& release) {
  std::vector<fs::path> candidates;
  if (!release.empty()) {
    for (const char* const name : {"vmlinuz-", "vmlinux-", "Image-", "image-"})
      candidates.push_back(places.root / "boot" / (name + release));
  }
  if (!places.release_dir.empty()) candidates.push_back(places.release_dir / "vmlinuz");
  if (!places.build_dir.empty()) {
    for (const char* const name :
         {"arch/x86/boot/bzImage", "arch/arm64/boot/Image.gz", "arch/arm64/boot/Image",
          "arch/arm/boot/zImage", "arch/riscv/boot/Image.gz", "arch/riscv/boot/Image",
          "arch/s390/boot/bzImage"})
      candidates.push_back(places.build_dir / name);
  }
  std::error_code ignored;
  for (const fs::path& candidate : candidates)
    if (fs::is_regular_file(candidate, ignored)) return candidate;
  return {};
}

std::vector<std::string> releases_below(const fs::path& root) {
  std::set<std::string> found;
  const auto scan = [&](const fs::path& folder, std::string_view prefix, bool directories) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename();
      if (!name.starts_with(prefix) || directories != is_folder(at->path())) continue;
      const std::string release = name.substr(prefix.size());
      if (!KernelVersion::parse(release) || release.ends_with(".old")) continue;
      // The parts that flavours share (linux-headers-*-common) are no kernel by themselves.
      if (prefix == headers_prefix && !is_configured(at->path())) continue;
      found.insert(release);
    }
  };
  scan(root / "lib/modules", "", true);
  scan(root / "usr/lib/modules", "", true);
  scan(root / "usr/src", headers_prefix, true);
  scan(root / "usr/src/kernels", "", true);
  scan(root / "boot", "vmlinuz-", false);
  scan(root / "boot", "vmlinux-", false);
  std::vector<std::string> sorted(found.begin(), found.end());
  std::sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) {
    return ::strverscmp(a.c_str(), b.c_str()) < 0;
  });
  return sorted;
}

}  // namespace kovet
