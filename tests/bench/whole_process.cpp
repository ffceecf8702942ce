#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// Times whole processes, from spawn to exit: kovet, and beside it what people use today.
// tests/bench/run.sh prepares the input and names it in the environment.

extern char** environ;

namespace {

std::string input(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

struct Run {
  double seconds = 0;
  double peak_mib = 0;
  int exit_code = -1;
};

/// Runs a program with its output thrown away.
Run run(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t pid = 0;
  Run result;
  if (::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  }
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

/// One row of the table. A program that cannot be run, or dies, is an error, not a time.
void add(const std::string& name, std::vector<std::string> command, int most_exit_code = 0) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [command = std::move(command), most_exit_code](benchmark::State& state) {
        double peak = 0;
        for ([[maybe_unused]] const auto step : state) {
          const Run once = run(command);
          if (once.exit_code < 0 || once.exit_code > most_exit_code) {
            state.SkipWithError(("exit code " + std::to_string(once.exit_code)).c_str());
            break;
          }
          state.SetIterationTime(once.seconds);
          peak = once.peak_mib;
        }
        state.counters["peak_MiB"] = peak;
      })
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

std::vector<std::string> check(std::vector<std::string> arguments) {
  std::vector<std::string> command{input("KOVET_PROGRAM"), "check", "--policy", "load"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

void add_one_module() {
  const std::string module = input("BENCH_MODULE");
  const std::string symvers = input("BENCH_BUILD") + "/Module.symvers";
  if (module.empty()) return;
  add("one module, one kernel/kovet check", check({"--kernel", input("BENCH_BUILD"), module}));
  add("one module, one kernel/modprobe + awk",
      {"/bin/sh", "-c",
       "modprobe --dump-modversions \"$0\" | "
       "awk 'NR==FNR {crc[$2]=$1; next} crc[$2]!=$1 {bad=1; print $2} END {exit bad}' \"$1\" -",
       module, symvers});
  add("one module, one kernel/cat both", {"cat", module, symvers});
}

void add_tree(const std::string& what, const std::string& root) {
  if (root.empty()) return;
  const std::string release = input("BENCH_RELEASE");
  add(what + "/kovet check", check({"--kernel", input("BENCH_BUILD"), "--quiet",
                                    root + "/lib/modules/" + release + "/kernel"}));
  add(what + "/depmod -n -e -E",
      {"depmod", "-n", "-e", "-E", input("BENCH_BUILD") + "/Module.symvers", "-b", root, release});
}

void add_matrix() {
  const auto modules = words(input("BENCH_MATRIX_MODULES"));
  const auto kernels = words(input("BENCH_MATRIX_KERNELS"));
  if (modules.empty() || kernels.empty()) return;
  std::vector<std::string> arguments;
  for (const std::string& kernel : kernels) {
    arguments.push_back("--kernel");
    arguments.push_back(kernel);
  }
  arguments.insert(arguments.end(), modules.begin(), modules.end());
  constexpr int with_findings = 1;
  add(std::to_string(modules.size()) + " modules, " + std::to_string(kernels.size()) +
          " kernels/kovet check",
      check(arguments), with_findings);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (input("KOVET_PROGRAM").empty() || input("BENCH_BUILD").empty()) {
    std::cerr << "run me through tests/bench/run.sh\n";
    return 2;
  }
  add_one_module();
  add_tree("whole tree", input("BENCH_TREE"));
  add_tree("whole tree, .ko.xz", input("BENCH_TREE_XZ"));
  add_matrix();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
