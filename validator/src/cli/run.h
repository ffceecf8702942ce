#pragma once

namespace kovet::cli {

/// Parses the command line and runs the chosen command; returns the exit code.
int run(int argc, const char* const* argv);

}  // namespace kovet::cli
