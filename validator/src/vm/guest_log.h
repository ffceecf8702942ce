#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vm/vm.h"

namespace kovet::vm {

/// Follows one run of the guest: takes what its two serial ports say, piece by piece, and turns it
/// into outcomes. The reports are described in guest/init.c. Everything is bounded, whatever comes.
class GuestLog {
 public:
  /// `outcomes` is indexed by the ids of the jobs; `record` gets the release and the log.
  GuestLog(std::vector<LoadOutcome>& outcomes, BootRecord& record, bool keep_log);

  /// Of the second serial port. False: the guest has nothing more to say.
  bool report(std::string_view piece);
  /// Of the kernel's console.
  void console(std::string_view piece);
  /// The guest is gone: settles the module that it was busy with, if any.
  void close(bool timed_out);

  bool is_up() const { return up_; }
  bool finished() const { return finished_; }
  bool busy() const { return phase_ != Phase::idle; }
  /// Ids that have their answer, in the order in which they were tried.
  const std::vector<std::size_t>& answered() const { return answered_; }
  /// The file of the dependency that was loaded last, before the module's turn came; may be empty.
  const std::string& dependency() const { return dependency_; }
  /// The last lines of the console, for a guest that did not come up.
  std::vector<std::string> last_words() const;

 private:
  enum class Phase { idle, loading, unloading };

  void take_line(std::string_view line);
  void take_record(std::string_view record);
  void take_text(std::string_view text, int level);
  void begin_load(std::string_view rest);
  void answer(std::string_view rest);
  void set_module_line(std::string_view rest);
  void end_load(std::string_view rest);
  void end_unload(std::string_view rest);
  void killed(LoadState state);
  void left_out(std::uint64_t count);
  bool is_initcall_line(std::string_view text, int level);
  LoadOutcome* current() { return current_ < outcomes_.size() ? &outcomes_[current_] : nullptr; }
  std::vector<std::string> console_lines();

  std::vector<LoadOutcome>& outcomes_;
  BootRecord& record_;
  bool keep_log_;
  std::string partial_;           ///< the line of the report port that is not complete yet
  std::string console_;           ///< of the console, the last part of it
  std::size_t console_mark_ = 0;  ///< where in it the current phase began
  std::vector<std::string> failed_dependencies_;
  std::uint64_t taint_ = 0;  ///< as the guest said it last
  std::string dependency_;   ///< the one that is being loaded
  std::vector<std::size_t> answered_;
  std::size_t current_ = SIZE_MAX;
  std::string loader_;  ///< process id of the loading process
  Phase phase_ = Phase::idle;
  bool up_ = false, finished_ = false;
};

}  // namespace kovet::vm
