#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gates/gate.h"
#include "module/certificate.h"

namespace kovet {

/// What is read of a kernel's image.
enum class ImageReading : std::uint8_t {
  what_decides,  ///< only what a verdict on these modules hangs on; mostly nothing
  everything,    ///< also what only foretells log lines
};

/// A kernel's image and vmlinux, as far as the modules at hand need them. Unpacking an image takes
/// some 0.3 s, so it is done once, and only when one of them is signed, has BTF that the kernel
/// would refuse, or is named like a driver that is built in.
class ImageEvidence {
 public:
  ImageEvidence(const Kernel& kernel, std::span<const Module* const> modules,
                ImageReading reading = ImageReading::what_decides);

  /// For GateInput::image.
  const ImageFacts* facts() const { return &facts_; }
  /// For GateInput::signature; nothing for unsigned modules and where the keys are not known.
  std::optional<SignatureAnswer> signature_of(const Module& module) const;

 private:
  std::optional<std::vector<Certificate>> keys_;
  ImageFacts facts_;
};

}  // namespace kovet
