#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vm/agreement.h"
#include "vm/vm.h"

namespace kovet::vm {

/// What `kovet boot` prints.
struct BootReport {
  VmReport vm;
  std::string kernel;  ///< as the user named it
  std::string image;
  /// With --compare, one per outcome; an entry is empty where nothing could be predicted.
  std::vector<std::optional<Prediction>> predictions;
  std::vector<Error> errors;  ///< modules that could not be read, and so were not loaded
};

/// It loaded and unloaded, or nobody can unload it, and the kernel neither warned nor died.
bool is_fine(const LoadOutcome& outcome);

/// For people: one paragraph per module, a closing line with the numbers.
std::string boot_text(const BootReport& report, bool quiet);

/// "kovet.boot/1".
std::string boot_json(const BootReport& report);

}  // namespace kovet::vm
