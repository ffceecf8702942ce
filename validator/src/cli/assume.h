#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "gates/gate.h"
#include "support/error.h"

namespace kovet::cli {

/// Adds --assume, which may repeat.
void add_assume_option(CLI::App& command, std::vector<std::string>& words);

/// sig_enforce, lockdown, module_blacklist=A,B, loaded=NAME, compressed. Errors: anything else.
Result<void> parse_assumptions(const std::vector<std::string>& words, Assumptions& assumptions);

}  // namespace kovet::cli
