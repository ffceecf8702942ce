#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Kernels whose header packages are installed, and modules that Kbuild made for them.

namespace kovet::testing {

/// Releases to test with: KOVET_TEST_KERNELS, else all with a complete build directory.
/// Sorted as strings.
std::vector<std::string> real_releases();

/// /lib/modules/RELEASE/build, links resolved.
std::filesystem::path build_directory(const std::string& release);

/// A module of tests/kernel/modules, built by that kernel's own Kbuild: once, and again when its
/// sources changed. Throws with Kbuild's output when it fails.
std::filesystem::path built_module(const std::string& release, const std::string& name);

/// Where that release's linux-image package is unpacked (see tests/support/kernels.sh): the
/// folder that holds boot/ and lib/.
std::optional<std::filesystem::path> image_root(const std::string& release);

/// Symbol to CRC, from a Module.symvers; read by a few lines that share nothing with Kovet's.
std::map<std::string, std::uint32_t> symvers_of(const std::string& release);

/// What modinfo -F FIELD and modprobe --dump-modversions say.
std::string modinfo_field(const std::filesystem::path& module, const std::string& field);
std::map<std::string, std::uint32_t> modversions_of(const std::filesystem::path& module);

/// Whether what a test lacks is a failure (in CI) or a skip.
bool missing_is_failure();

}  // namespace kovet::testing

/// Leaves the test when fewer kernels are installed: skipped, or failed in CI.
#define KOVET_NEED_KERNELS(count)                                               \
  do {                                                                          \
    if (::kovet::testing::real_releases().size() < (count)) {                   \
      if (::kovet::testing::missing_is_failure())                               \
        FAIL() << "needs the header packages of " << (count) << " kernels";     \
      GTEST_SKIP() << "needs the header packages of " << (count) << " kernels"; \
    }                                                                           \
  } while (false)
