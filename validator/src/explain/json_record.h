#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kovet::explain {

/// The message of a record of `journalctl -o json` that cannot be read where it stands: with escaped
/// characters, or as the list of bytes that the journal makes of a message that is no plain text.
/// With syslog's number for its writer in front ("<4>" the kernel, "<12>" a program); may have
/// several lines. Nothing: no such record, or one that is legible as it is.
std::optional<std::string> decode_json_record(std::string_view line);

}  // namespace kovet::explain
