#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "cli/run.h"

namespace {

constexpr char shrunk[] = "a file was cut short while it was being read";
kovet::cli::Ending shrunk_ending;  // made in time: handlers of signals cannot

void put(int descriptor, const char* text, std::size_t size) {
  [[maybe_unused]] const auto written = ::write(descriptor, text, size);
}

/// Modules are mapped. One that shrinks while it is read ends here, not with a core dump.
void file_shrank(int) {
  put(STDERR_FILENO, "kovet: ", 7);
  put(STDERR_FILENO, shrunk, sizeof shrunk - 1);
  put(STDERR_FILENO, "\n", 1);
  put(STDOUT_FILENO, shrunk_ending.report.data(), shrunk_ending.report.size());
  ::_exit(shrunk_ending.code);
}

int fail(const char* message, int argc, char** argv) {
  std::cerr << "kovet: " << message << '\n';
  try {
    const auto ending = kovet::cli::ending_after(message, argc, argv);
    std::cout << ending.report;
    return ending.code;
  } catch (...) {  // no memory even for that
    return shrunk_ending.code;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    shrunk_ending = kovet::cli::ending_after(shrunk, argc, argv);
    std::signal(SIGBUS, file_shrank);
    return kovet::cli::run(argc, argv);
  } catch (const std::exception& error) {
    return fail(error.what(), argc, argv);
  } catch (...) {
    return fail("unknown failure", argc, argv);
  }
}
