#include "check/run_check.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>

#include "check/find_modules.h"
#include "check/image_evidence.h"
#include "gates/peers.h"
#include "kernel/read_kernel.h"
#include "module/read_module.h"

namespace kovet {

namespace {

namespace fs = std::filesystem;

/// Calls `work` for 0..count-1, on all processors when there is enough of it.
template <class Work>
void for_each_index(std::size_t count, const Work& work) {
  if (count < 2) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  tbb::parallel_for(std::size_t{0}, count, work);
}

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

void read_modules(const std::vector<std::string>& files, CheckOutcome& outcome) {
  std::vector<std::optional<Result<Module>>> read(files.size());
  for_each_index(files.size(), [&](std::size_t i) { read[i] = read_module(fs::path(files[i])); });
  outcome.modules.reserve(files.size());
  for (std::optional<Result<Module>>& result : read) {
    if (*result)
      outcome.modules.push_back(std::move(**result));
    else
      outcome.report.failures.push_back({result->error()});
  }
}

Result<void> read_kernels(const CheckRequest& request, CheckOutcome& outcome) {
  std::vector<std::string> specs = request.kernels;
  if (specs.empty()) {
    auto spec = default_kernel(request.root);
    if (!spec) return spec.error();
    specs.push_back(std::move(*spec));
  }
  for (const std::string& spec : specs) {
    auto kernel = read_kernel(spec, request.root);
    if (!kernel) return kernel.error();
    outcome.kernels.push_back(std::move(*kernel));
  }
  return {};
}

/// The symvers file that was named, or the Module.symvers in each module's own folder, read once
/// per folder.
class OwnSymvers {
 public:
  explicit OwnSymvers(const CheckOutcome& outcome) {
    if (outcome.own_symvers) {
      named_ = &*outcome.own_symvers;
      return;
    }
    for (const Module& module : outcome.modules) {
      const fs::path folder = fs::path(module.path).parent_path();
      const auto [place, is_new] = by_folder_.try_emplace(folder);
      if (!is_new) continue;
      const fs::path file = folder / "Module.symvers";
      std::error_code ignored;
      if (!fs::is_regular_file(file, ignored) || belongs_to_a_kernel(outcome, file)) continue;
      if (auto symvers = read_symvers(file)) place->second = std::move(*symvers);
    }
  }

  const Symvers* of(const Module& module) const {
    if (named_) return named_;
    const auto found = by_folder_.find(fs::path(module.path).parent_path());
    return found == by_folder_.end() || !found->second ? nullptr : &*found->second;
  }

 private:
  static bool belongs_to_a_kernel(const CheckOutcome& outcome, const fs::path& file) {
    std::error_code ignored;
    return std::any_of(outcome.kernels.begin(), outcome.kernels.end(), [&](const Kernel& kernel) {
      return kernel.symvers && fs::equivalent(kernel.symvers->path, file, ignored);
    });
  }

  const Symvers* named_ = nullptr;
  std::map<fs::path, std::optional<Symvers>> by_folder_;
};

/// Which modules of one call are there when another one loads. Those that need each other are not,
/// and neither are those that the kernel refuses.
class Neighbours {
 public:
  Neighbours(const std::vector<Module>& modules, const Kernel& kernel)
      : modules_(modules), peers_(peers_of(modules, kernel)), absent_(modules.size()) {
    for (std::size_t i = 0; i < peers_.size(); ++i)
      move(i, [&](const Module* peer) {
        const auto& theirs = needed_[index_of(peer)];
        return std::find(theirs.begin(), theirs.end(), &modules_[i]) != theirs.end();
      });
  }

  std::span<const Module* const> there(std::size_t i) const { return peers_[i]; }
  std::span<const Module* const> absent(std::size_t i) const { return absent_[i]; }

  /// True: the module counted on one that is refused, and has to be judged again.
  bool without_refused(std::size_t i, const std::vector<std::uint8_t>& refused) {
    return move(i, [&](const Module* peer) { return refused[index_of(peer)] != 0; });
  }

 private:
  std::size_t index_of(const Module* module) const {
    return static_cast<std::size_t>(module - modules_.data());
  }

  template <class Gone>
  bool move(std::size_t i, const Gone& gone) {
    auto& peers = peers_[i];
    const auto first = std::stable_partition(peers.begin(), peers.end(),
                                             [&](const Module* peer) { return !gone(peer); });
    if (first == peers.end()) return false;
    absent_[i].insert(absent_[i].end(), first, peers.end());
    peers.erase(first, peers.end());
    return true;
  }

  const std::vector<Module>& modules_;
  std::vector<std::vector<const Module*>> peers_;
  const std::vector<std::vector<const Module*>> needed_ = peers_;  // as they are before any is moved
  std::vector<std::vector<const Module*>> absent_;
};

void judge_against(const Kernel& kernel, const CheckRequest& request,
                   const std::vector<Waiver>& waivers, const OwnSymvers& own,
                   CheckOutcome& outcome) {
  Neighbours neighbours(outcome.modules, kernel);
  std::vector<const Symvers*> extra;
  for (const Symvers& symvers : outcome.extra_symvers) extra.push_back(&symvers);
  const std::string date = today();
  std::vector<const Module*> all;
  for (const Module& module : outcome.modules) all.push_back(&module);
  const ImageEvidence image(kernel, all);
  auto& results = outcome.report.results;
  const std::size_t first = results.size();
  results.resize(first + outcome.modules.size());
  const std::size_t count = outcome.modules.size();
  const auto judge_one = [&](std::size_t i) {
    const Module& module = outcome.modules[i];
    results[first + i].verdict =
        judge({module, kernel, request.assumptions, neighbours.there(i), extra,
               image.signature_of(module), image.facts(), neighbours.absent(i)});
  };
  for_each_index(count, judge_one);
  for (bool again = true; again;) {
    again = false;
    std::vector<std::uint8_t> refused(count);
    for (std::size_t i = 0; i < count; ++i)
      refused[i] = results[first + i].verdict.answer == Answer::reject;
    for (std::size_t i = 0; i < count; ++i) {
      if (!neighbours.without_refused(i, refused)) continue;
      judge_one(i);
      again = true;
    }
  }
  for_each_index(count, [&](std::size_t i) {
    const Module& module = outcome.modules[i];
    CheckResult& result = results[first + i];
    result.module = &module;
    result.kernel = &kernel;
    result.findings = apply_rules(
        {module, kernel, result.verdict, request.policy, neighbours.there(i), own.of(module)});
    if (!request.only.empty())
      std::erase_if(result.findings, [&](const Finding& finding) {
        return std::find(request.only.begin(), request.only.end(), finding.rule) == request.only.end();
      });
    apply_waivers(result.findings, waivers, module.display_name(), date);
  });
}

bool has_headers(const KernelListing& listing) { return !listing.build_directory.empty(); }

}  // namespace

Result<std::string> default_kernel(const std::string& root) {
  std::vector<KernelListing> listings = list_kernels(root);
  listings.erase(std::remove_if(listings.begin(), listings.end(),
                                [](const KernelListing& l) { return !has_headers(l); }),
                 listings.end());
  struct utsname running {};
  ::uname(&running);
  for (const KernelListing& listing : listings)
    if (listing.release == running.release) return listing.release;
  if (listings.size() == 1) return listings.front().release;
  std::string names;
  for (const KernelListing& listing : listings)
    names += (names.empty() ? "" : ", ") + listing.release;
  return Error{"--kernel",
               fmt::format("no kernel was named, and the running one ({}) has no headers here",
                           running.release),
               names.empty() ? fmt::format("install them (apt install linux-headers-{}), or name a "
                                           "release, a build directory or a Module.symvers",
                                           running.release)
                             : fmt::format("name one of those that are here: {}", names)};
}

Result<CheckOutcome> run_check(const CheckRequest& request) {
  std::optional<tbb::global_control> limit;
  if (request.jobs != 0)
    limit.emplace(tbb::global_control::max_allowed_parallelism, request.jobs);
  CheckOutcome outcome;
  outcome.report.assumptions = request.assumptions;
  outcome.report.policy = request.policy;
  outcome.report.threshold = request.threshold;
  for (const std::string& id : request.only)
    if (!find_rule(id)) return Error{"--only", "there is no rule " + id, "kovet rules lists them"};
  std::vector<Waiver> waivers;
  if (!request.waivers.empty()) {
    auto read = read_waivers(request.waivers);
    if (!read) return read.error();
    waivers = std::move(*read);
  }
  if (const auto read = read_kernels(request, outcome); !read) return read.error();
  for (const std::string& file : request.symvers) {
    auto symvers = read_symvers(file);
    if (!symvers) return symvers.error();
    outcome.extra_symvers.push_back(std::move(*symvers));
  }
  if (!request.own_symvers.empty()) {
    auto symvers = read_symvers(request.own_symvers);
    if (!symvers) return symvers.error();
    outcome.own_symvers = std::move(*symvers);
  }
  const auto files = find_modules(request.modules);
  if (!files) return files.error();
  read_modules(*files, outcome);
  std::optional<OwnSymvers> own(outcome);
  for (const Kernel& kernel : outcome.kernels) judge_against(kernel, request, waivers, *own, outcome);
  return outcome;
}

}  // namespace kovet
