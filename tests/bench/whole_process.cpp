#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
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
  double cpu_seconds = 0;  // user and system
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
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
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
        double peak = 0, least_cpu = 0, least_wall = 0;
        for ([[maybe_unused]] const auto step : state) {
          const Run once = run(command);
          if (once.exit_code < 0 || once.exit_code > most_exit_code) {
            state.SkipWithError(("exit code " + std::to_string(once.exit_code)).c_str());
            break;
          }
          state.SetIterationTime(once.seconds);
          peak = std::max(peak, once.peak_mib);
          const auto least = [](double before, double now) {
            return before == 0 ? now : std::min(before, now);
          };
          least_cpu = least(least_cpu, once.cpu_seconds);
          least_wall = least(least_wall, once.seconds);
        }
        state.counters["min_ms"] = least_wall * 1000;
        state.counters["CPU_ms"] = least_cpu * 1000;
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
  const std::string tree = root + "/lib/modules/" + release;
  add(what + "/kovet check",
      check({"--kernel", input("BENCH_BUILD"), "--quiet", tree + "/kernel"}));
  add(what + "/kovet check, signatures", check({"--kernel", tree, "--quiet", tree + "/kernel"}));
  add(what + "/depmod -n -e -E",
      {"depmod", "-n", "-e", "-E", input("BENCH_BUILD") + "/Module.symvers", "-b", root, release});
}

void add_floors() {
  const std::string program = input("KOVET_FLOORS");
  if (program.empty()) return;
  add("whole tree/floor: SHA-256", {program, "digest", input("BENCH_TREE")});
  add("whole tree/floor: ECDSA P-384", {program, "verify", input("BENCH_MODULE_COUNT")});
  add("whole tree, .ko.xz/floor: liblzma", {program, "xz", input("BENCH_TREE_XZ")});
}

/// The loop that a script runs today; BENCH_MATRIX_SYMVERS names each kernel's Module.symvers.
std::vector<std::string> matrix_by_script(const std::vector<std::string>& modules) {
  std::vector<std::string> command{
      "/bin/sh", "-c",
      "for kernel in $BENCH_MATRIX_SYMVERS; do for module; do "
      "modprobe --dump-modversions \"$module\" | "
      "awk 'NR==FNR {crc[$2]=$1; next} crc[$2]!=$1 {bad=1; print $2} END {exit bad}' \"$kernel\" - "
      "|| code=1; done; done; exit ${code:-0}",
      "matrix"};
  command.insert(command.end(), modules.begin(), modules.end());
  return command;
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
  const std::string what =
      std::to_string(modules.size()) + " modules, " + std::to_string(kernels.size()) + " kernels";
  add(what + "/kovet check", check(arguments), with_findings);
  add(what + "/modprobe + awk", matrix_by_script(modules), with_findings);
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
  add_floors();
  add_matrix();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
