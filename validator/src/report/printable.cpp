#include "report/printable.h"

#include <fmt/format.h>

namespace kovet {

namespace {

/// Length of the well-formed UTF-8 sequence at the front; 0: none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 0;
  unsigned least = 0, code = 0;
  if (first < 0x80) return 1;
  if ((first & 0xe0) == 0xc0)
    length = 2, least = 0x80, code = first & 0x1f;
  else if ((first & 0xf0) == 0xe0)
    length = 3, least = 0x800, code = first & 0x0f;
  else if ((first & 0xf8) == 0xf0)
    length = 4, least = 0x10000, code = first & 0x07;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  const bool c1_control = code >= 0x80 && code < 0xa0;
  return code < least || code > 0x10ffff || surrogate || c1_control ? 0 : length;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0 || first < 0x20 || first == 0x7f) {
      out += fmt::format("\\x{:02x}", first);
      text.remove_prefix(1);
      continue;
    }
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace kovet
