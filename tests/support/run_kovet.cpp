#include "tests/support/run_kovet.h"

#include <cstdlib>
#include <stdexcept>

namespace kovet::testing {

std::string kovet_program() {
  const char* named = std::getenv("KOVET_PROGRAM");
  return named && *named ? named : KOVET_BUILT_PROGRAM;
}

ProcessOutcome run_program(const std::string& program, std::vector<std::string> arguments,
                           const std::filesystem::path& directory) {
  ProcessRequest request;
  request.program = program;
  request.arguments = std::move(arguments);
  request.directory = directory;
  request.timeout = std::chrono::minutes{5};
  request.without = {"NO_COLOR", "MAKEFLAGS", "MAKELEVEL"};
  auto outcome = run_process(request);
  if (!outcome) throw Fatal(outcome.error());
  if (outcome->timed_out) throw std::runtime_error(program + " hangs");
  return std::move(*outcome);
}

ProcessOutcome run_kovet(std::vector<std::string> arguments,
                         const std::filesystem::path& directory) {
  return run_program(kovet_program(), std::move(arguments), directory);
}

nlohmann::json json_of(const ProcessOutcome& outcome) {
  if (!nlohmann::json::accept(outcome.out))
    throw std::runtime_error("not JSON alone: " + outcome.out + outcome.err);
  return nlohmann::json::parse(outcome.out);
}

}  // namespace kovet::testing
