#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kovet::explain {

/// One way to get an errno from loading a module.
struct ErrnoCause {
  std::string_view gate;  ///< the check; empty: none of the kernel's
  std::string_view text;  ///< one sentence
};

/// What an errno means when it comes from loading a module.
struct ErrnoMeaning {
  int number;
  std::string_view name;  ///< "ENOEXEC"
  /// What people see: strerror's text first, then insmod's, modprobe's and busybox's own.
  std::array<std::string_view, 4> texts;
  std::string_view meaning;
  std::array<ErrnoCause, 8> causes;  ///< by likelihood
  std::string_view next;
};

/// All errnos that loading is known to return, and common ones of init functions.
std::span<const ErrnoMeaning> errno_meanings();

/// By number, positive or negative; nothing when it is not in the table.
const ErrnoMeaning* find_errno(int number);

/// By name, number, or any of the texts, in any case: "ENOEXEC", "-8", "8", "invalid module
/// format".
const ErrnoMeaning* find_errno(std::string_view text);

/// The number that a text stands for, also when the table has no meaning for it: "-517" is 517, and
/// so are 0x205, 0xfffffdfb and 4294966779.
std::optional<int> errno_number(std::string_view text);

/// The same, and every name and text that the C library has: "EINTR", "Interrupted system call".
std::optional<int> errno_of_text(std::string_view text);

/// The errno that the end of a text announces: "err -22", "(error: -ENOEXEC)", "probe returned
/// -19".
std::optional<int> errno_announced(std::string_view text);

}  // namespace kovet::explain
