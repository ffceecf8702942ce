#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/machine.h"

// Lines of modprobe.d that do not do what they look like, whatever the answer is.

namespace kovet {

namespace {

/// As editors of other systems put it at the beginning of a text.
bool bom(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf");
}

/// Lines about the module that have no effect because of the name of their file.
void report_misnamed(const Machine& machine, const HostTarget& target, HostReport& report) {
  constexpr std::size_t most_read = std::size_t{1} << 20;
  for (const auto& path : machine.config.misnamed) {
    const auto text = machine.root.read(path, most_read);
    if (!text) continue;
    ModprobeConfig lines;
    scan_modprobe_text(*text, path, lines);
    const auto line =
        std::find_if(lines.entries.begin(), lines.entries.end(), [&](const auto& entry) {
          return entry.kind == ConfigKind::alias ? entry.value == target.name
                                                 : matches(entry.name, target.name);
        });
    if (line == lines.entries.end()) continue;
    // "x.conf.dpkg-old", "x.conf~": set aside on purpose.
    const bool put_aside = path.find(".conf", path.rfind('/')) != std::string::npos &&
                           !path.ends_with("/modprobe.conf");
    report.findings.push_back(
        {"config-name-ignored", put_aside ? Severity::note : Severity::warning,
         fmt::format(
             "'{} {}{}{}' in {} has no effect: modprobe reads files in modprobe.d whose names "
             "end in .conf, and no others",
             to_string(line->kind), line->name, line->value.empty() ? "" : " ", line->value,
             to_string(line->at)),
         put_aside ? std::string() : fmt::format("mv {} /etc/modprobe.d/NAME.conf", path),
         line->at});
  }
}

/// Files written on other systems.
void report_line_ends(const ModprobeConfig& config, HostReport& report) {
  std::map<std::string, std::pair<Location, std::size_t>> files;
  for (const auto& entry : config.entries) {
    if (!entry.name.ends_with('\r') && !entry.value.ends_with('\r')) continue;
    auto& [first, count] = files[entry.at.file];
    if (count++ == 0) first = entry.at;
  }
  for (const auto& [file, lines] : files)
    report.findings.push_back(
        {"config-carriage-return", Severity::warning,
         fmt::format(
             "{}: {} line{} from {} on end{} in a carriage return, which modprobe takes for a "
             "part of the last word: names do not fit then, and commands are not found",
             file, lines.second, lines.second == 1 ? "" : "s", lines.first.line,
             lines.second == 1 ? "s" : ""),
         fmt::format("sed -i 's/\\r$//' {}", file), lines.first});
}

/// A file that is no configuration at all has thousands of lines that modprobe ignores.
void report_ignored_lines(const ModprobeConfig& config, HostReport& report) {
  constexpr std::size_t most_of_a_file = 3;
  constexpr std::size_t most_of_a_line = 120;
  std::map<std::string, std::size_t> counts;
  for (const auto& line : config.ignored) {
    if (++counts[line.at.file] > most_of_a_file) continue;
    report.findings.push_back(
        {"bad-config-line", Severity::note,
         fmt::format("{}: modprobe ignores this line{}: {}", to_string(line.at),
                     bom(line.text) ? ", for the byte order mark before it" : "",
                     line.text.substr(bom(line.text) ? 3 : 0, most_of_a_line)),
         bom(line.text) ? fmt::format("sed -i '1s/^\\xef\\xbb\\xbf//' {}", line.at.file)
                        : std::string(),
         line.at});
  }
  for (const auto& [file, count] : counts)
    if (count > most_of_a_file)
      report.findings.push_back({"bad-config-line",
                                 Severity::note,
                                 fmt::format("{}: modprobe ignores {} more lines like these", file,
                                             count - most_of_a_file),
                                 "is that a file of modprobe's? man modprobe.d",
                                 {file, 0}});
}

}  // namespace

void report_configuration(const Machine& machine, HostReport& report) {
  report_ignored_lines(machine.config, report);
  report_line_ends(machine.config, report);
  for (const auto& target : report.targets)
    if (!target.repeated) report_misnamed(machine, target, report);
}

}  // namespace kovet
