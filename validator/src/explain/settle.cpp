#include "explain/settle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace kovet::explain {

namespace {

/// Module names: '-' and '_' are the same.
bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

void refuse(Explanation& item, int error) {
  item.stage = Stage::refused;
  item.error = error;
}

/// "Unknown symbol X (err -22)" repeats what an earlier line said of X; and whether X was refused
/// or only warned about is known from it.
void settle_symbols(std::vector<Explanation>& items) {
  std::unordered_map<std::string, std::unordered_set<std::string>> refused;  // module → symbols
  for (const auto& item : items)
    if (item.message->id == "symbol-unknown")
      for (const auto& symbol : item.symbols) refused[item.module].insert(symbol.name);
  std::unordered_map<std::string, std::unordered_set<std::string>> explained;
  for (auto& item : items) {
    const auto block = refused.find(item.module);
    if (item.symbols.empty() || item.message->gate != "symbols" || block == refused.end() ||
        item.message->id == "symbol-unknown")
      continue;
    for (const auto& symbol : item.symbols) {
      if (!block->second.contains(symbol.name)) continue;
      explained[item.module].insert(symbol.name);
      if (item.stage == Stage::undecided) refuse(item, EINVAL);
    }
  }
  for (auto& item : items)
    if (item.message->id == "symbol-unknown")
      std::erase_if(item.symbols, [&](const SymbolNote& symbol) {
        return explained[item.module].contains(symbol.name);
      });
  std::erase_if(items, [](const Explanation& item) {
    return item.message->id == "symbol-unknown" && item.symbols.empty() &&
           item.symbols_left_out == 0;
  });
}

/// What other lines show of messages that some kernels take for a refusal and others do not.
void settle_undecided(std::vector<Explanation>& items) {
  const auto follows = [&](const Explanation& item, std::string_view id) {
    return std::ranges::any_of(items, [&](const Explanation& other) {
      return other.message->id == id && other.last_number > item.number;
    });
  };
  const auto came_further = [&](const Explanation& item) {
    return !item.module.empty() && std::ranges::any_of(items, [&](const Explanation& other) {
      return other.module == item.module && other.number > item.number &&
             (other.stage == Stage::init_failed || other.stage == Stage::loaded ||
              other.message->id == "init-warning");
    });
  };
  const auto tool_says = [&](const Explanation& item) {
    return !item.module.empty() && std::ranges::any_of(items, [&](const Explanation& other) {
      return other.stage == Stage::userspace && other.error == item.message->error &&
             same_name(subject(other), item.module);
    });
  };
  for (Explanation& item : items) {
    if (item.stage != Stage::undecided) continue;
    if (item.message->gate == "signature") {
      if (follows(item, "signature-unsupported-crypto"))
        refuse(item, EKEYREJECTED);
      else if (follows(item, "lockdown-unsigned"))
        refuse(item, EPERM);
      else if (follows(item, "taint-unsigned"))
        item.stage = Stage::warned;
    } else if (came_further(item)) {
      item.stage = Stage::warned;
    } else if (tool_says(item)) {
      refuse(item, item.message->error);
    }
  }
}

/// A warning about a module that was refused after it does not mean that it was loaded; one that
/// comes after all refusals is of another attempt, for the loader says nothing more of what it
/// refused.
void settle_warnings(std::vector<Explanation>& items) {
  const auto fails = [](const Explanation& item) {
    return !item.module.empty() &&
           (item.stage == Stage::refused || item.stage == Stage::init_failed);
  };
  std::unordered_map<std::string, std::uint64_t> failed;  // module → the last line that says so
  for (const auto& item : items)
    if (fails(item)) {
      auto& last = failed[item.module];
      last = std::max(last, item.last_number);
    }
  // Of the tools' messages the last one counts too: they come after the kernel's.
  for (const auto& item : items)
    if (item.stage == Stage::userspace && item.error)
      for (auto& [module, last] : failed)
        if (same_name(module, subject(item))) last = std::max(last, item.last_number);
  // The next line that says what came of it: the kernel's, or without one a tool's.
  const auto name_failure = [&](Explanation& warning) {
    const Explanation* best = nullptr;
    for (const auto& item : items) {
      const bool tool = item.stage == Stage::userspace && item.error;
      if (tool ? !same_name(subject(item), warning.module)
               : !fails(item) || item.module != warning.module)
        continue;
      const std::uint64_t at = item.number > warning.number ? item.number : item.last_number;
      if (at < warning.number) continue;
      const bool best_is_tool = best && best->stage == Stage::userspace;
      if (best && (tool > best_is_tool || (tool == best_is_tool && at > warning.failed_at)))
        continue;
      best = &item;
      warning.failed_at = at;
    }
    if (best) warning.failed_stage = best->stage;
  };
  std::unordered_map<std::string, std::uint64_t> again;  // module → the first line after that
  for (auto& item : items) {
    const auto last = failed.find(item.module);
    if (last == failed.end() || (item.stage != Stage::warned && item.stage != Stage::loaded))
      continue;
    item.also_refused = item.stage == Stage::warned && item.number < last->second;
    if (item.also_refused) name_failure(item);
    if (item.last_number <= last->second) continue;
    const std::uint64_t first = item.number > last->second ? item.number : item.last_number;
    const auto [known, added] = again.emplace(item.module, first);
    if (!added) known->second = std::min(known->second, first);
  }
  for (auto& item : items) {
    const auto later = again.find(item.module);
    if (!fails(item) || later == again.end()) continue;
    item.later_attempt = later->second;
    item.details.push_back(fmt::format(
        "line {} is of a later attempt to load {}; no line after it says that this one failed",
        later->second, item.module));
  }
}

/// A licence that the log complains about is the likeliest reason for unknown symbols.
void settle_licences(std::vector<Explanation>& items) {
  std::unordered_map<std::string, std::string> proprietary;  // module → the line
  for (const auto& item : items)
    if (item.message->id == "taint-licence" || item.message->id == "taint-proprietary")
      proprietary.emplace(item.module, item.line);
  for (auto& item : items) {
    const auto found = proprietary.find(item.module);
    if (item.message->id != "symbol-unknown" || found == proprietary.end()) continue;
    item.details.push_back(
        fmt::format("the same log says \"{}\": symbols that are GPL-only are invisible to {}",
                    found->second, item.module));
    std::stable_partition(item.causes.begin(), item.causes.end(), [](const std::string& cause) {
      return cause.find("GPL-only") != std::string::npos;
    });
  }
}

/// Whether a line of the kernel's explains that a tool was given its errno.
bool explains(const Explanation& line, const Explanation& tool) {
  // An install line's command that fails is EINVAL to modprobe, whatever the command said.
  if (line.message->id == "modprobe-install-command")
    return tool.error == EINVAL && same_name(subject(line), subject(tool));
  if (line.stage != Stage::refused && line.stage != Stage::init_failed) return false;
  // Which errno a parameter's setter returned, its line does not say.
  if (line.message->id == "parameter-invalid")
    return (tool.error == EINVAL || tool.error == ERANGE) &&
           same_name(subject(line), subject(tool));
  return line.error == tool.error;
}

/// Whether what a driver ran into, as the line says, mostly ends in the tool's errno.
bool may_lead_to(const Explanation& line, const Explanation& tool) {
  const std::string_view id = line.message->id;
  if (id == "sysfs-duplicate") return tool.error == EEXIST || tool.error == ENOMEM;
  if (id == "kobject-exists") return tool.error == EEXIST;
  if (id == "driver-registered") return tool.error == EBUSY;
  return id == "firmware-missing" && line.error == tool.error;
}

/// The last of an explanation's lines before this one that is known; 0: none.
std::uint64_t last_before(const Explanation& line, std::uint64_t number) {
  if (line.last_number < number) return line.last_number;
  return line.number < number ? line.number : 0;
}

/// The kernel's line that says why; several that could leave it open.
struct Reason {
  const Explanation* line = nullptr;
  bool named = false;  ///< it names the tool's module
  bool several = false;

  void consider(const Explanation& other, const Explanation& tool) {
    const bool names = same_name(subject(other), subject(tool));
    if (names == named) several = line != nullptr;
    if (names && !named) several = false;
    if (names || !named) {
      const bool later = !line || names != named ||
                         last_before(other, tool.number) >= last_before(*line, tool.number);
      if (later) line = &other;
      named = names;
    }
  }
};

/// Pasted from a terminal, the kernel's lines come after the tool's: the next one that fits.
const Explanation* printed_later(const std::vector<Explanation>& items, const Explanation& tool) {
  for (const auto& other : items)
    if (other.number > tool.number && explains(other, tool) &&
        same_name(subject(other), subject(tool)))
      return &other;
  return nullptr;
}

/// The loader names each symbol that it does not find. Where it took note of the module, and named
/// none, ENOENT is its init's.
void settle_silent_enoent(Explanation& tool, const std::vector<Explanation>& items) {
  if (tool.error != ENOENT) return;
  const Explanation* noted = nullptr;
  for (const auto& other : items) {
    if (other.message->id == "symbol-unknown" || other.message->id == "modprobe-file-gone") return;
    if ((other.stage == Stage::warned || other.stage == Stage::loaded) &&
        other.number < tool.number && !other.module.empty() &&
        same_name(other.module, subject(tool)))
      noted = &other;
  }
  if (!noted) return;
  tool.details.push_back(
      fmt::format("the loader took note of {} (line {}) and logged no 'Unknown symbol': most "
                  "likely its init returned it",
                  noted->module, noted->number));
  std::ranges::stable_partition(tool.causes, [](const std::string& cause) {
    return cause.find("its init function") != std::string::npos;
  });
  tool.next = fmt::format(
      "read {0}'s own lines in dmesg, and where its source returns -ENOENT; kovet boot "
      "loads it in a virtual machine",
      noted->module);
}

/// A tool passes on an errno; the kernel's own line about it, when the log has one, says why. Where
/// the tools' lines stand among the kernel's, it comes after the tool's line before this one.
void settle_tools(std::vector<Explanation>& items) {
  std::set<std::uint64_t> tools;
  for (const auto& item : items)
    if (item.stage == Stage::userspace) tools.insert({item.number, item.last_number});
  if (tools.empty()) return;
  const bool mixed = std::ranges::any_of(items, [&](const Explanation& item) {
    return (item.stage == Stage::refused || item.stage == Stage::init_failed) &&
           item.last_number > *tools.begin() && item.number < *tools.rbegin();
  });
  for (auto& item : items) {
    if (item.stage != Stage::userspace || !item.error || fact(item, "reason").empty() ||
        is_of_open(item))
      continue;
    const auto here = tools.find(item.number);
    const std::uint64_t begin = here == tools.begin() ? 0 : *std::prev(here);
    Reason next_to_it, elsewhere;
    const Explanation* perhaps = nullptr;
    for (const auto& other : items) {
      const std::uint64_t at = last_before(other, item.number);
      if (at > begin && may_lead_to(other, item)) perhaps = &other;
      // A tool's own line before its last one.
      if (at > 0 && other.message->id == "modprobe-file-gone" && item.error == ENOENT)
        perhaps = &other;
      if (!explains(other, item)) continue;
      if (at > begin || other.message->id == "modprobe-install-command")
        next_to_it.consider(other, item);
      else if (!mixed || (at > 0 && same_name(subject(other), subject(item))))
        elsewhere.consider(other, item);
    }
    Reason why = next_to_it;
    if (!why.line || (why.several && !why.named)) why = elsewhere;
    // Which of several attempts it was is not known; insmod names a file, which may be called as it
    // likes, modprobe's name is the module's.
    if (why.line && (why.named ? why.several && last_before(*why.line, item.number) == 0
                               : why.several || (!why.line->module.empty() &&
                                                 item.message->id != "insmod-insert")))
      why.line = nullptr;
    if (why.line) {
      const std::uint64_t before = last_before(*why.line, item.number);
      item.explained_by = before ? before : why.line->number;
      item.details.push_back(
          fmt::format("line {} of this log says why: {}", item.explained_by, why.line->line));
      item.causes.clear();
      item.next = why.line->next;
    } else if (perhaps) {
      item.details.push_back(fmt::format("line {} of this log may be why: {}",
                                         last_before(*perhaps, item.number), perhaps->line));
    } else if (const Explanation* later = printed_later(items, item)) {
      item.details.push_back(
          fmt::format("line {} of this log may be why: {}", later->number, later->line));
      item.next = later->next;
    } else {
      settle_silent_enoent(item, items);
    }
  }
}

/// "loading module anyway..." is the second line of a message of two.
void settle_positive(std::vector<Explanation>& items) {
  const bool told = std::ranges::any_of(
      items, [](const Explanation& item) { return item.message->id == "init-positive"; });
  if (told)
    std::erase_if(
        items, [](const Explanation& item) { return item.message->id == "init-positive-anyway"; });
}

}  // namespace

void settle_repetitions(std::vector<Explanation>& items) {
  settle_symbols(items);
  settle_positive(items);
}

void settle_stages(std::vector<Explanation>& items) {
  settle_undecided(items);
  settle_warnings(items);
  settle_licences(items);
  settle_tools(items);
}

}  // namespace kovet::explain
