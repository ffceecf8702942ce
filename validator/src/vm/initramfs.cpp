#include "vm/initramfs.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/bytes.h"
#include "vm/cpio.h"
#include "vm/guest_init.h"

namespace kovet::vm {

namespace {

constexpr unsigned init_compressed_file = 4;  // MODULE_INIT_COMPRESSED_FILE, linux/module.h

/// Puts each file into the archive once, however often it is loaded.
class ModuleFiles {
 public:
  explicit ModuleFiles(CpioWriter& archive) : archive_(archive) {}

  /// The path in the guest. Errors: the file cannot be read, or is damaged.
  Result<std::string> add(const LoadJob& job) {
    const bool as_it_is = job.flags & init_compressed_file;
    auto name = std::filesystem::path(job.file).filename().string();
    std::ranges::replace_if(
        name, [](char c) { return c <= ' ' || c == '\x7f'; }, '_');
    const auto [entry, is_new] =
        paths_.emplace(std::pair(job.file, as_it_is), fmt::format("m/{}-{}", paths_.size(), name));
    if (!is_new) return "/" + entry->second;
    auto content = Bytes::map(job.file);
    if (!content) return content.error();
    if (!as_it_is) {
      content = decompress(*content, job.file);
      if (!content) return content.error();
    }
    archive_.add_file(entry->second, (*content)->text());
    return "/" + entry->second;
  }

 private:
  CpioWriter& archive_;
  std::map<std::pair<std::string, bool>, std::string> paths_;
};

}  // namespace

Result<std::uint64_t> write_initramfs(const std::filesystem::path& file,
                                      std::span<const PlannedGroup> groups,
                                      std::span<const LoadJob> jobs,
                                      std::chrono::seconds module_timeout, bool keep_log) {
  CpioWriter archive(file);
  for (const auto* folder : {"dev", "proc", "sys", "m"}) archive.add_directory(folder);
  constexpr unsigned console_major = 5, console_minor = 1;
  archive.add_character_device("dev/console", console_major, console_minor);
  archive.add_file("init", guest_init(), 0755);
  ModuleFiles files(archive);
  std::string list = keep_log ? "L\n" : "";
  for (const auto& group : groups) {
    for (const auto& [job, id] : group.before) {
      const auto path = files.add(job);
      if (!path) return path.error();
      list += fmt::format("D {} {} {} {}\t{}\n", id ? static_cast<long>(*id) : -1L,
                          module_timeout.count(), job.flags, *path, job.parameters);
    }
    for (const std::size_t id : group.jobs) {
      const auto path = files.add(jobs[id]);
      if (!path) return path.error();
      list += fmt::format("M {} {} {} {}\t{}\n", id, module_timeout.count(), jobs[id].flags, *path,
                          jobs[id].parameters);
    }
    list += "G\n";
  }
  archive.add_file("jobs", list);
  if (auto finished = archive.finish(); !finished) return finished.error();
  return archive.size();
}

}  // namespace kovet::vm
