#pragma once

#include <map>
#include <string>

// Man pages and shell completion, from the same tables that --help prints.

namespace CLI {
class App;
}

namespace kovet::cli {

/// The files to install below share/: "man/man1/kovet-check.1" and so on, with their content.
std::map<std::string, std::string> documentation(const CLI::App& app, const std::string& date);

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace kovet::cli
