#pragma once

#include <string>
#include <string_view>

namespace kovet {

/// Text from a module or a log, safe for a terminal and for UTF-8 formats: control characters
/// and bytes that are not UTF-8 appear as \xNN.
std::string printable(std::string_view text);

/// The same, escaped for XML text and attributes.
std::string xml_text(std::string_view text);

}  // namespace kovet
