#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/error.h"
#include "tests/vm/variants.h"

namespace kovet::testing {

/// One kernel to test against.
struct TestKernel {
  std::string release;
  std::filesystem::path headers;     ///< build directory
  std::filesystem::path image_root;  ///< an unpacked linux-image package
  std::filesystem::path image() const { return image_root / "boot" / ("vmlinuz-" + release); }
  std::filesystem::path modules_dir() const { return image_root / "lib" / "modules" / release; }
};

/// Builds the modules of `sources` against the kernel's headers, below `work`, without debugging
/// information; signs one with a key nobody trusts; takes a small signed module of the kernel's
/// own. Errors: the build's own words.
Result<Honest> build_honest_modules(const TestKernel& kernel, const std::filesystem::path& sources,
                                    const std::filesystem::path& work);

/// The drivers' folders in a distribution's package such as v4l2loopback-dkms, fetched and unpacked
/// below `work`, not installed. Errors: it cannot be fetched, or holds none.
Result<std::vector<std::filesystem::path>> fetch_driver(const std::string& package,
                                                        const std::filesystem::path& work);

/// Builds a driver's Kbuild folder; returns the .ko files. Errors: the build's own words.
Result<std::vector<std::filesystem::path>> build_driver(const TestKernel& kernel,
                                                        const std::filesystem::path& folder);

/// A module of the kernel's own, decompressed; empty when it has none of that name.
std::string shipped_driver(const TestKernel& kernel, const std::string& name);

/// A root folder where both packages, headers and image, look installed: made of links.
std::filesystem::path join_root(const TestKernel& kernel, const std::filesystem::path& work);

}  // namespace kovet::testing
