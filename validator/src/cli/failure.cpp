#include "cli/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "report/errors_json.h"

namespace kovet::cli {

namespace {

/// The last `--NAME VALUE` or `--NAME=VALUE`, before a word "--".
std::optional<std::string_view> value_of(std::string_view name,
                                         std::span<const char* const> words) {
  std::optional<std::string_view> value;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--") break;
    if (!word.starts_with(name)) continue;
    if (word.substr(name.size()).starts_with('='))
      value = word.substr(name.size() + 1);
    else if (word == name && i + 1 < words.size() &&
             !std::string_view(words[i + 1]).starts_with("--"))
      value = words[++i];
  }
  return value;
}

}  // namespace

int fail(const CommonOptions& options, std::string_view command, std::span<const Error> errors,
         int code) {
  for (const Error& error : errors) complain(error);
  const std::string report = failures_for_programs(options, command, errors);
  if (!report.empty()) deliver(options, report, code);
  return code;
}

int fail(const CommonOptions& options, std::string_view command, const Error& error, int code) {
  return fail(options, command, std::span(&error, 1), code);
}

bool text_or_json(const CommonOptions& options, std::string_view command) {
  if (options.format == Format::text || options.format == Format::json) return true;
  complain({"--format", fmt::format("kovet {} writes text or json", command),
            fmt::format("kovet {} --format json ...", command)});
  return false;
}

std::string annotated(const CommonOptions& options, const Annotations& all,
                      std::span<const Error> failures) {
  switch (options.format) {
    case Format::sarif:
      return annotations_sarif(all, failures);
    case Format::junit:
      return annotations_junit(all, failures, options.threshold);
    case Format::github:
      return annotations_github(all, failures);
    case Format::text:
    case Format::json:
      break;
  }
  return {};
}

std::string failures_for_programs(const CommonOptions& options, std::string_view command,
                                  std::span<const Error> errors) {
  if (options.format == Format::json) return failure_json(command, errors);
  return command == "explain" || command == "host" ? annotated(options, {}, errors) : std::string();
}

CommonOptions asked_for(std::string_view command, std::span<const char* const> words) {
  CommonOptions options;
  const std::string_view format = value_of("--format", words).value_or("");
  for (const auto& [name, value] : {std::pair<std::string_view, Format>{"json", Format::json},
                                    {"sarif", Format::sarif},
                                    {"junit", Format::junit},
                                    {"github", Format::github}})
    if (format == name) options.format = value;
  if (command != "sign") options.output = value_of("--output", words).value_or("");
  return options;
}

int failure_code(std::string_view command) {
  return command == "signature" ? int{exit_signature_error} : int{exit_input};
}

}  // namespace kovet::cli
