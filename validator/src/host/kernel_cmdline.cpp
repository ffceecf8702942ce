#include "host/kernel_cmdline.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>

namespace kovet {

namespace {

constexpr std::size_t libkmod_limit = 4095;  // KCMD_LINE_SIZE less one

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// One word for libkmod: "MODULE.PARAM" or "MODULE.PARAM=VALUE", perhaps all in quotes.
void add_for_libkmod(std::string_view word, KernelCommandLine& line) {
  const bool quoted = word.starts_with('"');
  if (quoted) word.remove_prefix(1);
  const auto equals = std::min(word.find('='), word.size());
  const auto left = word.substr(0, equals);
  const auto dot = left.find('.');
  if (dot == std::string_view::npos || left.find('.', dot + 1) != std::string_view::npos) return;
  if (left.find('"') != std::string_view::npos) return;
  if (quoted && equals == word.size()) return;
  const std::string module(left.substr(0, dot));
  std::string parameter(word.substr(dot + 1));
  if (module == "modprobe" && parameter.starts_with("blacklist=")) {
    const auto value = word.substr(equals + 1);
    for (auto& name : split_at(value, ','))
      line.entries.push_back({ConfigKind::blacklist, std::move(name), {}, {line.origin, 0}});
    return;
  }
  const auto name = with_underscores(module);
  if (!name) return;
  // GRUB quotes the whole word; modprobe moves the quote to the value.
  if (quoted) parameter.insert(parameter.find('=') + 1, 1, '"');
  line.entries.push_back({ConfigKind::options, *name, std::move(parameter), {line.origin, 0}});
}

/// Words end at white space that is not quoted; only values may hold quoted white space, so a
/// word with such a space before its '=' is dropped whole.
void read_as_libkmod(std::string_view text, KernelCommandLine& line) {
  text = text.substr(0, libkmod_limit);
  bool in_quotes = false, bad = false, in_value = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\0';
    if (c == '"') in_quotes = !in_quotes;
    if (c == '=') in_value = true;
    const bool end = c == '\0' || is_space(c);
    if (!end) continue;
    if (in_quotes) {
      bad = bad || !in_value;
    } else {
      if (!bad && i > start) add_for_libkmod(text.substr(start, i - start), line);
      start = i + 1;
      bad = in_value = false;
    }
    if (c == '\0') return;
  }
}

void read_as_kernel(std::string_view text, KernelCommandLine& line) {
  for (const auto& argument : split_arguments(text)) {
    std::string name = argument.name;
    std::replace(name.begin(), name.end(), '-', '_');
    if (argument.name == "--") return;
    if (name == "module_blacklist") line.module_blacklist = split_at(argument.value, ',');
    if (name == "nomodule")
      line.modules_disabled = !argument.has_value || argument.value.find_first_not_of("0nNfF") == 0;
    if (name == "modules_load")
      for (auto& module : split_at(argument.value, ','))
        if (!module.empty()) line.modules_load.push_back(std::move(module));
  }
}

}  // namespace

KernelCommandLine parse_kernel_cmdline(std::string_view text, std::string origin) {
  KernelCommandLine line{.origin = std::move(origin), .text = std::string(text)};
  while (!line.text.empty() && is_space(line.text.back())) line.text.pop_back();
  read_as_libkmod(text, line);
  read_as_kernel(text, line);
  return line;
}

KernelCommandLine read_kernel_cmdline(const Root& root, const std::filesystem::path& file) {
  struct statfs system {};
  if (!root.is_running_machine() && ::statfs(file.c_str(), &system) == 0 &&
      system.f_type == PROC_SUPER_MAGIC)
    return {.not_taken = true};
  const auto text = root.read(root.on_machine(file), std::size_t{1} << 16);
  return text ? parse_kernel_cmdline(*text, "/proc/cmdline") : KernelCommandLine{};
}

std::vector<Argument> split_arguments(std::string_view text) {
  std::vector<Argument> result;
  for (std::size_t i = 0;;) {
    while (i < text.size() && is_space(text[i])) ++i;
    if (i == text.size()) return result;
    bool in_quotes = false;
    const std::size_t start = i;
    for (; i < text.size() && (in_quotes || !is_space(text[i])); ++i)
      if (text[i] == '"') in_quotes = !in_quotes;
    std::string_view word = text.substr(start, i - start);
    if (word.starts_with('"')) {
      word.remove_prefix(1);
      if (word.ends_with('"')) word.remove_suffix(1);
    }
    const auto equals = word.find('=');
    Argument argument{.name = std::string(word.substr(0, equals)),
                      .has_value = equals != std::string_view::npos};
    if (argument.has_value) {
      auto value = word.substr(equals + 1);
      if (value.starts_with('"')) {
        value.remove_prefix(1);
        if (value.ends_with('"')) value.remove_suffix(1);
      }
      argument.value = value;
    }
    result.push_back(std::move(argument));
  }
}

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> result;
  for (;;) {
    const auto end = text.find(separator);
    result.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

}  // namespace kovet
