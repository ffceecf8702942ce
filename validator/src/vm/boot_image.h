#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/error.h"

namespace kovet::vm {

/// A kernel image that can be booted here.
struct BootImage {
  std::string file;
  std::optional<std::string> release;  ///< UTS_RELEASE, as the image says it
};

/// Looks at what the user named: a vmlinuz (x86 bzImage), an ELF vmlinux that was built with
/// CONFIG_PVH, or a folder: /boot, an unpacked linux-image package, or lib/modules/R with a vmlinuz
/// in it. In a folder `release` chooses, else there must be one only.
/// Errors: unreadable, no kernel image, one for another machine, none or several in the folder.
Result<BootImage> find_boot_image(const std::filesystem::path& named,
                                  const std::optional<std::string>& release);

}  // namespace kovet::vm
