#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kovet::explain {

/// What a pattern's placeholders matched, in the pattern's order. Views point into the line.
using Captures = std::vector<std::pair<std::string_view, std::string_view>>;

/// The capture of that name, or nothing.
std::optional<std::string_view> capture(const Captures& captures, std::string_view name);

/// A message with placeholders: "{module}: Unknown symbol {symbol} (err {error})".
///
/// A name decides what its placeholder takes: {module}, {owner} and {release} a module name,
/// {symbol} an identifier, {number}, {error}, {count}, {type}, {section} a decimal with sign,
/// {value} hex digits, {word} anything without a space; every other name as little text as will do,
/// possibly none.
/// "{{" is a brace, "{end}" demands the line's end. A message matches wherever a line holds it from
/// a word's start on, so that prefixes need not be known; placeholders of text at the start take
/// the line from its start, {path} from behind the last ": ".
class Pattern {
 public:
  explicit Pattern(std::string_view text);

  std::optional<Captures> match(std::string_view line) const;

  /// The longest literal part: a line without it cannot match.
  std::string_view keyword() const;
  /// Names of the placeholders.
  std::vector<std::string_view> names() const;

 private:
  enum class Class : unsigned char { literal, module, symbol, decimal, hex, word, text, end };
  struct Part {
    Class kind;
    std::string text;  ///< the literal, or the placeholder's name
  };
  static Class class_of(std::string_view name);
  static bool fits(Class kind, char c);
  static bool match_rest(const std::vector<Part>& parts, std::size_t part, std::string_view line,
                         std::size_t at, Captures& captures);

  std::vector<Part> parts_;
};

}  // namespace kovet::explain
