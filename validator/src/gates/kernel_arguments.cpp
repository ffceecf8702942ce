#include "gates/kernel_arguments.h"

namespace kovet {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

void drop_closing_quote(std::string_view& text) {
  if (text.ends_with('"')) text.remove_suffix(1);
}

KernelArgument next_argument(std::string_view& text) {
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  bool in_quotes = quoted;
  std::size_t end = 0, equals = 0;  // an '=' in the first place is part of the name
  for (; end < text.size() && (in_quotes || !is_space(text[end])); ++end) {
    if (equals == 0 && text[end] == '=') equals = end;
    if (text[end] == '"') in_quotes = !in_quotes;
  }
  std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  skip_spaces(text);
  if (quoted) drop_closing_quote(word);
  if (equals == 0) return {std::string(word), std::nullopt};
  std::string_view value = word.size() > equals ? word.substr(equals + 1) : std::string_view{};
  if (value.starts_with('"')) {
    value.remove_prefix(1);
    if (!quoted) drop_closing_quote(value);
  }
  return {std::string(word.substr(0, equals)), std::string(value)};
}

}  // namespace

KernelArguments parse_kernel_arguments(std::string_view text) {
  KernelArguments arguments;
  text = text.substr(0, text.find('\0'));
  skip_spaces(text);
  while (!text.empty()) {
    KernelArgument argument = next_argument(text);
    if (!argument.value && argument.name == "--") {
      arguments.after_dashes = std::string(text);
      break;
    }
    arguments.words.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace kovet
