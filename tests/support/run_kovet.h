#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace kovet::testing {

/// The program under test: KOVET_PROGRAM, else the one this build made.
std::string kovet_program();

/// Runs a program to its end and returns what it did; throws when it cannot be started or hangs.
ProcessOutcome run_program(const std::string& program, std::vector<std::string> arguments,
                           const std::filesystem::path& directory = {});
/// The same for kovet.
ProcessOutcome run_kovet(std::vector<std::string> arguments,
                         const std::filesystem::path& directory = {});

/// Standard output as JSON; throws when it is anything else besides.
nlohmann::json json_of(const ProcessOutcome& outcome);

}  // namespace kovet::testing
