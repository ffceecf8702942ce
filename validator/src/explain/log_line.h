#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "support/error.h"

namespace kovet::explain {

/// A line without what journals, consoles and bug reports put before the kernel's words.
struct LogLine {
  std::string_view text;    ///< the message
  std::string_view caller;  ///< "T1234" or "C0", where the kernel prints who wrote; else empty
  std::string time;         ///< the time stamp as written, or seconds from a /dev/kmsg record
  bool kmsg = false;        ///< a /dev/kmsg record: "\x0a" stands for a newline
  /// A program's, not the kernel's: a journal or syslog line of another identifier than "kernel", a
  /// record or a `dmesg -x` line of another facility than kern, a text that begins with
  /// "NAME[PID]:".
  bool userspace = false;
  bool field = false;  ///< the MESSAGE= field of journalctl -o verbose or -o export
};

/// Removes prefixes: "[   12.345] " with or without caller id, `dmesg -T` and `dmesg -x`, "<6>",
/// journalctl's short, short-iso, short-precise, short-full, short-unix and short-monotonic,
/// syslog's with a second time stamp inside, /dev/kmsg's "6,1234,5678,-;", and marks of quoting.
LogLine strip_prefix(std::string_view line);

/// Removes ANSI sequences and control characters (tabs become spaces) into `scratch` if there are
/// any; returns the line or what is left of it.
std::string_view clean(std::string_view line, std::string& scratch);

/// What a log had.
struct LogSize {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t cut_lines =
      0;  ///< lines longer than `longest_line`, of which only the start was read
};

inline constexpr std::size_t longest_line = 64 * 1024;

/// Reads a file descriptor to its end in constant memory and hands on each line (ended by \n, \r
/// or the end; from 1). Errors: reading fails.
Result<LogSize> read_lines(int descriptor, std::string_view name,
                           const std::function<void(std::string_view, std::uint64_t)>& take);

/// The same for text in memory.
LogSize split_lines(std::string_view text,
                    const std::function<void(std::string_view, std::uint64_t)>& take);

}  // namespace kovet::explain
