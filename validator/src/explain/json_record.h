#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kovet::explain {

/// The message of a record in one line: of `dmesg --json`, which jq wrote so, or of `journalctl -o
/// json` where it cannot be read as it stands: with blanks behind the colons, with escaped
/// characters, or as the list of bytes that the journal makes of a message that is no plain text.
/// With syslog's number for its writer in front ("<4>" the kernel, "<12>" a program); may have
/// several lines. Nothing: no such record, or one that is legible as it is.
std::optional<std::string> decode_json_record(std::string_view line);

/// Records of `dmesg --json` and `journalctl -o json-pretty`, which have a line for each field.
class PrettyRecords {
 public:
  /// Takes the next line. When it is a field that counts: what `dmesg` or `journalctl -o export`
  /// would have written for it, line by line; else nothing.
  std::vector<std::string> take(std::string_view line);

 private:
  bool begun_ = false;      ///< a brace was seen
  bool announced_ = false;  ///< the journal's record has been
  bool program_ = false;    ///< of `dmesg --json`: another facility than the kernel's
  std::string time_, caller_;
};

}  // namespace kovet::explain
