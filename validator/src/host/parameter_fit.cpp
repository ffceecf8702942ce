#include "host/parameter_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <limits>

namespace kovet {

namespace {

using Kind = ParameterFit::Kind;

struct Width {
  std::string_view type;
  bool is_signed;
  unsigned bits;  // 0: a long
};

constexpr std::array integer_types{
    Width{"byte", false, 8}, Width{"short", true, 16}, Width{"ushort", false, 16},
    Width{"int", true, 32},  Width{"uint", false, 32}, Width{"hexint", false, 32},
    Width{"long", true, 0},  Width{"ulong", false, 0}, Width{"ullong", false, 64}};

constexpr std::array<std::string_view, 4> boolean_types{"bool", "invbool", "bool_enable_only",
                                                        "bint"};

constexpr std::size_t longest_charp = 1024;  // param_set_charp()

constexpr std::string_view array_prefix = "array of ";

bool is_boolean(std::string_view type) {
  return std::find(boolean_types.begin(), boolean_types.end(), type) != boolean_types.end();
}

ParameterFit refuse(std::string_view type, std::string note, int error = EINVAL) {
  return {Kind::bad_value, std::string(type), std::move(note), error};
}

/// kstrtobool(): it looks at no more than two characters.
bool is_kernel_bool(std::string_view value) {
  if (value.empty()) return false;
  if (std::string_view("yY1nN0tTfF").find(value[0]) != std::string_view::npos) return true;
  return (value[0] == 'o' || value[0] == 'O') && value.size() > 1 &&
         std::string_view("nNfF").find(value[1]) != std::string_view::npos;
}

/// kstrtoull() with base 0: one sign, 0x and 0 prefixes, one newline at the end.
ParameterFit fit_integer(const Width& width, std::string_view value, bool is_64_bit) {
  const std::string shown(value);
  const auto not_a_number = [&] {
    return refuse(width.type, fmt::format("'{}' is no number", shown));
  };
  if (value.ends_with('\n')) value.remove_suffix(1);
  bool negative = false;
  if (width.is_signed && value.starts_with('-')) {
    negative = true;
    value.remove_prefix(1);
  } else if (value.starts_with('+')) {
    value.remove_prefix(1);
  }
  int base = 10;
  if (value.size() > 2 && value[0] == '0' && (value[1] == 'x' || value[1] == 'X')) {
    base = 16;
    value.remove_prefix(2);
  } else if (value.size() > 1 && value[0] == '0') {
    base = 8;
  }
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), number, base);
  if (value.empty() || end != value.data() + value.size() || error == std::errc::invalid_argument)
    return not_a_number();
  const unsigned bits = width.bits ? width.bits : is_64_bit ? 64 : 32;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  if (width.is_signed) limit = (limit >> 1) + (negative ? 1 : 0);
  if (error == std::errc::result_out_of_range || number > limit)
    return refuse(width.type, fmt::format("{} does not fit into {} bits", shown, bits), ERANGE);
  return {Kind::fits, std::string(width.type), {}};
}

/// param_array() and param_set_copystring(): how much there is room for, as `__param` says.
ParameterFit fit_limit(ParameterFit fit, std::uint32_t limit, const Argument& argument) {
  if (fit.kind != Kind::fits || limit == 0) return fit;
  if (fit.type == "string") {
    fit.note.clear();
    if (argument.value.size() < limit) return fit;
    return refuse(fit.type, fmt::format("longer than {} characters", limit - 1), ENOSPC);
  }
  if (!fit.type.starts_with(array_prefix)) return fit;
  fit.note.clear();
  const auto count = split_at(argument.value, ',').size();
  if (count <= limit) return fit;
  return refuse(fit.type, fmt::format("{} elements, and there is room for {}", count, limit));
}

}  // namespace

std::string_view to_string(Kind kind) {
  constexpr std::array<std::string_view, 4> names{"fits", "unknown-parameter", "bad-value",
                                                  "not-judged"};
  return names.at(static_cast<std::size_t>(kind));
}

ParameterFit fit_value(std::string_view type, const Argument& argument, bool is_64_bit) {
  if (type.starts_with(array_prefix)) {
    const auto element = type.substr(array_prefix.size());
    if (!argument.has_value) return refuse(type, "it needs a value");
    for (const auto& piece : split_at(argument.value, ',')) {
      auto fit = fit_value(element, {argument.name, piece, true}, is_64_bit);
      fit.type = type;
      if (fit.kind != Kind::fits) return fit;
    }
    return {Kind::fits, std::string(type), "how many elements it takes is not written in the file"};
  }
  if (is_boolean(type)) {
    // Of these, invbool alone is without KERNEL_PARAM_OPS_FL_NOARG.
    if (!argument.has_value && type == "invbool") return refuse(type, "it needs a value");
    if (!argument.has_value || is_kernel_bool(argument.value))
      return {Kind::fits, std::string(type), {}};
    return refuse(type, fmt::format("'{}' is neither yes nor no", argument.value));
  }
  const auto* width = std::find_if(integer_types.begin(), integer_types.end(),
                                   [&](const Width& row) { return row.type == type; });
  const bool known = width != integer_types.end() || type == "charp" || type == "string";
  if (known && !argument.has_value) return refuse(type, "it needs a value");
  if (width != integer_types.end()) return fit_integer(*width, argument.value, is_64_bit);
  if (type == "charp") {
    if (argument.value.size() <= longest_charp) return {Kind::fits, std::string(type), {}};
    return refuse(type, fmt::format("longer than {} characters", longest_charp), ENOSPC);
  }
  if (type == "string")
    return {Kind::fits, std::string(type), "how long it may be is not written in the file"};
  return {Kind::not_judged, std::string(type),
          type.empty() ? "the module does not say its type"
                       : fmt::format("the module reads the type '{}' itself", type)};
}

ParameterFit fit_parameter(const Module& module, const Argument& argument) {
  const auto same = [&](std::string_view name) {
    return std::equal(name.begin(), name.end(), argument.name.begin(), argument.name.end(),
                      [](char a, char b) { return (a == '-' ? '_' : a) == (b == '-' ? '_' : b); });
  };
  // What the loader itself takes from every module's arguments (kernel/module/main.c).
  if (same("async_probe")) return {Kind::fits, "bool", "the loader's own"};
  if (same("dyndbg")) return {Kind::fits, "string", "the loader's own (CONFIG_DYNAMIC_DEBUG)"};
  const auto entry = std::find_if(module.parameter_table.begin(), module.parameter_table.end(),
                                  [&](const ParameterEntry& row) { return same(row.name); });
  const std::uint32_t limit = entry == module.parameter_table.end() ? 0 : entry->limit;
  for (const auto& parameter : module.parameters)
    if (same(parameter.name))
      return fit_limit(fit_value(parameter.type, argument, is_64_bit(module.arch)), limit,
                       argument);
  return {Kind::unknown_parameter,
          {},
          fmt::format("{} has no parameter '{}': the kernel logs it and ignores it",
                      module.display_name(), argument.name)};
}

}  // namespace kovet
