#include "vm/cpio.h"

#include <fmt/format.h>

#include <limits>

namespace kovet::vm {

namespace {

constexpr std::uint32_t regular = 0100000, directory = 0040000, character_device = 0020000;

}  // namespace

CpioWriter::CpioWriter(const std::filesystem::path& file)
    : name_(file.string()), out_(file, std::ios::binary | std::ios::trunc) {}

void CpioWriter::add_directory(std::string_view path, unsigned mode) {
  add(path, {.mode = directory | mode, .links = 2}, {});
}

void CpioWriter::add_file(std::string_view path, std::string_view content, unsigned mode) {
  add(path, {.mode = regular | mode}, content);
}

void CpioWriter::add_character_device(std::string_view path, unsigned major, unsigned minor,
                                      unsigned mode) {
  add(path, {.mode = character_device | mode, .major = major, .minor = minor}, {});
}

Result<void> CpioWriter::finish() {
  add("TRAILER!!!", {}, {});
  out_.close();
  if (too_large_) return Error{name_, "a file of 4 GiB or more does not fit the archive"};
  if (!out_) return Error{name_, "cannot be written", "is the disk full?"};
  return {};
}

void CpioWriter::add(std::string_view path, const Header& header, std::string_view content) {
  if (content.size() > std::numeric_limits<std::uint32_t>::max()) {
    too_large_ = true;
    return;
  }
  constexpr int mtime = 0, owner = 0, group = 0, device = 0, checksum = 0;
  put(fmt::format(
      "070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
      next_inode_++, header.mode, owner, group, header.links, mtime, content.size(), device, device,
      header.major, header.minor, path.size() + 1, checksum));
  put(path);
  put(std::string_view("\0", 1));
  pad();
  put(content);
  pad();
}

void CpioWriter::put(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  size_ += bytes.size();
}

void CpioWriter::pad() {
  constexpr std::string_view zeros("\0\0\0", 3);
  put(zeros.substr(0, (4 - size_ % 4) % 4));
}

}  // namespace kovet::vm
