#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "cli/run.h"

namespace {

/// Modules are mapped. One that shrinks while it is read ends here, not with a core dump.
void file_shrank(int) {
  constexpr char text[] = "kovet: a file was cut short while it was being read\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int input_or_setup_error = 2;
  std::signal(SIGBUS, file_shrank);
  try {
    return kovet::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "kovet: " << error.what() << '\n';
  } catch (...) {
    std::cerr << "kovet: unknown failure\n";
  }
  return input_or_setup_error;
}
