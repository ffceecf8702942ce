#include "explain/pattern.h"

#include <algorithm>
#include <cctype>

namespace kovet::explain {

namespace {

constexpr std::size_t longest_module_name = 64;  // MODULE_NAME_LEN

bool alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Where a path at the end of `text` begins: behind "depmod: WARNING: " and the like.
std::size_t behind_tool(std::string_view text) {
  constexpr std::string_view separator = ": ";
  const std::size_t last = text.rfind(separator);
  return last == std::string_view::npos ? 0 : last + separator.size();
}

}  // namespace

std::optional<std::string_view> capture(const Captures& captures, std::string_view name) {
  const auto found = std::ranges::find(captures, name, &Captures::value_type::first);
  if (found == captures.end()) return std::nullopt;
  return found->second;
}

Pattern::Class Pattern::class_of(std::string_view name) {
  if (name == "module" || name == "owner" || name == "release") return Class::module;
  if (name == "symbol") return Class::symbol;
  if (name == "value") return Class::hex;
  if (name == "word") return Class::word;
  if (name == "end") return Class::end;
  for (const std::string_view number : {"number", "error", "count", "type", "section"})
    if (name == number) return Class::decimal;
  return Class::text;
}

bool Pattern::fits(Class kind, char c) {
  switch (kind) {
    case Class::module:
      return alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '+';
    case Class::symbol:
      return alphanumeric(c) || c == '_' || c == '.' || c == '$';
    case Class::decimal:
      return std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+';
    case Class::hex:
      return std::isxdigit(static_cast<unsigned char>(c)) || c == 'x';
    case Class::word:
      return c != ' ' && c != '\t';
    case Class::literal:
    case Class::text:
    case Class::end:
      break;
  }
  return true;
}

Pattern::Pattern(std::string_view text) {
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      literal += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '{') {
      literal += text[i++];
    } else {
      if (!literal.empty()) parts_.push_back({Class::literal, std::move(literal)});
      literal.clear();
      const std::size_t end = std::min(text.find('}', i), text.size() - 1);
      const std::string_view name = text.substr(i + 1, end - i - 1);
      parts_.push_back({class_of(name), std::string(name)});
      i = end;
    }
  }
  if (!literal.empty()) parts_.push_back({Class::literal, std::move(literal)});
}

std::string_view Pattern::keyword() const {
  std::string_view longest;
  for (const Part& part : parts_)
    if (part.kind == Class::literal && part.text.size() > longest.size()) longest = part.text;
  return longest;
}

std::vector<std::string_view> Pattern::names() const {
  std::vector<std::string_view> names;
  for (const Part& part : parts_)
    if (part.kind != Class::literal && part.kind != Class::end) names.push_back(part.text);
  return names;
}

bool Pattern::match_rest(const std::vector<Part>& parts, std::size_t part, std::string_view line,
                         std::size_t at, Captures& captures) {
  for (; part < parts.size(); ++part) {
    const Part& wanted = parts[part];
    if (wanted.kind == Class::literal) {
      if (line.substr(at, wanted.text.size()) != wanted.text) return false;
      at += wanted.text.size();
      continue;
    }
    if (wanted.kind == Class::end) {
      if (at != line.size()) return false;
      continue;
    }
    std::size_t end = at;
    if (wanted.kind == Class::text) {
      const bool last = part + 1 == parts.size();
      end = last ? line.size() : line.find(parts[part + 1].text, at);
      if (end == std::string_view::npos) return false;
    } else {
      while (end < line.size() && fits(wanted.kind, line[end])) ++end;
      // A name's last characters may belong to what follows: "x.ko." and the literal ".".
      std::string_view next;
      if (part + 1 < parts.size() && parts[part + 1].kind == Class::literal)
        next = parts[part + 1].text;
      while (!next.empty() && end > at && line.substr(end, next.size()) != next) --end;
      if (end == at) return false;
    }
    captures.emplace_back(wanted.text, line.substr(at, end - at));
    at = end;
  }
  return true;
}

std::optional<Captures> Pattern::match(std::string_view line) const {
  if (parts_.empty()) return std::nullopt;
  const bool leading = parts_.front().kind != Class::literal;
  if (leading && parts_.size() == 1) return std::nullopt;
  const Part& literal = parts_[leading ? 1 : 0];
  int attempts = 256;  // a hostile line must not make this quadratic
  for (std::size_t at = line.find(literal.text); at != std::string_view::npos && attempts-- > 0;
       at = line.find(literal.text, at + 1)) {
    std::size_t begin = at;
    if (leading && parts_.front().kind == Class::text) {
      begin = parts_.front().text == "path" ? behind_tool(line.substr(0, at)) : 0;
    } else if (leading) {
      while (begin > 0 && fits(parts_.front().kind, line[begin - 1])) --begin;
      if (begin == at || at - begin > longest_module_name * 8) continue;
    } else if (at > 0 && alphanumeric(line[at - 1]) && alphanumeric(line[at])) {
      continue;
    }
    Captures captures;
    if (leading) captures.emplace_back(parts_.front().text, line.substr(begin, at - begin));
    if (match_rest(parts_, leading ? 1 : 0, line, at, captures)) return captures;
  }
  return std::nullopt;
}

}  // namespace kovet::explain
