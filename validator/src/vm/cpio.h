#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "support/error.h"

namespace kovet::vm {

/// Writes an archive in cpio's "newc" format, as the kernel unpacks it into its first file system
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Paths have no leading slash.
class CpioWriter {
 public:
  explicit CpioWriter(const std::filesystem::path& file);

  void add_directory(std::string_view path, unsigned mode = 0755);
  void add_file(std::string_view path, std::string_view content, unsigned mode = 0644);
  void add_character_device(std::string_view path, unsigned major, unsigned minor,
                            unsigned mode = 0600);
  /// Writes the trailer. Errors: anything that could not be written, a member of 4 GiB or more.
  Result<void> finish();

  std::uint64_t size() const { return size_; }  ///< bytes so far

 private:
  struct Header {
    std::uint32_t mode = 0, links = 1, major = 0, minor = 0;
  };
  void add(std::string_view path, const Header& header, std::string_view content);
  void put(std::string_view bytes);
  void pad();

  std::string name_;
  std::ofstream out_;
  std::uint64_t size_ = 0;
  std::uint32_t next_inode_ = 1;
  bool too_large_ = false;
};

}  // namespace kovet::vm
