#include "host/modprobe_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <map>

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 7> words{"alias",  "blacklist", "options", "install",
                                                "remove", "softdep",   "weakdep"};
constexpr std::string_view blanks = "\t ";
constexpr std::size_t most_misnamed = 100;

/// Cuts the next word off, as strtok_r() does: leading blanks and one blank behind it go.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const auto end = std::min(rest.find_first_of(blanks), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

/// One logical line: a backslash joins the next line, and elsewhere just vanishes.
struct LogicalLine {
  std::string text;
  std::uint32_t first = 0;  // number of its first physical line
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}
  bool next(LogicalLine& line) {
    line.text.clear();
    line.first = ++line_;
    if (at_ >= text_.size()) return false;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '\n') return true;
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == '\n') {
          ++line_;
          continue;
        }
      }
      line.text += c;
    }
    return !line.text.empty();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 0;
};

/// Fills in name and value; false when libkmod calls the line bad.
bool read_entry(ConfigEntry& entry, std::string_view rest) {
  const auto first = take_word(rest);
  const auto name = with_underscores(first);
  if (first.empty() || !name) return false;
  entry.name = *name;
  if (entry.kind == ConfigKind::blacklist) return true;
  if (entry.kind == ConfigKind::alias) {
    const auto target = take_word(rest);
    const auto module = with_underscores(target);
    if (target.empty() || !module) return false;
    entry.value = *module;
    return true;
  }
  if (rest.empty()) return false;
  entry.value = rest;
  if (entry.kind == ConfigKind::options)
    std::replace(entry.value.begin(), entry.value.end(), '\t', ' ');
  return true;
}

bool is_config_name(const std::string& name) {
  return !name.starts_with(".") && name.size() >= 6 &&
         (name.ends_with(".conf") || name.ends_with(".alias"));
}

/// A link to /dev/null: the usual way of masking a file of a later folder. Nothing to read, on any
/// machine.
bool is_mask(const fs::path& file) {
  std::error_code error;
  return fs::is_symlink(file, error) && fs::read_symlink(file, error) == "/dev/null";
}

}  // namespace

std::string_view to_string(ConfigKind kind) {
  return words.at(static_cast<std::size_t>(kind));
}

std::vector<std::string> modprobe_folders() {
  return {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
          "/lib/modprobe.d"};
}

std::optional<std::string> with_underscores(std::string_view name) {
  std::string result(name);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '-') {
      result[i] = '_';
    } else if (result[i] == ']') {
      return std::nullopt;
    } else if (result[i] == '[') {
      i = result.find(']', i);
      if (i == std::string::npos) return std::nullopt;
    }
  }
  return result;
}

std::string module_name_of(std::string_view file_name) {
  std::string name(file_name.substr(file_name.rfind('/') + 1));
  name.resize(std::min(name.find('.'), name.size()));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

void scan_modprobe_text(std::string_view text, const std::string& file, ModprobeConfig& config) {
  LineReader reader(text);
  for (LogicalLine line; reader.next(line);) {
    line.text.resize(std::min(line.text.find('\0'), line.text.size()));
    if (line.text.empty() || line.text.front() == '#') continue;
    std::string_view rest = line.text;
    const auto command = take_word(rest);
    if (command.empty()) continue;
    const auto word = std::find(words.begin(), words.end(), command);
    ConfigEntry entry{.at = {file, line.first}};
    entry.kind = static_cast<ConfigKind>(word - words.begin());
    if (word != words.end() && read_entry(entry, rest))
      config.entries.push_back(std::move(entry));
    else
      config.ignored.push_back({{file, line.first}, line.text});
  }
}

ModprobeConfig scan_modprobe_config(const Root& root, const std::string& modules_dir) {
  ModprobeConfig config;
  struct Chosen {
    std::string path;  // on the machine
    fs::path opened;   // what libkmod opens
  };
  std::map<std::string, Chosen> chosen;  // by file name
  std::vector<ConfigFile> masked;
  const auto modules_here = root.resolve(modules_dir);
  for (const char* name : {"modules.softdep", "modules.weakdep"})
    if (modules_here && root.resolve(modules_dir + "/" + name))
      chosen.emplace(name, Chosen{modules_dir + "/" + name, *modules_here / name});
  std::vector<fs::path> seen;
  for (const auto& folder : modprobe_folders()) {
    const auto here = root.resolve(folder);
    std::error_code error;
    if (!here && root.hides(folder)) config.unreadable.push_back(folder + ": Permission denied");
    if (!here || std::find(seen.begin(), seen.end(), *here) != seen.end()) continue;
    if (!fs::is_directory(*here, error)) continue;
    seen.push_back(*here);
    config.folders.push_back(here->string());
    const fs::directory_iterator items(*here, error);
    if (error) config.unreadable.push_back(fmt::format("{}: {}", folder, error.message()));
    for (const auto& item : items) {
      const auto name = item.path().filename().string();
      const auto path = folder + "/" + name;
      if (!is_config_name(name)) {
        if (item.is_regular_file(error) && config.misnamed.size() < most_misnamed)
          config.misnamed.push_back(path);
        continue;
      }
      // A folder of such a name is passed over, and masks nothing.
      if (const auto there = root.resolve(path); there && fs::is_directory(*there, error)) continue;
      const auto [first, inserted] = chosen.emplace(name, Chosen{path, item.path()});
      if (!inserted) masked.push_back({path, first->second.path, {}});
    }
  }
  // The one file of module-init-tools' days.
  if (root.resolve("/etc/modprobe.conf")) config.misnamed.push_back("/etc/modprobe.conf");
  std::string joined;
  for (const auto& [name, file] : chosen) {
    const auto& path = file.path;
    const auto here = root.resolve(path);
    std::error_code error;
    if (here && fs::is_directory(*here, error)) continue;
    if (is_mask(file.opened)) {
      config.files.push_back({path, {}, {}});
      continue;
    }
    // libkmod knows no root: through a link it may open another file than the machine would.
    if (here ? !fs::equivalent(*here, file.opened, error) : fs::is_regular_file(file.opened, error))
      config.links_leave_root = true;
    // Nor does it stop at a pipe, a device or a file of any size.
    if (here && !fs::is_regular_file(*here, error)) {
      config.links_leave_root = true;
      config.files.push_back({path, {}, "not a file"});
      config.unreadable.push_back(path + ": not a file");
      continue;
    }
    auto text = root.read(path);
    if (!text) {
      config.links_leave_root = true;
      config.files.push_back({path, {}, text.error().what});
      if (here) config.unreadable.push_back(fmt::format("{}: {}", path, text.error().what));
      continue;
    }
    config.files.push_back({path, {}, {}});
    scan_modprobe_text(*text, path, config);
    joined += *text + "\n\n";
  }
  if (config.links_leave_root) config.joined = std::move(joined);
  std::move(masked.begin(), masked.end(), std::back_inserter(config.files));
  return config;
}

Softdep parse_softdep(std::string_view value) {
  Softdep result;
  std::vector<std::string>* list = nullptr;
  for (auto& word : split_words(value)) {
    if (word == "pre:")
      list = &result.pre;
    else if (word == "post:")
      list = &result.post;
    else if (list)
      list->push_back(std::move(word));
  }
  return result;
}

std::string to_string(const Softdep& softdep) {
  std::string text;
  if (!softdep.pre.empty()) text += fmt::format("pre: {} ", fmt::join(softdep.pre, " "));
  if (!softdep.post.empty()) text += fmt::format("post: {} ", fmt::join(softdep.post, " "));
  if (!text.empty()) text.pop_back();
  return text;
}

std::vector<std::string> split_words(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  std::vector<std::string> result;
  for (std::size_t at = 0; (at = text.find_first_not_of(space, at)) != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(space, at), text.size());
    result.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return result;
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace kovet
