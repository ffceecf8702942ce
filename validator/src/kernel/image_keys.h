#pragma once

#include <filesystem>
#include <vector>

#include "kernel/kernel_image.h"
#include "module/certificate.h"
#include "support/bytes.h"

namespace kovet {

/// The certificates that a kernel carries itself, which become its .builtin_trusted_keys
/// (certs/system_keyring.c, certs/system_certificates.S). Keys of the firmware and of MOK, and
/// what is added at run time, are not among them.
///
/// `image` is a vmlinuz (all that KernelImage opens) or an ELF vmlinux.
/// Errors: unreadable, compressed in a way that is not known, or no such list is in it.
Result<std::vector<Certificate>> builtin_keys(const std::filesystem::path& image);

/// The same of an image in memory; `name` is for messages.
Result<std::vector<Certificate>> builtin_keys(std::shared_ptr<const Bytes> image,
                                              const std::string& name);

/// The same of one that is unpacked already.
Result<std::vector<Certificate>> builtin_keys(const KernelImage& kernel, const std::string& name);

/// Whether content looks like a kernel image rather than a file of certificates.
bool looks_like_kernel_image(std::span<const std::byte> content);

}  // namespace kovet
