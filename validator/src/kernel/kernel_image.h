#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "module/module.h"
#include "support/bytes.h"
#include "support/error.h"

namespace kovet {

/// A kernel's image, unpacked: what it says of itself. Reading one takes a good part of a second,
/// so it is asked only where nothing cheaper knows.
class KernelImage {
 public:
  /// A vmlinuz (x86 bzImage, EFI zboot, or a plain gzip, xz, zstd, lz4 or lzma stream), an
  /// uncompressed Image, or an ELF vmlinux. Errors: unreadable, or compressed in a way that is not
  /// known.
  static Result<KernelImage> open(const std::filesystem::path& file);
  static Result<KernelImage> open(std::shared_ptr<const Bytes> content, const std::string& name);

  std::span<const std::byte> bytes() const { return bytes_->span(); }
  const std::shared_ptr<const Bytes>& shared() const { return bytes_; }

  /// Of an image that is ELF inside; else unknown.
  Arch arch() const { return arch_; }
  bool big_endian() const { return big_endian_; }

  /// The .BTF section, or what looks like it in an image without sections; may be empty.
  std::span<const std::byte> btf() const;
  /// The configuration of a kernel with CONFIG_IKCONFIG (scripts/extract-ikconfig); may be null.
  std::shared_ptr<const Bytes> configuration() const;
  /// VERMAGIC_STRING of a release, trailing space included.
  std::optional<std::string> vermagic(std::string_view release) const;
  /// Folders of /sys/module that the kernel makes for drivers built into it: those with visible
  /// parameters or a version (kernel/params.c). Nothing when the image does not tell.
  std::optional<std::set<std::string>> sysfs_modules() const;

 private:
  const Section* section(std::string_view name) const;
  std::string_view string_at_address(std::uint64_t address) const;

  std::shared_ptr<const Bytes> bytes_;
  std::vector<Section> sections_;  // empty: a flat image
  bool is_64_bit_ = true, big_endian_ = false;
  Arch arch_ = Arch::unknown;
};

}  // namespace kovet
