#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/distribution.h"
#include "kernel/kernel.h"
#include "kernel/kernel_places.h"

namespace kovet {

/// What a look at the files of a kernel needs to know already.
struct CompletenessInput {
  const KernelPlaces& places;
  Distribution distribution = Distribution::unknown;
  std::string release;                  ///< as far as known
  Arch arch = Arch::unknown;            ///< as far as known
  std::string config_file;              ///< the configuration that was used; empty: none
  std::string cut_config_file;          ///< one that was not used: it was cut short; empty: none
  bool symvers_elsewhere = false;       ///< found, but not in the build directory
  const Bytes* symvers_text = nullptr;  ///< of the file that was used; null: none
  std::string symvers_file;
  Compression symvers_packed = Compression::none;  ///< of the file, before it was unpacked
};

/// The command that makes a build directory whole: of its package, else make with this target.
std::string repair_hint(const KernelPlaces& places, Distribution distribution,
                        const std::string& release, std::string_view target);

/// Everything that keeps the headers from building and checking modules, with what completes them.
std::vector<Gap> find_gaps(const CompletenessInput& input);

}  // namespace kovet
