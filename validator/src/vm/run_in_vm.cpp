#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "module/read_module.h"
#include "support/interrupt.h"
#include "support/process.h"
#include "support/scratch_file.h"
#include "vm/boot_image.h"
#include "vm/dependencies.h"
#include "vm/guest_init.h"
#include "vm/guest_log.h"
#include "vm/initramfs.h"
#include "vm/qemu.h"
#include "vm/vm.h"

namespace kovet::vm {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// Modules that one boot takes at most, in bytes: bounds the guest's memory.
constexpr std::uint64_t max_payload = std::uint64_t{192} << 20;
/// What the guest's init may need around each module on a slow machine, and to let the kernel's
/// limit on some lines run out.
constexpr std::chrono::seconds margin{15};
/// For a kernel to come up under KVM, where it takes one or two. There are machines whose KVM runs
/// a boot sector and hangs with a kernel.
constexpr std::chrono::seconds kvm_trial{20};

/// A group, and how much of it is done.
struct Group {
  std::vector<Prerequisite> in_tree;
  std::vector<std::size_t> jobs;
  std::size_t done = 0;    ///< how many of `jobs` have their answer
  std::uint64_t size = 0;  ///< bytes of all its files, roughly
};

std::uint64_t rough_size(const std::string& file) {
  std::error_code code;
  const auto size = fs::file_size(file, code);
  constexpr std::uint64_t as_compressed = 4;
  return code ? 0 : size * (file.ends_with(".ko") ? 1 : as_compressed);
}

/// Those of `all` that are in `some`, in the order of `all`.
std::vector<std::string> common(std::vector<std::string> all,
                                const std::vector<std::string>& some) {
  std::erase_if(all, [&](const auto& one) { return std::ranges::find(some, one) == some.end(); });
  return all;
}

class Runner {
 public:
  Runner(const VmRequest& request, std::string qemu) : request_(request), qemu_(std::move(qemu)) {}

  Result<VmReport> run() {
    if (auto planned = plan(); !planned) return planned.error();
    accelerator_ = request_.accelerator;
    if (accelerator_ == Accelerator::automatic)
      accelerator_ = kvm_works(qemu_) ? Accelerator::kvm : Accelerator::software;
    while (next_ < groups_.size())
      if (auto booted = boot_once(); !booted) return booted.error();
    return std::move(report_);
  }

 private:
  Result<void> plan() {
    const InTreeModules in_tree(request_.modules_dir);
    for (const auto& jobs : request_.groups) {
      Group group;
      std::vector<Module> modules;
      std::vector<std::size_t> loaded_ids;  // of `modules`
      for (const auto& job : jobs) {
        if (job.parameters.find_first_of("\n\t") != std::string::npos)
          return Error{job.file, "parameters with a tab or a line break cannot be passed"};
        group.jobs.push_back(jobs_.size());
        group.size += rough_size(job.file);
        jobs_.push_back(job);
        report_.outcomes.push_back({.file = job.file});
        auto module = read_module(fs::path(job.file));
        // A damaged stream may be loaded all the same, to hear what the kernel says.
        if (!module && job.flags == 0) return module.error();
        if (!module) continue;
        modules.push_back(std::move(*module));
        loaded_ids.push_back(group.jobs.back());
      }
      std::vector<const Module*> pointers;
      for (const auto& module : modules) pointers.push_back(&module);
      const auto needed = in_tree.needed_by(pointers);
      if (!needed) return needed.error();
      for (const auto& file : needed->files) {
        group.in_tree.push_back({{.file = file}, std::nullopt});
        group.size += rough_size(file);
      }
      for (std::size_t i = 0; i < modules.size(); ++i) {
        const auto own = in_tree.needed_by(std::span(pointers).subspan(i, 1));
        if (!own) return own.error();
        auto& outcome = report_.outcomes[loaded_ids[i]];
        outcome.dependencies = common(needed->files, own->files);
        outcome.missing_dependencies = common(needed->missing, own->missing);
      }
      if (!group.jobs.empty()) groups_.push_back(std::move(group));
    }
    return {};
  }

  /// As many of the groups that are left as fit.
  std::vector<PlannedGroup> next_groups() const {
    std::vector<PlannedGroup> planned;
    std::uint64_t size = 0;
    for (std::size_t i = next_; i < groups_.size(); ++i) {
      const Group& group = groups_[i];
      size += group.size;
      if (!planned.empty() && size > max_payload) break;
      PlannedGroup part{.before = group.in_tree, .jobs = {}};
      for (std::size_t k = 0; k < group.jobs.size(); ++k) {
        if (k >= group.done)
          part.jobs.push_back(group.jobs[k]);
        else if (report_.outcomes[group.jobs[k]].state == LoadState::loaded)
          part.before.push_back({jobs_[group.jobs[k]], group.jobs[k]});
      }
      planned.push_back(std::move(part));
    }
    return planned;
  }

  Result<void> boot_once() {
    const auto scratch = ScratchFile::make("boot");
    if (!scratch) return scratch.error();
    const auto planned = next_groups();
    const fs::path& archive = scratch->path();
    const auto size =
        write_initramfs(archive, planned, jobs_, request_.module_timeout, request_.keep_log);
    if (!size) return size.error();
    const unsigned boot = static_cast<unsigned>(report_.boots.size());
    BootRecord record{.accelerator = accelerator_};
    GuestLog log(report_.outcomes, record, request_.keep_log);
    std::size_t count = 0;
    for (const auto& group : planned) count += group.jobs.size() + group.before.size();
    auto command = guest_command({qemu_, request_.image, archive.string(), request_.append,
                                  accelerator_, memory_for(*size)});
    const milliseconds step = request_.module_timeout + margin;
    const milliseconds boot_timeout = time_to_come_up();
    command.timeout = boot_timeout + 2 * count * step;
    command.idle_timeout = [&] { return log.is_up() ? step : boot_timeout; };
    command.on_output = [&](std::string_view piece) { return log.report(piece); };
    command.on_error_output = [&](std::string_view piece) { log.console(piece); };
    const auto ended = run_process(command);
    if (!ended) return ended.error();
    if (ended->interrupted)
      return Error{"kovet boot", fmt::format("interrupted by signal {}", ended->interrupted)};
    record.elapsed = ended->elapsed;
    if (!log.is_up()) return not_up(*ended, log);
    kvm_proved_ = kvm_proved_ || accelerator_ == Accelerator::kvm;
    log.close(ended->timed_out);
    for (const std::size_t id : log.answered()) report_.outcomes[id].boot = boot;
    report_.boots.push_back(std::move(record));
    return advance(log, planned);
  }

  unsigned memory_for(std::uint64_t payload) const {
    if (request_.memory != 0) return request_.memory;
    constexpr std::uint64_t base = 256, mebibyte = std::uint64_t{1} << 20;
    // Once as the archive, once unpacked, and what is loaded of it.
    return static_cast<unsigned>(base + payload * 5 / 2 / mebibyte);
  }

  /// KVM that nobody asked for and that no kernel has come up under yet.
  bool kvm_on_trial() const {
    return accelerator_ == Accelerator::kvm && request_.accelerator == Accelerator::automatic &&
           !kvm_proved_;
  }

  milliseconds time_to_come_up() const {
    const milliseconds asked = request_.boot_timeout;
    return kvm_on_trial() ? std::min(asked, milliseconds(kvm_trial)) : asked;
  }

  Result<void> not_up(const ProcessOutcome& ended, const GuestLog& log) {
    if (kvm_on_trial()) {
      give_up_kvm();
      report_.kvm_given_up = true;
      accelerator_ = Accelerator::software;
      return {};
    }
    std::string words;
    for (const auto& line : log.last_words()) words += (words.empty() ? "" : "\n  ") + line;
    if (words.empty()) words = "it printed nothing";
    const auto what = ended.timed_out
                          ? fmt::format("did not come up within {} s under {}",
                                        request_.boot_timeout.count(), to_string(accelerator_))
                          : fmt::format("could not be started, or ended early, under {}",
                                        to_string(accelerator_));
    return Error{request_.image, what, "its last words:\n  " + words};
  }

  /// Groups whose modules all have their answer are done. Every boot gets on by a module at least.
  Result<void> advance(const GuestLog& log, const std::vector<PlannedGroup>& planned) {
    for (const std::size_t id : log.answered())
      for (auto& group : groups_)
        if (std::ranges::find(group.jobs, id) != group.jobs.end()) ++group.done;
    const std::size_t first = next_;
    while (next_ < first + planned.size() && groups_[next_].done == groups_[next_].jobs.size())
      ++next_;
    if (!log.answered().empty()) return {};
    // One of the modules that the next one needs ended the guest.
    Group& group = groups_[next_];
    LoadOutcome& outcome = report_.outcomes[group.jobs[group.done++]];
    outcome.state = LoadState::died;
    outcome.boot = static_cast<unsigned>(report_.boots.size() - 1);
    const auto& dependency = log.dependency();
    outcome.missing_dependencies.push_back((dependency.empty() ? "(unknown)" : dependency) +
                                           " (the guest ended while it was loaded)");
    if (group.done == group.jobs.size()) ++next_;
    return {};
  }

  const VmRequest& request_;
  const std::string qemu_;
  Accelerator accelerator_ = Accelerator::software;
  bool kvm_proved_ = false;
  std::vector<LoadJob> jobs_;
  std::vector<Group> groups_;
  std::size_t next_ = 0;
  VmReport report_;
};

}  // namespace

std::string_view to_string(Accelerator accelerator) {
  switch (accelerator) {
    case Accelerator::automatic:
      return "auto";
    case Accelerator::kvm:
      return "kvm";
    case Accelerator::software:
      return "tcg";
  }
  return "";
}

std::string_view to_string(LoadState state) {
  switch (state) {
    case LoadState::loaded:
      return "loaded";
    case LoadState::refused:
      return "refused";
    case LoadState::init_failed:
      return "init_failed";
    case LoadState::died:
      return "died";
    case LoadState::hung:
      return "hung";
  }
  return "";
}

std::string_view to_string(UnloadState state) {
  switch (state) {
    case UnloadState::none:
      return "none";
    case UnloadState::clean:
      return "clean";
    case UnloadState::failed:
      return "failed";
    case UnloadState::died:
      return "died";
    case UnloadState::hung:
      return "hung";
  }
  return "";
}

Result<VmReport> run_in_vm(const VmRequest& request) {
  const InterruptScope interrupt;
  if (guest_init().empty())
    return Error{"kovet boot", "was built for a machine whose kernels it cannot boot",
                 "x86-64 is what it supports"};
  if (auto image = find_boot_image(request.image, std::nullopt); !image) return image.error();
  auto qemu = find_qemu();
  if (!qemu) return qemu.error();
  return Runner(request, std::move(*qemu)).run();
}

}  // namespace kovet::vm
