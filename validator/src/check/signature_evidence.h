#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gates/gate.h"
#include "module/certificate.h"

namespace kovet {

/// The certificates built into the kernel's image. Empty optional: there is no image, or none that
/// could be read. Keys of the firmware and of MOK are not among them.
std::optional<std::vector<Certificate>> trusted_keys(const Kernel& kernel);

/// What the module's signature is worth against those keys; nothing for an unsigned module.
/// Null: the keys are not known. Then nothing but what no key would change: a broken message, or
/// one that contradicts the certificate it brings along.
std::optional<SignatureAnswer> signature_status(const Module& module,
                                                const std::vector<Certificate>* keys);

}  // namespace kovet
