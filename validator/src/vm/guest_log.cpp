#include "vm/guest_log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>

#include "support/errno_name.h"

namespace kovet::vm {

namespace {

constexpr std::size_t max_line = std::size_t{32} << 10;
constexpr std::size_t max_lines = 2000;
constexpr std::size_t max_log_lines = 100000;
constexpr std::size_t max_console = std::size_t{512} << 10;
constexpr std::uint64_t taint_oops = 1 << 7, taint_warning = 1 << 9;

/// Takes the word up to the next blank off `text`.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <class T>
T take_number(std::string_view& text) {
  T value{};
  const auto word = take_word(text);
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

/// False: there are enough already.
bool keep(std::vector<std::string>& lines, std::string_view line, std::size_t limit = max_lines) {
  if (lines.size() >= limit) return false;
  lines.emplace_back(line);
  return true;
}

/// Of a dependency that could not be loaded; guest/init.c has numbers of its own behind errno's.
std::string why_not(int error) {
  constexpr int no_answer = 1000, child_killed = 1001;
  if (error == no_answer) return "no answer in time";
  if (error == child_killed) return "the kernel died of it";
  return errno_name(error);
}

/// "/m/12-crc32c.ko"
std::string file_in_guest(std::string_view path) {
  return std::string(path.substr(std::min(path.find('-') + 1, path.size())));
}

/// /dev/kmsg writes what is not printable ASCII, and the backslash, as \xNN.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 2;
    if (text.substr(i, 2) == "\\x" && i + 4 <= text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      plain += static_cast<char>(value);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

template <class Function>
void for_each_line(std::string_view text, const Function& function) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    function(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Removes the time that the console puts before a line: "[    5.123456] ".
std::string_view without_time(std::string_view line) {
  if (!line.starts_with('[')) return line;
  const auto end = line.find("] ");
  const auto inside = line.substr(1, std::min(end, line.size()) - 1);
  const bool is_time = end != std::string_view::npos &&
                       inside.find_first_not_of(" .0123456789") == std::string_view::npos;
  return is_time ? line.substr(end + 2) : line;
}

bool tells_of_oops(std::string_view line) {
  return line.find("Oops: ") != std::string_view::npos ||
         line.find("kernel BUG at ") != std::string_view::npos ||
         line.starts_with("Kernel panic - ");
}

}  // namespace

GuestLog::GuestLog(std::vector<LoadOutcome>& outcomes, BootRecord& record, bool keep_log)
    : outcomes_(outcomes), record_(record), keep_log_(keep_log) {}

bool GuestLog::report(std::string_view piece) {
  while (!piece.empty() && !finished_) {
    const auto end = std::min(piece.find('\n'), piece.size());
    partial_.append(piece.substr(0, std::min(end, max_line - std::min(max_line, partial_.size()))));
    if (end == piece.size()) break;
    piece.remove_prefix(end + 1);
    while (partial_.ends_with('\r')) partial_.pop_back();
    take_line(partial_);
    partial_.clear();
  }
  return !finished_;
}

void GuestLog::console(std::string_view piece) {
  console_.append(piece);
  if (console_.size() <= max_console) return;
  // What was before this module goes first, then the middle of what belongs to it.
  std::size_t surplus = console_.size() - max_console / 2;
  const std::size_t before = std::min(console_mark_, surplus);
  console_.erase(0, before);
  console_mark_ -= before;
  surplus -= before;
  if (surplus > 0) console_.erase(console_mark_ + max_console / 8, surplus);
}

void GuestLog::take_line(std::string_view line) {
  if (line.size() < 1) return;
  const char kind = line.front();
  std::string_view rest = line.substr(std::min<std::size_t>(2, line.size()));
  switch (kind) {
    case 'S':
      up_ = true;
      taint_ = take_number<std::uint64_t>(rest);
      record_.release = rest;
      return;
    case 'K':
      return take_record(rest);
    case 'T':
      return left_out(take_number<std::uint64_t>(rest));
    case 'D':
      dependency_ = file_in_guest(rest);
      current_ = SIZE_MAX;
      return;
    case 'A': {
      const auto name = file_in_guest(take_word(rest));
      keep(failed_dependencies_, name + " (" + why_not(take_number<int>(rest)) + ")");
      return;
    }
    case 'B':
      return begin_load(rest);
    case 'R':
      return answer(rest);
    case 'N':
      return set_module_line(rest);
    case 'H':
      return killed(LoadState::hung);
    case 'O':
      return killed(LoadState::died);
    case 'E':
      return end_load(rest);
    case 'V':
      current_ = take_number<std::size_t>(rest);
      phase_ = Phase::unloading;
      console_mark_ = console_.size();
      return;
    case 'U':
      return end_unload(rest);
    case 'Q':
    case 'X':
      finished_ = true;
      return;
    default:
      return;
  }
}

void GuestLog::take_record(std::string_view record) {
  const auto semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return;
  unsigned priority = 0;
  std::from_chars(record.data(), record.data() + semicolon, priority);
  if (priority >> 3 != 0) return;  // not the kernel's own
  for_each_line(unescape(record.substr(semicolon + 1)),
                [&](std::string_view text) { take_text(text, static_cast<int>(priority & 7)); });
}

/// The lines that initcall_debug adds are ours, not the kernel's answer.
bool GuestLog::is_initcall_line(std::string_view text, int level) {
  constexpr int debug = 7;
  if (level != debug) return false;
  if (text.starts_with("calling  ")) {
    LoadOutcome* outcome = current();
    if (outcome && phase_ == Phase::loading && text.ends_with(" @ " + loader_))
      outcome->init_called = true;
    return text.find(" @ ") != std::string_view::npos;
  }
  return text.starts_with("initcall ") && text.ends_with(" usecs");
}

void GuestLog::take_text(std::string_view text, int level) {
  if (is_initcall_line(text, level)) return;
  if (keep_log_) keep(record_.log, text, max_log_lines);
  LoadOutcome* outcome = current();
  if (!outcome) return;
  if (phase_ == Phase::idle) return;
  if (!keep(phase_ == Phase::loading ? outcome->log : outcome->unload_log, text)) left_out(1);
}

void GuestLog::left_out(std::uint64_t count) {
  LoadOutcome* outcome = current();
  if (outcome && phase_ != Phase::idle) outcome->lines_left_out += count;
}

void GuestLog::begin_load(std::string_view rest) {
  current_ = take_number<std::size_t>(rest);
  phase_ = Phase::loading;
  dependency_.clear();
  console_mark_ = console_.size();
  LoadOutcome* outcome = current();
  if (!outcome) return;
  outcome->taint_before = taint_ = take_number<std::uint64_t>(rest);
  outcome->taint_after = outcome->taint_before;
  loader_ = take_word(rest);
  outcome->position = static_cast<unsigned>(answered_.size());
  outcome->missing_dependencies.insert(outcome->missing_dependencies.end(),
                                       failed_dependencies_.begin(), failed_dependencies_.end());
  failed_dependencies_.clear();
}

void GuestLog::answer(std::string_view rest) {
  take_word(rest);
  LoadOutcome* outcome = current();
  if (!outcome) return;
  outcome->error = take_number<int>(rest);
  outcome->state = outcome->error == 0    ? LoadState::loaded
                   : outcome->init_called ? LoadState::init_failed
                                          : LoadState::refused;
}

/// "hello 16384 0 - Live 0x0000000000000000 (OE)"
void GuestLog::set_module_line(std::string_view rest) {
  take_word(rest);
  LoadOutcome* outcome = current();
  if (!outcome) return;
  const auto open = rest.rfind('(');
  if (open != std::string_view::npos && rest.ends_with(')'))
    outcome->taints = rest.substr(open + 1, rest.size() - open - 2);
  outcome->name = take_word(rest);
  outcome->permanent = rest.find("[permanent],") != std::string_view::npos;
}

void GuestLog::killed(LoadState state) {
  if (LoadOutcome* outcome = current()) {
    outcome->state = state;
    outcome->error = 0;
    record_.end = state == LoadState::hung ? "a module did not answer in time"
                                           : "the kernel killed the loading process";
  }
}

void GuestLog::end_load(std::string_view rest) {
  take_word(rest);
  if (LoadOutcome* outcome = current()) {
    outcome->taint_after = taint_ = take_number<std::uint64_t>(rest);
    const auto added = outcome->taint_after & ~outcome->taint_before;
    outcome->warned = added & taint_warning;
    outcome->oopsed = added & taint_oops;
    answered_.push_back(current_);
  }
  phase_ = Phase::idle;
}

void GuestLog::end_unload(std::string_view rest) {
  take_word(rest);
  if (LoadOutcome* outcome = current()) {
    const int error = take_number<int>(rest);
    const auto taint = take_number<std::uint64_t>(rest);
    const auto added = taint & ~taint_;
    taint_ = taint;
    outcome->unload = error == 0    ? UnloadState::clean
                      : error > 0   ? UnloadState::failed
                      : error == -1 ? UnloadState::hung
                                    : UnloadState::died;
    outcome->unload_error = std::max(error, 0);
    outcome->warned = outcome->warned || (added & taint_warning);
    outcome->oopsed = outcome->oopsed || (added & taint_oops);
    if (error != 0) record_.end = outcome->name + " stays loaded";
  }
  phase_ = Phase::idle;
}

std::vector<std::string> GuestLog::console_lines() {
  std::vector<std::string> lines;
  for_each_line(std::string_view(console_).substr(std::min(console_mark_, console_.size())),
                [&](std::string_view line) {
                  const auto text = without_time(line);
                  constexpr int any_level_may_be_debug = 7;
                  if (!text.empty() && !is_initcall_line(text, any_level_may_be_debug))
                    lines.emplace_back(text);
                });
  // The beginning and the end tell most.
  if (lines.size() > max_lines) {
    left_out(lines.size() - max_lines);
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(max_lines / 2);
    lines.erase(middle, middle + static_cast<std::ptrdiff_t>(lines.size() - max_lines));
  }
  return lines;
}

void GuestLog::close(bool timed_out) {
  if (finished_ || !up_) return;
  finished_ = true;
  LoadOutcome* outcome = current();
  if (phase_ == Phase::idle || !outcome) {
    record_.end = timed_out ? "the guest fell silent" : "the guest ended by itself";
    return;
  }
  record_.end = timed_out ? "the guest hung" : "the guest died";
  auto lines = console_lines();
  const bool oopsed = std::ranges::any_of(lines, tells_of_oops);
  outcome->oopsed = outcome->oopsed || oopsed;
  if (keep_log_)
    for (const auto& line : lines) keep(record_.log, line, max_log_lines);
  if (phase_ == Phase::loading) {
    outcome->state = timed_out ? LoadState::hung : LoadState::died;
    outcome->log = std::move(lines);
    answered_.push_back(current_);
  } else {
    outcome->unload = timed_out ? UnloadState::hung : UnloadState::died;
    outcome->unload_log = std::move(lines);
  }
  phase_ = Phase::idle;
}

std::vector<std::string> GuestLog::last_words() const {
  std::vector<std::string> lines;
  for_each_line(console_, [&](std::string_view line) { lines.emplace_back(without_time(line)); });
  constexpr std::ptrdiff_t enough = 15;
  if (std::ssize(lines) <= enough) return lines;
  const auto end = std::find_if(lines.begin(), lines.end() - enough,
                                [](const auto& line) { return line.starts_with("Kernel panic"); });
  const bool panics = end != lines.end() - enough;
  lines.erase(panics ? end + 1 : lines.begin(), lines.end() - enough);
  if (panics) lines.erase(lines.begin(), end);
  return lines;
}

}  // namespace kovet::vm
