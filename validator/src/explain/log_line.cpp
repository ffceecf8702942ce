#include "explain/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace kovet::explain {

namespace {

bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// Length of the run of characters at `at` that satisfy `test`.
template <class Test>
std::size_t run(std::string_view s, std::size_t at, Test test) {
  std::size_t end = at;
  while (end < s.size() && test(s[end])) ++end;
  return end - at;
}

bool starts_with_any(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return s.starts_with(word); });
}

bool weekday(std::string_view s) {
  return starts_with_any(s, {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "});
}

bool month(std::string_view s) {
  return starts_with_any(s, {"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ",
                             "Oct ", "Nov ", "Dec "});
}

/// "2026-11-23T21:00:17", "2026-11-23 21:00:17": length of the whole stamp with fraction and zone.
std::size_t iso_time(std::string_view s) {
  constexpr std::string_view shape = "dddd-dd-dd?dd:dd:dd";
  if (s.size() < shape.size()) return 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 'd' && !digit(s[i])) return 0;
    if (shape[i] == '?' && s[i] != 'T' && s[i] != ' ') return 0;
    if (shape[i] != 'd' && shape[i] != '?' && s[i] != shape[i]) return 0;
  }
  return shape.size() + run(s, shape.size(), [](char c) {
           return digit(c) || c == '.' || c == ',' || c == '+' || c == '-' || c == ':' || c == 'Z';
         });
}

/// "Nov 23 21:00:17" with an optional fraction.
std::size_t syslog_time(std::string_view s) {
  if (!month(s) || s.size() < 15) return 0;
  const std::size_t day = run(s, 4, [](char c) { return digit(c) || c == ' '; });
  std::size_t at = 4 + day;
  // The run swallows "23 21"; what follows must be ":00:17".
  if (at >= s.size() || s[at] != ':') return 0;
  at += run(s, at, [](char c) { return digit(c) || c == ':' || c == '.'; });
  return at;
}

/// "Thu Nov 26 07:49:02 2026", as OpenWrt's logread begins a line.
std::size_t ctime(std::string_view s) {
  if (!weekday(s)) return 0;
  const std::size_t stamp = syslog_time(s.substr(4));
  if (stamp == 0 || s.substr(4 + stamp, 1) != " ") return 0;
  const std::size_t year = run(s, 4 + stamp + 1, digit);
  return year == 4 ? 4 + stamp + 1 + year : 0;
}

/// "Nov23 21:00", as dmesg -H and -e begin a minute.
bool reltime(std::string_view s) {
  return s.size() >= 11 && month(std::string(s.substr(0, 3)) + ' ') && digit(s[4]) &&
         s.find(':') != std::string_view::npos;
}

/// "07:49:02" with an optional fraction, as terminal programs put it before each line.
std::size_t clock_time(std::string_view s) {
  constexpr std::string_view shape = "dd:dd:dd";
  if (s.size() < shape.size()) return 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !digit(s[i]) : s[i] != shape[i]) return 0;
  return shape.size() +
         run(s, shape.size(), [](char c) { return digit(c) || c == '.' || c == ','; });
}

/// "kern.warn ", as the syslog daemons of busybox and OpenWrt have it before the name.
std::size_t facility_and_level(std::string_view s) {
  constexpr std::string_view kernels = "kern.";
  if (!s.starts_with(kernels)) return 0;
  const std::size_t level = run(s, kernels.size(), letter);
  const std::size_t end = kernels.size() + level;
  return level > 0 && s.substr(end, 1) == " " ? end + 1 : 0;
}

/// After a journal's time stamp: "HOST kernel: ", or without the host. Other identifiers stay:
/// tools name themselves.
std::size_t host_and_kernel(std::string_view s) {
  constexpr std::string_view kernel = "kernel: ";
  std::size_t at = facility_and_level(s);
  if (s.substr(at).starts_with(kernel)) return at + kernel.size();
  const std::size_t host = run(s, 0, [](char c) { return c != ' ' && c != ':'; });
  if (host == 0 || s.substr(host, 1) != " ") return 0;
  at = host + 1;
  at += facility_and_level(s.substr(at));
  return s.substr(at).starts_with(kernel) ? at + kernel.size() : 0;
}

/// "systemd[1]: ", "(udev-worker)[33]: ", and unless the number is demanded "dracut: ": the name;
/// empty when the text does not begin so.
std::string_view identifier(std::string_view s, bool with_number) {
  const std::string_view word = s.substr(0, std::min(s.find(' '), s.size()));
  if (word.size() < 2 || word.back() != ':') return {};
  std::string_view name = word.substr(0, word.size() - 1);
  const std::size_t open = name.rfind('[');
  const bool numbered = open != std::string_view::npos && open > 0 && name.back() == ']' &&
                        name.size() > open + 2 &&
                        std::ranges::all_of(name.substr(open + 1, name.size() - open - 2), digit);
  if (numbered) name = name.substr(0, open);
  return numbered || !with_number ? name : std::string_view{};
}

/// Who wrote a journal's or a syslog's line, after its time stamp: "HOST NAME[PID]: ", "HOST NAME:
/// ", or "NAME[PID]: ". "NAME: " alone may be a module's that begins the kernel's own words.
std::string_view writer(std::string_view s, bool with_number) {
  const std::string_view direct = identifier(s, true);
  if (!direct.empty()) return direct;
  const std::size_t space = s.find(' ');
  if (space == std::string_view::npos || s.starts_with('[') || s.starts_with("module ") ||
      s.substr(0, space).ends_with(':'))
    return {};
  return identifier(s.substr(space + 1), with_number);
}

class Stripper {
 public:
  explicit Stripper(std::string_view line) { out_.text = line; }

  LogLine run_all() {
    // Each round removes one layer; a quoted syslog line with an inner stamp has four.
    for (int round = 0; round < 8; ++round)
      if (!(quotes() || field() || kmsg() || level() || rfc5424() || dmesg_decode() || bracket() ||
            journal()))
        break;
    if (!identifier(out_.text, true).empty()) out_.userspace = true;
    return std::move(out_);
  }

 private:
  bool take(std::size_t length, std::string_view time = {}) {
    if (length == 0) return false;
    if (!time.empty() && (out_.time.empty() || letter(out_.time.front()))) out_.time = time;
    out_.text.remove_prefix(std::min(length, out_.text.size()));
    return true;
  }

  void written_by(std::string_view name) {
    if (!name.empty() && name != "kernel" && name != "klogd") out_.userspace = true;
  }

  /// syslog's numbers: facility * 8 + level; facility 0 is the kernel.
  void priority(std::string_view number) {
    if (std::strtoul(std::string(number).c_str(), nullptr, 10) >= 8) out_.userspace = true;
  }

  bool quotes() {
    const auto mark = [](char c) {
      return c == ' ' || c == '\t' || c == '>' || c == '|' || c == '`' || c == '*';
    };
    // A pattern may begin with a backquote ("`%s' invalid"): it stays before a letter.
    std::size_t length = run(out_.text, 0, mark);
    if (length > 0 && out_.text[length - 1] == '`' && length < out_.text.size() &&
        (letter(out_.text[length]) || out_.text[length] == '\''))
      --length;
    return take(length);
  }

  /// journalctl -o verbose, -o export; -o json, whose other fields go.
  bool field() {
    constexpr std::string_view plain = "MESSAGE=", json = "\"MESSAGE\":\"";
    if (out_.text.starts_with(plain)) {
      out_.field = true;
      return take(plain.size());
    }
    if (!out_.text.starts_with('{')) return false;
    const std::size_t at = out_.text.find(json);
    if (at == std::string_view::npos) return false;
    constexpr std::string_view transport = "\"_TRANSPORT\":\"";
    if (const std::size_t by = out_.text.find(transport); by != std::string_view::npos)
      if (!out_.text.substr(by + transport.size()).starts_with("kernel\"")) out_.userspace = true;
    take(at + json.size());
    std::size_t end = 0;
    while (end < out_.text.size() && out_.text[end] != '"') end += out_.text[end] == '\\' ? 2 : 1;
    out_.text = out_.text.substr(0, end);
    return true;
  }

  bool kmsg() {
    const std::string_view s = out_.text.substr(0, 80);
    std::size_t at = 0;
    std::array<std::string_view, 3> numbers;
    for (auto& number : numbers) {
      const std::size_t length = run(s, at, digit);
      if (length == 0 || at + length >= s.size() || s[at + length] != ',') return false;
      number = s.substr(at, length);
      at += length + 1;
    }
    const std::size_t end = s.find(';', at);
    if (end == std::string_view::npos || numbers[2].size() > 18) return false;
    const std::uint64_t micro = std::strtoull(std::string(numbers[2]).c_str(), nullptr, 10);
    out_.kmsg = true;
    if (const auto by = s.find("caller=", at); by < end)
      out_.caller = s.substr(by + 7, s.find_first_of(",;", by) - by - 7);
    priority(numbers[0]);
    return take(end + 1, fmt::format("{}.{:06}", micro / 1000000, micro % 1000000));
  }

  bool level() {
    if (!out_.text.starts_with('<')) return false;
    const std::size_t digits = run(out_.text, 1, digit);
    if (digits == 0 || digits > 3 || out_.text.substr(1 + digits, 1) != ">") return false;
    priority(out_.text.substr(1, digits));
    return take(digits + 2);
  }

  /// RFC 5424, behind its "<4>": "1 TIME HOST kernel - - - ", with or without structured data.
  bool rfc5424() {
    const std::string_view s = out_.text;
    if (!s.starts_with("1 ")) return false;
    const std::size_t stamp = iso_time(s.substr(2));
    if (stamp == 0) return false;
    std::size_t at = 2 + stamp;
    std::array<std::string_view, 4> words;  // host, name, PID, message's id
    for (auto& word : words) {
      if (s.substr(at, 1) != " ") return false;
      const std::size_t length = run(s, ++at, [](char c) { return c != ' '; });
      if (length == 0) return false;
      word = s.substr(at, length);
      at += length;
    }
    if (s.substr(at, 3) == " - ") {
      at += 3;
    } else if (s.substr(at, 2) == " [") {
      const std::size_t end = s.find("] ", at);
      if (end == std::string_view::npos) return false;
      at = end + 2;
    } else {
      return false;
    }
    constexpr std::string_view mark = "\xef\xbb\xbf";  // of UTF-8
    if (s.substr(at).starts_with(mark)) at += mark.size();
    written_by(words[1]);
    return take(at, s.substr(2, stamp));
  }

  /// "kern  :warn  : ", "daemon:info  : ".
  bool dmesg_decode() {
    const auto column = [&](std::size_t at, auto test) -> std::string_view {
      const std::size_t length = run(out_.text, at, test);
      const std::size_t end =
          at + length + run(out_.text, at + length, [](char c) { return c == ' '; });
      if (length == 0 || end >= out_.text.size() || out_.text[end] != ':') return {};
      return out_.text.substr(at, end - at);
    };
    const std::string_view facility = column(0, [](char c) { return letter(c) || digit(c); });
    if (!starts_with_any(facility, {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr",
                                    "news", "uucp", "cron", "ftp", "local"}))
      return false;
    const std::string_view level = column(facility.size() + 1, letter);
    if (!starts_with_any(level,
                         {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}))
      return false;
    if (!facility.starts_with("kern")) out_.userspace = true;
    return take(facility.size() + 1 + level.size() + 1);
  }

  bool bracket() {
    if (!out_.text.starts_with('[')) return false;
    const std::size_t end = out_.text.substr(0, 64).find(']');
    if (end == std::string_view::npos) return false;
    std::string_view inside = out_.text.substr(1, end - 1);
    inside.remove_prefix(run(inside, 0, [](char c) { return c == ' '; }));
    // dmesg -d: "12.345678 <    0.000012>"; -H: "+0.000012" or, by locale, "+0,000012".
    std::string_view stamp = inside.substr(0, inside.find(" <"));
    if (stamp.starts_with('+')) stamp.remove_prefix(1);
    if (stamp.starts_with('<') && stamp.ends_with('>')) {  // --time-format delta
      stamp = stamp.substr(1, stamp.size() - 2);
      stamp.remove_prefix(run(stamp, 0, [](char c) { return c == ' '; }));
    }
    const bool seconds =
        !stamp.empty() && digit(stamp.front()) &&
        std::ranges::all_of(stamp, [](char c) { return digit(c) || c == '.' || c == ','; }) &&
        stamp.find_first_of(".,") != std::string_view::npos;
    const bool caller = inside.size() > 1 && (inside[0] == 'T' || inside[0] == 'C') &&
                        std::ranges::all_of(inside.substr(1), digit);
    const bool date = weekday(inside) || iso_time(inside) > 0 || reltime(inside) ||
                      (!inside.empty() && clock_time(inside) == inside.size());
    if (!seconds && !caller && !date) return false;
    if (caller) out_.caller = inside;
    take(end + 1, caller ? std::string_view{} : inside);
    take(host_and_kernel(out_.text.substr(run(out_.text, 0, [](char c) { return c == ' '; }))) > 0
             ? run(out_.text, 0, [](char c) { return c == ' '; })
             : 0);
    take(host_and_kernel(out_.text));
    written_by(writer(out_.text.substr(run(out_.text, 0, [](char c) { return c == ' '; })), true));
    return true;
  }

  bool journal() {
    std::string_view s = out_.text;
    std::size_t before = 0;
    if (weekday(s) && s.size() > 4 && digit(s[4])) before = 4;  // short-full
    std::size_t stamp = iso_time(s.substr(before));
    if (stamp == 0 && before == 0) stamp = syslog_time(s);
    if (stamp == 0 && before == 0) stamp = ctime(s);
    if (stamp == 0 && before == 0) stamp = clock_time(s);
    if (stamp == 0 && before == 0) {  // short-unix
      const std::size_t seconds = run(s, 0, digit);
      if (seconds >= 9 && seconds < 13 && s.substr(seconds, 1) == ".")
        stamp = seconds + 1 + run(s, seconds + 1, digit);
    }
    if (stamp == 0) return false;
    const std::string_view time = s.substr(0, before + stamp);
    std::size_t at = before + stamp;
    at += run(s, at, [](char c) { return c == ' '; });
    if (before > 0) {  // the zone's name
      const std::size_t zone = run(s, at, [](char c) { return letter(c) || digit(c) || c == '+'; });
      if (zone > 0 && zone < 7 && host_and_kernel(s.substr(at)) == 0) at += zone + 1;
    }
    take(at, time);
    if (take(host_and_kernel(out_.text))) return true;
    // `dmesg --time-format iso` has a comma before the fraction, and neither host nor name after
    // it; nor has what a terminal program stamps.
    const bool no_name =
        time.find(',') != std::string_view::npos || clock_time(time) == time.size();
    written_by(writer(out_.text, no_name));
    return true;
  }

  LogLine out_;
};

}  // namespace

LogLine strip_prefix(std::string_view line) {
  LogLine result = Stripper(line).run_all();
  while (!result.text.empty() && (result.text.back() == ' ' || result.text.back() == '\t'))
    result.text.remove_suffix(1);
  return result;
}

std::string_view clean(std::string_view line, std::string& scratch) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::none_of(line, control)) return line;
  scratch.clear();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      scratch += ' ';
    } else if (line[i] == 0x1b && i + 1 < line.size() && line[i + 1] == '[') {
      i += 2;  // CSI: parameters, then one final byte of 0x40..0x7e
      while (i < line.size() && (line[i] < 0x40 || line[i] > 0x7e)) ++i;
    } else if (line[i] == 0x1b) {
      // ESC ( B and the like: one intermediate byte and a final one, or a single final one.
      i += i + 1 < line.size() && (line[i + 1] == '(' || line[i + 1] == ')') ? 2 : 1;
    } else if (!control(line[i])) {
      scratch += line[i];
    }
  }
  return scratch;
}

}  // namespace kovet::explain
