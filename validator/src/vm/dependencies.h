#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "module/module.h"
#include "support/error.h"

namespace kovet::vm {

/// What some modules need of the kernel's own.
struct Dependencies {
  std::vector<std::string> files;    ///< to load first, in this order; paths below lib/modules/R
  std::vector<std::string> missing;  ///< names in depends= that no file bears
};

/// The modules of a lib/modules/R folder by name, from a walk through it: an unpacked image
/// package has no modules.dep yet. What softdep= asks for before is loaded too where it is found:
/// by name, by modules.alias when there is one, or as the generic form of a cipher's name.
class InTreeModules {
 public:
  /// An empty path, or a folder without modules: everything is missing.
  explicit InTreeModules(const std::filesystem::path& modules_dir);

  /// What `modules` need (their depends=, and what that needs in turn), without those that are
  /// among `modules` themselves. Errors: a file that is needed cannot be read.
  Result<Dependencies> needed_by(std::span<const Module* const> modules) const;

  std::size_t size() const { return files_.size(); }

 private:
  std::map<std::string, std::string> files_;    ///< by the kernel's form of the name
  std::map<std::string, std::string> aliases_;  ///< modules.alias, without patterns
};

/// "snd-hda-codec" and "snd_hda_codec" are one name; this is the kernel's form.
std::string kernel_name(std::string_view name);

/// An order in which every module comes after those whose exports it uses or that its depends=
/// names; the given order where that leaves a choice (and where they need each other in a circle).
std::vector<std::size_t> load_order(std::span<const Module* const> modules);

}  // namespace kovet::vm
