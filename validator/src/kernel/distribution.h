#pragma once

#include <string>
#include <string_view>

#include "kernel/kernel.h"
#include "kernel/kernel_places.h"

// Whose kernel it is, and how its packages are installed there.

namespace kovet {

/// What tells a distribution's kernel from one that was merely built on that distribution.
struct DistributionEvidence {
  std::string_view release;
  const KernelConfig* config = nullptr;  ///< may be null
  std::string_view source_tree;          ///< directory whose Makefile the headers include
  std::string_view banner;               ///< "Linux version ..." of the image; may be empty
};

/// Distribution::unknown unless the evidence is something only that distribution's builds have.
Distribution distribution_of(const DistributionEvidence& evidence);

/// The command that installs the headers of a release: by distribution, else by the layout of
/// the headers, else by etc/os-release below the root. Always a sentence.
std::string install_headers_hint(const KernelPlaces& places, Distribution distribution,
                                 const std::string& release);
/// The same for the kernel itself: image and modules.
std::string install_image_hint(const KernelPlaces& places, Distribution distribution,
                               const std::string& release);

}  // namespace kovet
