#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

#include "kernel/read_kernel.h"
#include "support/interrupt.h"
#include "support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/vm/agreement_run.h"

// The agreement suite: makes modules, loads each on real kernels, and compares the kernel's answer
// with the prediction.

namespace kovet::testing {

namespace fs = std::filesystem;

namespace {

struct Options {
  std::string selection = "full";
  std::vector<std::string> releases;
  fs::path work = "agreement", sources = KOVET_AGREEMENT_MODULES, script = KOVET_KERNELS_SCRIPT;
  std::string only = ".*";
  std::vector<fs::path> drivers;
  std::vector<std::string> packages;
  std::string results;
  std::size_t mutations = 0, wild = 0;
  std::uint64_t seed = 1;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

constexpr int exit_skipped = 77;

int lacking(const std::string& what) {
  std::fprintf(stderr, "agreement: %s\n", what.c_str());
  return std::getenv("CI") ? 1 : exit_skipped;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Result<std::vector<std::string>> kernels_script(const Options& options,
                                                std::vector<std::string> arguments) {
  const auto outcome = run_process({.program = options.script.string(),
                                    .arguments = std::move(arguments),
                                    .timeout = std::chrono::minutes(20)});
  if (!outcome) return outcome.error();
  if (!outcome->ok()) return Error{options.script.string(), "failed", outcome->err};
  return lines_of(outcome->out);
}

/// The kernels whose headers are here; their images are fetched when they are not.
Result<std::vector<TestKernel>> find_kernels(const Options& options) {
  std::vector<std::string> releases = options.releases;
  if (releases.empty()) {
    auto picked = kernels_script(options, {"pick"});
    if (!picked) return picked.error();
    releases = *picked;
  }
  std::erase_if(releases, [](const auto& release) {
    return !fs::exists(fs::path("/usr/src/linux-headers-" + release) / ".config");
  });
  if (options.selection == "ci" && releases.size() > 2) releases.resize(2);
  if (releases.empty()) return Error{"", "no kernel headers are installed", "tests/run.sh does it"};
  auto arguments = releases;
  arguments.insert(arguments.begin(), "images");
  const auto folders = kernels_script(options, arguments);
  if (!folders) return folders.error();
  std::vector<TestKernel> kernels;
  for (std::size_t i = 0; i < releases.size() && i < folders->size(); ++i)
    kernels.push_back({releases[i], "/usr/src/linux-headers-" + releases[i], folders->at(i)});
  return kernels;
}

/// One boot line of one kernel, with its cases.
struct Task {
  const TestKernel* target;
  const Kernel* kernel;
  std::string boot_line;
  std::vector<Case> cases;
  bool damaging = false;  ///< a module may damage the guest, and with it the answers to later ones
};

bool is_wrong(const CaseResult& result) {
  return result.comparison.agreement != vm::Agreement::agree &&
         result.comparison.agreement != vm::Agreement::unknown;
}

/// All cases in as few boots as it takes; where one may damage the next, those that came out wrong
/// once more, each in a boot of its own.
Result<std::vector<CaseResult>> run_task(const Task& task, const fs::path& work) {
  auto results = run_cases(*task.target, *task.kernel, task.cases, task.boot_line, work);
  if (!results || !task.damaging) return results;
  for (std::size_t i = 0; i < results->size(); ++i) {
    if (!is_wrong((*results)[i])) continue;
    auto alone =
        run_cases(*task.target, *task.kernel, {task.cases[i]}, task.boot_line, work / "alone");
    if (!alone) return alone.error();
    (*results)[i] = std::move(alone->front());
  }
  return results;
}

std::vector<Case> selected(const CaseList& list, const Options& options) {
  const std::regex pattern(options.only);
  std::vector<Case> cases;
  for (const auto& which : list.cases())
    if ((which.ci || options.selection == "full") && std::regex_search(which.name, pattern))
      cases.push_back(which);
  return cases;
}

/// Honest modules and drivers of the other kernels.
CaseList foreign_cases(const std::vector<TestKernel>& kernels, const std::vector<Honest>& honest,
                       const std::vector<std::vector<fs::path>>& drivers, std::size_t own) {
  CaseList list;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    for (const auto& file : drivers[i])
      list.add_driver("driver-" + kernels[i].release + "-" + file.stem().string(), read_text(file));
    // Drivers that load without hardware, alone or after others of the kernel's own.
    for (const auto* name : {"crc8",  "dummy", "ifb",         "veth",  "macvlan", "tun",    "loop",
                             "isofs", "fat",   "vfat",        "nbd",   "8021q",   "bridge", "msr",
                             "zram",  "e1000", "usb-storage", "cdrom", "md4",     "bonding"})
      if (auto bytes = shipped_driver(kernels[i], name); !bytes.empty())
        list.add_driver("shipped-" + kernels[i].release + "-" + name, std::move(bytes),
                        name == std::string_view("veth"));
    if (i == own) continue;
    for (const auto* name : {"agree_plain", "agree_bare", "agree_param"})
      list.add_bytes("from-" + kernels[i].release + "-" + name, honest[i][name],
                     name == std::string_view("agree_plain"));
    list.add_group("from-" + kernels[i].release + "-together",
                   {honest[i]["agree_exports"], honest[i]["agree_imports"]});
    list.add_group("mixed-with-" + kernels[i].release,
                   {honest[own]["agree_exports"], honest[i]["agree_imports"]});
  }
  return list;
}

/// Gates that no case was refused by. Which those may be depends on Debian's configuration and on
/// the machine of the guests; any other is a hole in the suite.
std::vector<std::string> gates_without_case(const std::vector<CaseResult>& results) {
  const std::map<std::string_view, std::string_view> cannot_be{
      {"livepatch", "CONFIG_LIVEPATCH is set"},
      {"plt", "of arm and arm64"},
      {"constructors", "CONFIG_CONSTRUCTORS is not set"},
      {"export-versions", "CONFIG_MODULE_FORCE_LOAD is set"},
      {"module-namespace-import", "of 6.16 and later"},
      {"btf", "CONFIG_MODULE_ALLOW_BTF_MISMATCH is set"},
      {"init", "never rejects"}};
  std::vector<std::string> lacking;
  for (const Gate& gate : gates()) {
    const bool seen = std::ranges::any_of(
        results, [&](const CaseResult& result) { return result.gate == gate.id; });
    if (!seen && !cannot_be.contains(gate.id)) lacking.emplace_back(gate.id);
  }
  return lacking;
}

/// The drivers named, and those of the packages that can be fetched.
std::vector<fs::path> driver_folders(const Options& options) {
  std::vector<fs::path> folders = options.drivers;
  for (const auto& package : options.packages) {
    const auto fetched = fetch_driver(package, fs::absolute(options.work) / "packages");
    if (fetched)
      folders.insert(folders.end(), fetched->begin(), fetched->end());
    else
      fmt::print("left out: {}\n", to_string(fetched.error()));
  }
  return folders;
}

int run(const Options& options) {
  const InterruptScope interrupt;
  for (const auto* program : {"qemu-system-x86_64", "make", "openssl", "strip"})
    if (!find_program(program)) return lacking(fmt::format("{} is not installed", program));
  const auto kernels = find_kernels(options);
  if (!kernels) return lacking(to_string(kernels.error()));
  const auto folders = driver_folders(options);
  std::vector<Kernel> facts;
  std::vector<Honest> honest;
  std::vector<std::vector<fs::path>> drivers;
  for (const auto& target : *kernels) {
    const fs::path work = fs::absolute(options.work) / target.release;
    auto made = build_honest_modules(target, options.sources, work);
    const auto kernel =
        made ? read_kernel(target.release, join_root(target, work)) : Result<Kernel>(made.error());
    if (!kernel) {
      std::fprintf(stderr, "agreement: %s\n", to_string(kernel.error()).c_str());
      return 1;
    }
    honest.push_back(std::move(*made));
    facts.push_back(*kernel);
    auto& built = drivers.emplace_back();
    for (const auto& driver : folders) {
      const fs::path copy = work / "drivers" / driver.filename();
      fs::remove_all(copy);
      fs::create_directories(copy.parent_path());
      fs::copy(driver, copy, fs::copy_options::recursive);
      if (const auto files = build_driver(target, copy))
        built.insert(built.end(), files->begin(), files->end());
      else
        fmt::print("left out: {} does not build for {}\n", driver.filename().string(),
                   target.release);
    }
  }
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < kernels->size(); ++i) {
    const auto add = [&](const std::string& boot_line, std::vector<Case> cases,
                         bool damaging = false) {
      if (!cases.empty())
        tasks.push_back({&kernels->at(i), &facts[i], boot_line, std::move(cases), damaging});
    };
    const auto all = all_cases(honest[i]);
    for (const auto& reason : all.left_out())
      fmt::print("left out on {}: {}\n", kernels->at(i).release, reason);
    auto cases = selected(all, options);
    const auto foreign = selected(foreign_cases(*kernels, honest, drivers, i), options);
    cases.insert(cases.end(), foreign.begin(), foreign.end());
    add("", std::move(cases));
    add("", selected(mutated_cases(honest[i], options.mutations, options.seed), options), true);
    add("", selected(wild_cases(honest[i], options.wild, options.seed), options), true);
    const auto policy = selected(policy_cases(honest[i]), options);
    add("module.sig_enforce=1", policy);
    add("lockdown=integrity", policy);
    add("module_blacklist=blocked,blocked_too", policy);
    if (options.selection == "full") add("module.sig_enforce=1 lockdown=confidentiality", policy);
  }

  std::vector<CaseResult> results;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex guard;
  const auto worker = [&] {
    for (std::size_t i = next++; i < tasks.size(); i = next++) {
      const Task& task = tasks[i];
      const auto done = run_task(task, fs::absolute(options.work) / fmt::format("cases-{}", i));
      const std::lock_guard lock(guard);
      if (!done) {
        std::fprintf(stderr, "agreement: %s\n", to_string(done.error()).c_str());
        failed = true;
        continue;
      }
      results.insert(results.end(), done->begin(), done->end());
      fmt::print("{}{}{}: {}\n", task.target->release, task.boot_line.empty() ? "" : " ",
                 task.boot_line, summary_line(*done));
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.jobs; ++i) threads.emplace_back(worker);
  for (auto& thread : threads) thread.join();

  bool wrong = failed;
  std::FILE* table = options.results.empty() ? nullptr : std::fopen(options.results.c_str(), "w");
  for (const auto& result : results) {
    const auto kind = result.comparison.agreement;
    const auto row = fmt::format("{}\t{}\t{}\t{}\t{}\n", vm::to_string(kind), result.kernel,
                                 result.boot_line, result.name, result.comparison.detail);
    if (table) std::fputs(row.c_str(), table);
    if (kind == vm::Agreement::agree) continue;
    wrong = wrong || is_wrong(result);
    fmt::print("{}", row);
  }
  if (table) std::fclose(table);
  if (options.selection == "full" && options.only == ".*") {
    for (const auto& gate : gates_without_case(results)) {
      fmt::print("no case is refused by the gate {}\n", gate);
      wrong = true;
    }
  }
  fmt::print("{}\n{}\n", peer_line(results), summary_line(results));
  return wrong ? 1 : 0;
}

}  // namespace

}  // namespace kovet::testing

int main(int argc, char** argv) {
  kovet::testing::Options options;
  CLI::App app{"Loads a few hundred modules on real kernels and compares answer and prediction."};
  app.add_option("--selection", options.selection, "full, or ci for the shorter one")
      ->check(CLI::IsMember({"full", "ci"}));
  app.add_option("--kernels", options.releases, "releases; default: what kernels.sh picks");
  app.add_option("--work", options.work, "folder for what is built and made");
  app.add_option("--only", options.only, "a regular expression over the cases' names");
  app.add_option("--drivers", options.drivers, "Kbuild folders of real drivers to build and try");
  app.add_option("--driver-packages", options.packages, "*-dkms packages to fetch, build and try");
  app.add_option("--mutations", options.mutations, "modules changed at random, on each kernel");
  app.add_option("--wild", options.wild, "the same, where a kernel may take damage from them");
  app.add_option("--seed", options.seed, "of the first of them");
  app.add_option("--results", options.results, "write all results to this file, one per line");
  app.add_option("--jobs", options.jobs, "guests at once");
  CLI11_PARSE(app, argc, argv);
  return kovet::testing::run(options);
}
