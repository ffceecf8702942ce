#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kovet::explain {

/// One printk of a kernel source file.
struct KernelFormat {
  std::string file;    ///< below the tree: "kernel/module/main.c"
  std::string format;  ///< with the file's pr_fmt in front: "PKCS7: Sig %u: No messageDigest"
  auto operator<=>(const KernelFormat&) const = default;
};

/// The messages of the files that load modules in one source tree, but for debug ones.
std::vector<KernelFormat> formats_of_tree(const std::filesystem::path& tree);

/// The messages in one file's text.
std::vector<KernelFormat> formats_of_source(const std::string& file, std::string text);

/// A line as the kernel would print it: plausible words in place of the conversions.
std::string instance(std::string_view format);

}  // namespace kovet::explain
