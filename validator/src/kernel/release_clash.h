#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kernel/kernel.h"

namespace kovet {

/// The version of include/generated/uapi/linux/version.h: its three numbers (5.13 and later), else
/// LINUX_VERSION_CODE, which holds no patch above 255.
std::optional<KernelVersion> headers_version(const std::filesystem::path& build_dir);

/// Two files of one build directory that are of two kernels.
struct ReleaseClash {
  std::filesystem::path first_file, second_file;  ///< below the build directory
  std::string first, second;                      ///< what each of them says
};

/// include/generated/utsrelease.h, which modules get their release from, against
/// include/config/kernel.release and version.h. The top Makefile writes all three from one value;
/// Debian's packages up to 6.1 set utsrelease.h alone (6.1.0-56-amd64, of a
/// kernel.release 6.1.192).
std::optional<ReleaseClash> release_clash(const std::filesystem::path& build_dir);

}  // namespace kovet
