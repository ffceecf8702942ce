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
#include <memory>
#include <optional>

#include "check/find_modules.h"
#include "check/image_evidence.h"
#include "check/provenance.h"
#include "gates/peers.h"
#include "kernel/read_kernel.h"
#include "module/drop_bytes.h"
#include "module/read_module.h"
#include "module/verify_signature.h"

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

/// What was found of one module while its bytes were there, by kernel.
using BtfAnswers = std::vector<std::optional<BtfAnswer>>;

/// Reads all modules at once, each one once, and lets go of their bytes.
class ModuleReading {
 public:
  ModuleReading(const CheckRequest& request, std::vector<std::unique_ptr<ImageEvidence>>& images)
      : request_(request), images_(images) {
    for (const auto& image : images) keys_known_ |= image->may_have_keys();
  }

  void read(const std::vector<std::string>& files) {
    read_.resize(files.size());
    for_each_index(files.size(), [&](std::size_t i) { read_[i] = one(files[i], usual_size); });
    // What is larger than modules are, unpacked, comes alone: a folder of bombs takes no more
    // memory than one. A file that was refused for another reason is refused again.
    for (std::size_t i = 0; i < files.size(); ++i)
      if (read_[i]->module.has_error()) read_[i] = one(files[i], max_decompressed_size);
  }

  /// The facts of those that could be read, and the errors of the others, in order.
  void move_to(CheckOutcome& outcome, std::vector<BtfAnswers>& btf) {
    outcome.modules.reserve(read_.size());
    for (std::optional<One>& each : read_) {
      if (each->module.has_error()) {
        outcome.report.failures.push_back({each->module.error()});
        continue;
      }
      outcome.modules.push_back(std::move(*each->module));
      btf.push_back(std::move(each->btf));
    }
  }

 private:
  static constexpr std::uint64_t usual_size = std::uint64_t{64} << 20;  // bytes

  struct One {
    Result<Module> module;
    BtfAnswers btf;
  };

  One one(const std::string& file, std::uint64_t limit) {
    One out{read_module(fs::path(file), limit, request_.assumptions.extent()), {}};
    if (out.module.has_error()) return out;
    Module& module = *out.module;
    for (const auto& image : images_) out.btf.push_back(image->look_at(module));
    digest_signed_content(module, keys_known_);
    if (request_.digests) module.sha256 = sha256(module.bytes->span());
    drop_bytes(module);
    return out;
  }

  const CheckRequest& request_;
  std::vector<std::unique_ptr<ImageEvidence>>& images_;
  bool keys_known_ = false;
  std::vector<std::optional<One>> read_;
};

Result<void> read_kernels(const CheckRequest& request, CheckOutcome& outcome) {
  std::vector<std::string> specs = request.kernels;
  if (specs.empty()) {
    auto spec = default_kernel(request.root);
    if (!spec) return spec.error();
    specs.push_back(std::move(*spec));
  }
  std::vector<std::optional<Result<Kernel>>> read(specs.size());
  for_each_index(specs.size(),
                 [&](std::size_t i) { read[i] = read_kernel(specs[i], request.root); });
  for (std::optional<Result<Kernel>>& kernel : read) {
    if (kernel->has_error()) return kernel->error();
    outcome.kernels.push_back(std::move(**kernel));
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
  const std::vector<std::vector<const Module*>> needed_ =
      peers_;  // as they are before any is moved
  std::vector<std::vector<const Module*>> absent_;
};

void judge_against(std::size_t kernel_index, const CheckRequest& request,
                   const std::vector<Waiver>& waivers, const OwnSymvers& own,
                   const ImageEvidence& image, const std::vector<BtfAnswers>& btf,
                   CheckOutcome& outcome) {
  const Kernel& kernel = outcome.kernels[kernel_index];
  Neighbours neighbours(outcome.modules, kernel);
  std::vector<const Symvers*> extra;
  for (const Symvers& symvers : outcome.extra_symvers) extra.push_back(&symvers);
  const std::string date = today();
  auto& results = outcome.report.results;
  const std::size_t first = results.size();
  results.resize(first + outcome.modules.size());
  const std::size_t count = outcome.modules.size();
  std::vector<std::optional<SignatureAnswer>> signatures(count);
  const auto judge_one = [&](std::size_t i) {
    const auto& answer = btf[i][kernel_index];
    results[first + i].verdict = judge({outcome.modules[i],
                                        kernel,
                                        request.assumptions,
                                        neighbours.there(i),
                                        extra,
                                        signatures[i],
                                        image.facts(),
                                        neighbours.absent(i),
                                        {},
                                        answer ? &*answer : nullptr});
  };
  for_each_index(count, [&](std::size_t i) {
    signatures[i] = image.signature_of(outcome.modules[i]);
    judge_one(i);
  });
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
        return std::find(request.only.begin(), request.only.end(), finding.rule) ==
               request.only.end();
      });
    apply_waivers(result.findings, waivers, module.display_name(), date);
  });
}

bool has_headers(const KernelListing& listing) {
  return !listing.build_directory.empty();
}

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
  if (request.jobs != 0) limit.emplace(tbb::global_control::max_allowed_parallelism, request.jobs);
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
  std::vector<std::unique_ptr<ImageEvidence>> images;
  for (const Kernel& kernel : outcome.kernels)
    images.push_back(
        std::make_unique<ImageEvidence>(kernel, ImageReading::what_decides, request.jobs != 1));
  std::vector<BtfAnswers> btf;
  {
    ModuleReading reading(request, images);
    reading.read(*files);
    reading.move_to(outcome, btf);
  }
  const OwnSymvers own(outcome);
  for (std::size_t i = 0; i < outcome.kernels.size(); ++i) {
    images[i]->finish();
    judge_against(i, request, waivers, own, *images[i], btf, outcome);
    images[i].reset();
  }
  return outcome;
}

}  // namespace kovet
