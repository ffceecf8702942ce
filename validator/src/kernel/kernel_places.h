#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Where the parts of one kernel lie. Looks at names and links only; reads no content but the
// release that a build directory states.

namespace kovet {

/// Links are followed; what cannot be looked at is not there.
bool is_there(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

/// A symbolic link that leads nowhere.
struct DanglingLink {
  std::filesystem::path link, target;
};

struct KernelPlaces {
  std::filesystem::path root = "/";  ///< below which boot/ and lib/modules/ belong to it
  std::string folder_release;        ///< name of lib/modules/R or usr/src/linux-headers-R; or empty
  std::filesystem::path build_dir;   ///< headers; empty: none
  std::filesystem::path release_dir;   ///< lib/modules/R, maybe with nothing but links; or empty
  std::filesystem::path modules_dir;   ///< the same if modules of the kernel are in it; else empty
  std::vector<DanglingLink> dangling;  ///< build, source
};

/// The parts of a release below a root. Nothing when there is no trace of it.
std::optional<KernelPlaces> find_release(const std::filesystem::path& root,
                                         const std::string& release);

/// The parts that belong to a lib/modules/R folder, also of another root.
KernelPlaces places_of_modules_folder(const std::filesystem::path& folder);

/// The parts that belong to a build directory; modules only where lib/modules/R/build, below
/// `root` or the root that the directory lies in, leads back to it.
KernelPlaces places_of_build_directory(const std::filesystem::path& directory,
                                       const std::filesystem::path& root);

bool looks_like_build_directory(const std::filesystem::path& directory);
bool looks_like_modules_folder(const std::filesystem::path& directory);

/// All releases that leave a trace below a root, sorted by version, newest last.
std::vector<std::string> releases_below(const std::filesystem::path& root);

/// Follows symbolic links as a process whose root is `root` would. Nothing when it leads nowhere.
std::optional<std::filesystem::path> resolve_below(const std::filesystem::path& root,
                                                   const std::filesystem::path& path);

/// The release of include/generated/utsrelease.h, else include/config/kernel.release.
struct StatedRelease {
  std::string release;
  std::filesystem::path file;
};
std::optional<StatedRelease> stated_release(const std::filesystem::path& build_dir);

/// The directory whose Makefile does the work: the build directory itself, or the one that a
/// generated Makefile includes (Debian's linux-headers-*-common, `make O=`). `exists` is false
/// when that one is not there.
struct SourceTree {
  std::filesystem::path directory;
  bool exists = false;
};
SourceTree source_tree(const KernelPlaces& places);

/// vmlinuz, vmlinux or Image of the release below the root, or what a build left in its tree.
/// Empty when there is none.
std::filesystem::path find_image(const KernelPlaces& places, const std::string& release);

}  // namespace kovet
