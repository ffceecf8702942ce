#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/host.h"
#include "tests/support/elf_builder.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {

/// A made-up root folder with one kernel release, on which depmod and modprobe can be run.
class FakeMachine {
 public:
  static constexpr const char* release = "6.12.0-fake";

  FakeMachine();
  const std::filesystem::path& root() const { return dir_.path(); }
  std::string modules_dir() const { return std::string("/lib/modules/") + release; }
  /// Writes a file of that machine.
  void write(const std::string& path, std::string_view content) { dir_.write("." + path, content); }
  void link(const std::string& path, const std::string& target);
  void remove(const std::string& path);
  /// Puts a module below lib/modules/R: "updates/foo.ko".
  void module(const std::string& relative, const ElfBuilder& builder);
  void module(const std::string& relative) { module(relative, tiny(relative)); }
  /// A module of that name (of a file's name) without imports.
  static ElfBuilder tiny(const std::string& name);
  /// One that exports FROM_symbol, or imports it.
  static ElfBuilder provider(const std::string& name);
  static ElfBuilder user(const std::string& name, const std::vector<std::string>& providers);

  /// depmod -b ROOT R with the root's own /etc/depmod.d.
  void depmod() const;
  /// modprobe of the system on this root; returns its standard output.
  std::string modprobe(std::vector<std::string> arguments) const;

  HostReport ask(const std::string& subject, const std::string& cmdline = "") const;
  static const HostFinding* finding(const HostReport& report, std::string_view id);

 private:
  TempDir dir_;
};

/// The path of modprobe or depmod; empty when there is none.
std::string kmod_tool(const std::string& name);

/// Skips the test, saying why; with CI set, fails it.
#define KOVET_SKIP_OR_FAIL(why)                          \
  do {                                                   \
    if (const char* ci = std::getenv("CI"); ci && *ci) { \
      FAIL() << (why) << " (and CI is set)";             \
    } else {                                             \
      GTEST_SKIP() << (why);                             \
    }                                                    \
  } while (false)

#define KOVET_NEEDS_KMOD()                                                           \
  do {                                                                               \
    if (kovet::testing::kmod_tool("modprobe").empty() ||                             \
        kovet::testing::kmod_tool("depmod").empty())                                 \
      KOVET_SKIP_OR_FAIL("modprobe and depmod are not installed: apt install kmod"); \
  } while (false)

}  // namespace kovet::testing
