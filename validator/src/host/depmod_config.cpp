#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <map>

#include "host/module_files.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

bool kernel_matches(const std::string& pattern, const std::string& release) {
  if (pattern == "*") return true;
  if (pattern.size() > 256) return false;
  regex_t compiled;
  if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = ::regexec(&compiled, release.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return found;
}

DepmodConfig::Search search_of(const std::string& word, const Location& at) {
  if (word == "built-in") return {DepmodConfig::SearchKind::builtin, {}, at};
  if (word == "external") return {DepmodConfig::SearchKind::external, {}, at};
  return {DepmodConfig::SearchKind::path, word, at};
}

}  // namespace

void scan_depmod_text(std::string_view text, const std::string& file, const std::string& release,
                      DepmodConfig& config) {
  // The files have modprobe.d's shape: its scanner joins and counts the lines.
  ModprobeConfig lines;
  scan_modprobe_text(text, file, lines);
  for (const auto& line : lines.ignored) {
    const auto words = split_words(line.text);
    if (words.empty()) continue;
    if (words[0] == "search") {
      // depmod keeps the list backwards: what comes first in the line ranks highest.
      for (std::size_t i = 1; i < words.size(); ++i)
        config.searches.insert(config.searches.begin(), search_of(words[i], line.at));
    } else if (words[0] == "override" && words.size() >= 4) {
      if (kernel_matches(words[2], release))
        config.overrides.insert(config.overrides.begin(), {words[3] + "/" + words[1], line.at});
    } else if (words[0] == "external" && words.size() >= 3) {
      if (kernel_matches(words[1], release))
        config.externals.insert(config.externals.begin(), {words[2], line.at});
    } else if (words[0] == "exclude") {
      config.excludes.insert(config.excludes.end(), words.begin() + 1, words.end());
    } else {
      config.ignored.push_back(line);
    }
  }
}

DepmodConfig read_depmod_config(const Root& root, const std::string& release) {
  DepmodConfig config;
  std::map<std::string, std::string> chosen;
  for (const char* folder : {"/etc/depmod.d", "/run/depmod.d", "/usr/local/lib/depmod.d",
                             "/usr/lib/depmod.d", "/lib/depmod.d"}) {
    if (const auto why = root.why_not_listed(folder))
      config.unreadable.push_back(fmt::format("{}: {}", folder, *why));
    const auto here = root.resolve(folder);
    if (!here) continue;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(*here, error)) {
      const auto name = item.path().filename().string();
      std::error_code ignored;
      const auto there = root.resolve(std::string(folder) + "/" + name);
      if (there && fs::is_directory(*there, ignored)) continue;  // passed over, and masks nothing
      if (!name.starts_with(".") && name.size() >= 6 && name.ends_with(".conf"))
        chosen.emplace(name, std::string(folder) + "/" + name);
    }
  }
  for (const auto& [name, path] : chosen)
    if (const auto text = root.read(path))
      scan_depmod_text(*text, path, release, config);
    else if (root.resolve(path))
      config.unreadable.push_back(fmt::format("{}: {}", path, text.error().what));
  if (config.searches.empty()) config.searches.push_back(search_of("updates", {}));
  return config;
}

}  // namespace kovet
