#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kovet::explain {

/// A crash or a kernel warning while a module's init function ran. Just what the trace says.
struct InitCrash {
  bool warning = false;        ///< a WARNING: the kernel went on
  std::string what;            ///< the line that began it
  std::string module;          ///< whose init ran; empty when the trace does not name it
  std::string init_function;   ///< the trace's entry below do_one_initcall; empty: it has none
  std::string fault_function;  ///< where it happened
  std::string fault_module;    ///< the module of that function; empty: the kernel itself
  std::string taint;           ///< the letters after "Tainted:"; empty: not tainted, or not said
  std::uint64_t line = 0;      ///< of `what`, from 1
  std::string time;
};

/// Follows oopses and warnings line by line. Only those inside a module's init come out.
class OopsTracker {
 public:
  /// Whether a line may begin an oops or a warning; cheap enough for lines that a keyword chose.
  static bool begins(std::string_view text);

  /// Whether lines are wanted: an oops has begun and not ended.
  bool active() const { return crash_.has_value(); }

  /// Begins with this line. Of what was active and did not end comes what is known (an oops within
  /// an oops, or one whose end is not in the log).
  std::optional<InitCrash> begin(std::string_view text, std::uint64_t line, std::string_view time);

  /// Takes the next line; a crash when the oops ended with it and was inside a module's init.
  std::optional<InitCrash> take(std::string_view text);

  /// The number of its first line; only while it is active.
  std::uint64_t begun() const { return crash_->line; }

  /// The log ended.
  std::optional<InitCrash> finish();

 private:
  std::optional<InitCrash> crash_;
  bool in_init_ = false;     ///< do_one_initcall or do_init_module was in the trace
  bool in_trace_ = false;    ///< the call trace has begun
  std::string last_module_;  ///< of the trace's last entry that belongs to a module
  std::string last_function_;
  int lines_ = 0;
};

}  // namespace kovet::explain
