#include <chrono>

#include "support/process.h"
#include "tests/vm/honest_modules.h"

namespace kovet::testing {

namespace {

namespace fs = std::filesystem;

Result<void> run(const std::string& program, std::vector<std::string> arguments,
                 const fs::path& folder) {
  const auto outcome = run_process({.program = program,
                                    .arguments = std::move(arguments),
                                    .directory = folder,
                                    .timeout = std::chrono::minutes(5)});
  if (!outcome) return outcome.error();
  if (!outcome->ok()) return Error{program, "failed", outcome->err};
  return {};
}

std::vector<fs::path> files_with(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  return found;
}

}  // namespace

Result<std::vector<fs::path>> fetch_driver(const std::string& package, const fs::path& work) {
  const fs::path folder = work / package;
  fs::remove_all(folder);
  fs::create_directories(folder);
  if (auto done = run("apt-get", {"download", "-q", package}, folder); !done) return done.error();
  for (const auto& archive : files_with(folder, ".deb"))
    if (auto done = run("dpkg-deb", {"-x", archive.string(), "."}, folder); !done)
      return done.error();
  std::vector<fs::path> sources;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder / "usr" / "src", none))
    if (entry.is_directory()) sources.push_back(entry.path());
  if (sources.empty()) return Error{package, "holds no driver in usr/src"};
  return sources;
}

}  // namespace kovet::testing
