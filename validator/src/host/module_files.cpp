#include "host/module_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_files = 500'000;
constexpr std::size_t max_depth = 40;

bool is_module_name(const std::string& name) {
  constexpr std::array<std::string_view, 4> endings{".ko", ".ko.gz", ".ko.xz", ".ko.zst"};
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return name.size() > ending.size() && name.ends_with(ending);
  });
}

struct Walk {
  const Root& root;
  const DepmodConfig& config;
  ModuleFiles& files;
  std::vector<std::string>* unreadable = nullptr;
  std::size_t count = 0;
  std::vector<fs::path> above{};  ///< the folders it is in: a link to one of them is a circle

  void enter(const std::string& folder, const fs::path& here, std::size_t depth) {
    if (depth > max_depth || std::find(above.begin(), above.end(), here) != above.end()) return;
    above.push_back(here);
    list(folder, here, depth);
    above.pop_back();
  }

  void list(const std::string& folder, const fs::path& here, std::size_t depth) {
    std::error_code error;
    for (fs::directory_iterator at(here, error), end; !error && at != end; at.increment(error)) {
      if (count >= max_files) return;
      ++count;
      const auto name = at->path().filename().string();
      if (name == "build" || name == "source" ||
          std::find(config.excludes.begin(), config.excludes.end(), name) != config.excludes.end())
        continue;
      const auto path = folder + "/" + name;
      std::error_code ignored;
      auto real = at->path();
      if (at->is_symlink(ignored)) real = root.resolve(path).value_or(fs::path{});
      if (!real.empty() && fs::is_directory(real, ignored))
        enter(path, real, depth + 1);
      else if (is_module_name(name))
        files[module_name_of(name)].push_back({path, real, name.ends_with(".gz")});
    }
    if (error && unreadable) unreadable->push_back(fmt::format("{}: {}", folder, error.message()));
  }
};

/// A path up to the module's name, and the same below lib/modules/R (empty when elsewhere).
struct Stem {
  std::string whole, relative;
};

Stem stem_of(const ModuleFile& file, const std::string& modules_dir) {
  const auto slash = file.path.rfind('/');
  const auto dot = std::min(file.path.find('.', slash), file.path.size());
  Stem stem{file.path.substr(0, dot), {}};
  if (stem.whole.starts_with(modules_dir + "/"))
    stem.relative = stem.whole.substr(modules_dir.size() + 1);
  return stem;
}

bool below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder);
}

/// The places of two files in the search list; -1: in none.
struct Ranks {
  int older = -1, newer = -1;
};

/// depmod_module_is_higher_priority(): the numbers it compares. Its quirk stays: a search path
/// that fits the newer file is not tried on the older one.
Ranks ranks(const Stem& older, const Stem& newer, const DepmodConfig& config) {
  Ranks result;
  int builtin = -1, i = 0;
  for (const auto& search : config.searches) {
    if (search.kind == DepmodConfig::SearchKind::builtin) {
      builtin = i;
    } else if (search.kind == DepmodConfig::SearchKind::external) {
      for (const auto& external : config.externals) {
        if (below(newer.whole, external.path)) result.newer = i;
        if (below(older.whole, external.path)) result.older = i;
        ++i;
      }
    } else if (below(newer.relative, search.path)) {
      result.newer = i;
    } else if (below(older.relative, search.path)) {
      result.older = i;
    }
    ++i;
  }
  if (result.newer < 0) result.newer = builtin;
  if (result.older < 0) result.older = builtin;
  return result;
}

const DepmodConfig::Override* override_of(const Stem& stem, const DepmodConfig& config) {
  for (const auto& entry : config.overrides)
    if (entry.path == stem.relative) return &entry;
  return nullptr;
}

/// depmod's decision when it meets `newer` and has `older` already.
bool older_stays(const Stem& older, const Stem& newer, const DepmodConfig& config) {
  for (const auto& entry : config.overrides) {
    if (entry.path == newer.relative) return false;
    if (entry.path == older.relative) return true;
  }
  const auto rank = ranks(older, newer, config);
  return rank.newer <= rank.older;
}

/// The search entry a file falls under, for people; null: under none.
const DepmodConfig::Search* search_of(const Stem& stem, const DepmodConfig& config) {
  const DepmodConfig::Search* found = nullptr;
  const DepmodConfig::Search* builtin = nullptr;
  for (const auto& search : config.searches) {
    if (search.kind == DepmodConfig::SearchKind::builtin) builtin = &search;
    if (search.kind == DepmodConfig::SearchKind::path && below(stem.relative, search.path))
      found = &search;
    if (search.kind == DepmodConfig::SearchKind::external)
      for (const auto& external : config.externals)
        if (below(stem.whole, external.path)) found = &search;
  }
  return found ? found : builtin;
}

std::string describe(const DepmodConfig::Search* search) {
  if (!search) return "in no folder of the search order";
  const std::string name = search->kind == DepmodConfig::SearchKind::builtin    ? "built-in"
                           : search->kind == DepmodConfig::SearchKind::external ? "external"
                                                                                : search->path;
  return search->at.file.empty()
             ? fmt::format("'{}' of depmod's default search order", name)
             : fmt::format("'{}' of the search order in {}", name, to_string(search->at));
}

}  // namespace

ModuleFiles list_module_files(const Root& root, const std::string& modules_dir,
                              const DepmodConfig& config, std::vector<std::string>* unreadable) {
  ModuleFiles files;
  Walk walk{root, config, files, unreadable};
  if (const auto here = root.resolve(modules_dir)) walk.enter(modules_dir, *here, 0);
  for (const auto& external : config.externals)
    if (const auto here = root.resolve(external.path)) walk.enter(external.path, *here, 0);
  return files;
}

Choice choose_module_file(const std::vector<ModuleFile>& files, const std::string& modules_dir,
                          const DepmodConfig& config, bool kmod_reads_gzip) {
  Choice choice;
  choice.reasons.resize(files.size());
  choice.decided_by.resize(files.size());
  std::vector<Stem> stems;
  for (const auto& file : files) stems.push_back(stem_of(file, modules_dir));
  const auto counts = [&](std::size_t i) {
    return !files[i].here.empty() && (kmod_reads_gzip || !files[i].gzip);
  };
  for (std::size_t i = 0; i < files.size(); ++i)
    if (counts(i) && (!choice.winner || !older_stays(stems[*choice.winner], stems[i], config)))
      choice.winner = i;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto& reason = choice.reasons[i];
    if (!counts(i)) {
      reason = files[i].here.empty() ? "a link that leads nowhere"
                                     : "depmod without zlib does not look at .ko.gz";
      continue;
    }
    const auto& winner = stems[*choice.winner];
    const auto* mine = search_of(stems[i], config);
    const auto* override = override_of(i == *choice.winner ? stems[i] : winner, config);
    if (override) {
      reason =
          fmt::format("{} override in {}", i == *choice.winner ? "wins by the" : "loses to the",
                      to_string(override->at));
      choice.decided_by[i] = override->at;
    } else if (i == *choice.winner) {
      reason = files.size() == 1 ? "the only file of that name" : "wins: " + describe(mine);
      if (mine) choice.decided_by[i] = mine->at;
    } else if (const auto* best = search_of(winner, config); best == mine) {
      reason = "loses to a file of the same rank (" + describe(mine) +
               "): only the order of the folder's entries decides";
      choice.by_directory_order = true;
    } else {
      reason = "loses: " + describe(best) +
               (mine ? " ranks above " : " ranks above; this one is ") +
               (mine && !mine->at.file.empty() && best && best->at == mine->at
                    ? "'" + (mine->path.empty() ? std::string("built-in") : mine->path) + "'"
                    : describe(mine));
      if (best) choice.decided_by[i] = best->at;
    }
  }
  return choice;
}

}  // namespace kovet
