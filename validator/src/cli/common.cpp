#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include "cli/command.h"
#include "report/printable.h"
#include "support/write_file.h"

namespace kovet::cli {

namespace {

const std::map<std::string, Format> formats{{"text", Format::text},
                                            {"json", Format::json},
                                            {"sarif", Format::sarif},
                                            {"junit", Format::junit},
                                            {"github", Format::github}};
const std::map<std::string, Severity> thresholds{
    {"error", Severity::error}, {"warning", Severity::warning}, {"note", Severity::note}};
const std::map<std::string, Color> colors{
    {"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};

/// An option whose words stand for values; anything else is a usage error that lists the words.
template <class T>
void add_choice(CLI::App& command, const std::string& name, T& target,
                const std::map<std::string, T>& words, const std::string& description) {
  command
      .add_option_function<std::string>(
          name, [&target, &words](const std::string& word) { target = words.at(word); },
          description)
      ->check(CLI::IsMember(words).description(""))
      ->type_name("WORD");
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("--output", options.output, "write the report to FILE, whole or not at all")
      ->type_name("FILE");
  add_common_options_but_output(command, options);
}

void add_common_options_but_output(CLI::App& command, CommonOptions& options) {
  // The other formats are for what is wrong at a place.
  const std::string& name = command.get_name();
  const bool finds = name == "check" || name == "explain" || name == "host";
  add_choice(command, "--format", options.format, formats,
             finds ? "text, json, sarif, junit or github" : "text or json");
  add_choice(command, "--threshold", options.threshold, thresholds,
             "exit with 1 from findings of this severity on: error (default), warning, note");
  add_choice(command, "--color", options.color, colors, "auto (default), always or never");
  command.add_flag("--quiet,-q", options.quiet, "print only what went wrong");
  command.add_option("--jobs,-j", options.jobs, "how many modules are read at once")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N");
}

int deliver(const CommonOptions& options, const std::string& report, int code) {
  if (options.output.empty() || options.output == "-") {
    std::cout << report << std::flush;
    if (std::cout.good()) return code;
    complain({"standard output", "cannot write the report", "is the disk full?"});
    return exit_input;
  }
  const auto written = write_file(options.output, report);
  if (written.has_value()) return code;
  complain(written.error());
  return exit_input;
}

bool use_color(const CommonOptions& options) {
  if (options.color != Color::automatic) return options.color == Color::always;
  const char* no_color = std::getenv("NO_COLOR");
  return options.output.empty() && (!no_color || !*no_color) && ::isatty(STDOUT_FILENO) != 0;
}

void complain(const Error& error) {
  // Names of files and words of modules may hold what terminals obey; the line ends are ours.
  std::string_view rest = "kovet: ";
  const std::string text = to_string(error);
  std::cerr << rest;
  for (rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::cerr << printable(rest.substr(0, end)) << '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace kovet::cli
