#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "report/annotations.h"

// A command that cannot answer: diagnostics on standard error, and, where a program reads, a report
// that holds nothing but the errors.

namespace kovet::cli {

/// Complains and, with --format json, delivers a report of the errors alone. Returns `code`.
int fail(const CommonOptions& options, std::string_view command, std::span<const Error> errors,
         int code = exit_input);
int fail(const CommonOptions& options, std::string_view command, const Error& error,
         int code = exit_input);

/// Whether --format is text or json; else complains that the command has no other.
bool text_or_json(const CommonOptions& options, std::string_view command);

/// Remarks in --format sarif, junit or github.
std::string annotated(const CommonOptions& options, const Annotations& all,
                      std::span<const Error> failures = {});

/// What a command that has no answer writes for programs; nothing in the formats that it has not.
std::string failures_for_programs(const CommonOptions& options, std::string_view command,
                                  std::span<const Error> errors);

/// What the words of the command line ask for, read without the parser: it stopped at one of them.
/// Words that stand for no format leave it at text; the --output of `kovet sign` is no report.
CommonOptions asked_for(std::string_view command, std::span<const char* const> words);

/// The report of `kovet check` for an error before anything was checked, in the format asked for.
std::string check_failure(const CommonOptions& options, const Error& error);

/// Exit code of `command` where it could not do its work.
int failure_code(std::string_view command);

}  // namespace kovet::cli
