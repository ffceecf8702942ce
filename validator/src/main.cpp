#include <exception>
#include <iostream>

#include "cli/run.h"

int main(int argc, char** argv) {
  constexpr int input_or_setup_error = 2;
  try {
    return kovet::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "kovet: " << error.what() << '\n';
  } catch (...) {
    std::cerr << "kovet: unknown failure\n";
  }
  return input_or_setup_error;
}
