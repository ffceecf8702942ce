#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temp_dir.h"

namespace kovet::testing {

inline constexpr std::string_view fixture_release = "6.12.30+deb13-amd64";

/// A root folder with one kernel as Debian's packages lay it out; tests remove or spoil parts.
class KernelRoot {
 public:
  explicit KernelRoot(std::string release = std::string(fixture_release));

  const std::filesystem::path& root() const { return dir_.path(); }
  const std::string& release() const { return release_; }
  std::filesystem::path headers() const;      ///< ROOT/usr/src/linux-headers-R
  std::filesystem::path release_dir() const;  ///< ROOT/lib/modules/R
  std::filesystem::path write(const std::filesystem::path& relative, std::string_view content) {
    return dir_.write(relative, content);
  }
  /// Below the headers.
  void write_header(const std::string& relative, std::string_view content);
  void remove(const std::filesystem::path& relative);  ///< below the root, with all in it
  void link(const std::filesystem::path& relative, const std::filesystem::path& target);
  /// lib/modules/R/kernel/lib/NAME.ko, in-tree, of that vermagic and size of struct module.
  std::filesystem::path add_module(const std::string& name, const std::string& vermagic,
                                   std::uint64_t struct_size, bool in_tree = true);

 private:
  TempDir dir_;
  std::string release_;
};

/// What KernelRoot's configuration makes of its release.
std::string fixture_vermagic(std::string_view release = fixture_release);

}  // namespace kovet::testing
