// Run while Kovet is built: kovet_document <folder> <date>. Writes man pages and completion.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "support/write_file.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: kovet_document <folder> <date>\n";
    return 2;
  }
  CLI::App app;
  kovet::cli::Action action;
  kovet::cli::add_commands(app, action);
  for (const auto& [name, content] : kovet::cli::documentation(app, argv[2])) {
    const auto file = std::filesystem::path(argv[1]) / name;
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    const auto written = kovet::write_file(file, content);
    if (written.has_error()) {
      std::cerr << "kovet_document: " << to_string(written.error()) << '\n';
      return 2;
    }
  }
  return 0;
}
