#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tests/support/facts.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {

/// A build directory as header packages have it, as far as Kovet reads it.
struct KernelTree {
  /// Of a series whose loader does not look at the size of struct module, which headers alone
  /// do not tell.
  std::string release = "6.1.99-honest-amd64";
  std::string config = honest_config_text();
  std::optional<std::string> symvers = symvers_text(honest_symbols());

  /// VERMAGIC_STRING as honest_config_text() gives it.
  std::string vermagic() const { return release + " SMP preempt mod_unload modversions "; }
  /// Writes it below `dir` in a folder of that name; returns the build directory.
  std::filesystem::path write(TempDir& dir, const std::string& folder = "build") const;
  /// Writes it to usr/src below `dir`, with lib/modules/RELEASE/build leading there, as packages
  /// do; returns `dir`.
  std::filesystem::path install(TempDir& dir) const;
  /// A module that this kernel accepts.
  ElfBuilder module() const { return honest_builder().set_modinfo("vermagic", vermagic()); }
};

}  // namespace kovet::testing
