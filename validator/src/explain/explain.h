#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "explain/errno_table.h"
#include "explain/log_line.h"
#include "explain/message.h"
#include "explain/oops.h"

// Log lines → what they mean. The explainer reads lines; proof.h adds what a module and a kernel
// prove.

namespace kovet::explain {

/// One symbol of a block such as "Unknown symbol".
struct SymbolNote {
  std::string name;
  int error = 0;         ///< as the line has it, positive; 0: none given
  std::string provider;  ///< who exports it, as far as known: "module drivers/usb/core/usbcore"
  std::string detail;    ///< a namespace, an owner: the line's other words; may be empty
};

/// What running the checks on a module and a kernel showed of one explanation.
struct Proof {
  enum class Status : std::uint8_t {
    not_run,
    proven,   ///< the check rejects this module for this kernel
    refuted,  ///< the check accepts it: the message is about another file or kernel
    unknown   ///< evidence is missing
  };
  Status status = Status::not_run;
  std::string text;      ///< the cause, or why there is none
  std::string hint;      ///< the fix, or what would supply the evidence
  std::string evidence;  ///< where the deciding fact came from
};
std::string_view to_string(Proof::Status status);

/// One message, as often as it occurred, and what it means.
struct Explanation {
  const Message* message = nullptr;  ///< never null
  Stage stage = Stage::refused;      ///< the message's, corrected by the lines around it
  std::string module;                ///< empty when the line names none
  std::string line;                  ///< the first such line, without prefix
  std::string time;                  ///< its time stamp; may be empty
  std::uint64_t number = 0;          ///< its number, from 1
  std::uint64_t last_number = 0;     ///< the last such line's
  std::uint64_t count = 1;           ///< how many lines
  std::vector<std::pair<std::string, std::string>> facts;  ///< the placeholders' values
  std::optional<int> error;  ///< errno, positive: from the line, else the message's own
  std::string meaning;       ///< with the placeholders filled in
  std::vector<std::string>
      details;  ///< what the line itself shows: tokens that differ, an errno's name
  std::vector<std::string> causes;  ///< by likelihood
  std::string next;
  std::vector<SymbolNote> symbols;      ///< the symbols of the block, in order, each once
  std::uint64_t symbols_left_out = 0;   ///< more than are kept
  std::optional<InitCrash> crash;       ///< of a crash in init
  bool also_refused = false;            ///< a warning; other messages say why it was refused
  std::uint64_t failed_at = 0;          ///< of such a warning: the next line that says so
  Stage failed_stage = Stage::refused;  ///< that line's
  std::uint64_t later_attempt = 0;  ///< of a refusal: a later line by which it was tried again, and
                                    ///< after which none says that it failed; 0: none
  std::uint64_t explained_by = 0;   ///< of a tool's message: the kernel's line that says why
  Proof proof;
};

/// What a log said.
struct Explanations {
  std::vector<Explanation> items;  ///< by first line
  std::uint64_t left_out = 0;      ///< different messages beyond what is kept
  LogSize size;
};

/// Explains a log line by line, in memory that does not grow with the log.
class Explainer {
 public:
  Explainer();
  ~Explainer();
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;

  /// One raw line, prefixes and all; `number` from 1.
  void line(std::string_view raw, std::uint64_t number);

  /// The result; the explainer is spent.
  Explanations finish(LogSize size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Fills placeholders ("{module}") of a text; those without a value become "M" or "the module".
std::string fill(std::string_view text,
                 const std::vector<std::pair<std::string, std::string>>& facts);

/// Adds what the line's own words show: tokens that differ, the errno behind a text or a number.
void add_details(Explanation& item);

/// The value of a placeholder; empty when there is none.
std::string_view fact(const Explanation& item, std::string_view name);

/// The module it is about: as the kernel, the tool or the file's name has it; empty when none does.
std::string_view subject(const Explanation& item);

/// Whether a tool's errno is of a file that it could not open: the kernel was not asked, and no
/// check of it explains that.
bool is_of_open(const Explanation& item);

/// An errno's cause and the check it comes from, with the name that the line has.
std::string cause_text(const ErrnoCause& cause, const Explanation& item);

/// The words in which two vermagic strings differ, one sentence each.
std::vector<std::string> vermagic_differences(std::string_view found, std::string_view wanted);

}  // namespace kovet::explain
