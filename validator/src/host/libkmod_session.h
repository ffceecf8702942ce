#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/modprobe_config.h"
#include "support/error.h"

struct kmod_ctx;
struct kmod_module;

namespace kovet {

/// A module as libkmod finds it in the indexes.
struct KmodModule {
  std::string name;
  std::string path;                       ///< here, from modules.dep.bin; empty: not in it
  bool builtin = false;                   ///< in modules.builtin.bin
  std::vector<std::string> dependencies;  ///< names, the first loads first
  std::vector<std::string> softdep_pre, softdep_post;  ///< that could be resolved
};

/// One thing modprobe would do.
struct KmodStep {
  bool asked = false;    ///< the module that was asked for, not a dependency of the same name
  bool builtin = false;  ///< libkmod takes it as built in, so modprobe skips it
  std::string name;
  std::string path;  ///< here; empty: built in, or not to be found
  std::string options;
  std::string install;  ///< the command that runs instead; empty: the file is inserted
};

/// What modprobe would do for one of the modules that a name or alias stands for.
struct KmodPlan {
  std::string name;
  std::vector<KmodStep> steps;  ///< none when it is built in
  int error = 0;                ///< libkmod's own errno; 0: none
};

/// A file in memory that libkmod can open by path.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& content);
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();
  std::string path() const;
  std::string content() const;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// libkmod, told where to look. Reads only: nothing is inserted and no command is run.
class LibkmodSession {
 public:
  /// `modules_dir` and `config_paths` are paths here; paths are folders or files of modprobe.d.
  /// `keep`: a file among them that must live as long.
  static Result<LibkmodSession> open(const std::string& modules_dir,
                                     const std::vector<std::string>& config_paths,
                                     std::shared_ptr<const MemoryFile> keep = nullptr);

  /// The modules a name or alias stands for, in modprobe's order; empty: none.
  std::vector<KmodModule> lookup(const std::string& name) const;
  /// What modprobe would do for each of the modules that lookup(`asked`) gives, in that order,
  /// nothing being loaded yet, blacklists not applied. In a context of its own: libkmod's idea of
  /// what is built in depends on what it was asked before. Errors: no such context.
  Result<std::vector<KmodPlan>> plans(const std::string& asked) const;
  /// The configuration as libkmod has it: (name, value) in its order. Nothing when this libkmod
  /// knows no such lines (weakdep before kmod 33).
  std::optional<std::vector<std::pair<std::string, std::string>>> config(ConfigKind kind) const;
  /// modules.dep.bin and modules.alias.bin as text; empty when missing.
  std::string dependency_index() const;
  std::string alias_index() const;
  /// "live", "coming", "going" when this machine has the module loaded; empty when not.
  std::string loaded_state(const std::string& module) const;
  /// What libkmod complained about so far.
  const std::vector<std::string>& messages() const { return *messages_; }

 private:
  LibkmodSession() = default;
  std::shared_ptr<kmod_ctx> new_context() const;

  std::string modules_dir_;
  std::vector<std::string> config_paths_;
  std::shared_ptr<const MemoryFile> keep_;
  std::unique_ptr<std::vector<std::string>> messages_;  // outlives the context, which logs into it
  std::shared_ptr<kmod_ctx> context_;
};

}  // namespace kovet
