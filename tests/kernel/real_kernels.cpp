#include "tests/kernel/real_kernels.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/run_kovet.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_complete(const std::string& release) {
  const fs::path build = fs::path("/lib/modules") / release / "build";
  return fs::exists(build / "Makefile") && fs::exists(build / "Module.symvers");
}

/// Held while this process builds: the tests of one suite run side by side.
class Lock {
 public:
  explicit Lock(const fs::path& file)
      : fd_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0)
      throw std::runtime_error("cannot lock " + file.string());
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::close(fd_); }

 private:
  int fd_;
};

/// Copies what differs; true when anything did.
bool copy_sources(const fs::path& from, const fs::path& to) {
  bool changed = false;
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    if (fs::exists(target) && read_text(target) == read_text(entry.path())) continue;
    fs::copy_file(entry.path(), target, fs::copy_options::overwrite_existing);
    changed = true;
  }
  return changed;
}

std::string output_of(const std::string& program, std::vector<std::string> arguments) {
  const auto outcome = run_program(program, std::move(arguments));
  if (!outcome.ok()) throw std::runtime_error(program + " fails: " + outcome.err);
  return outcome.out;
}

std::string in_sbin(const std::string& name) {
  for (const char* folder : {"/sbin/", "/usr/sbin/", "/bin/", "/usr/bin/"})
    if (fs::exists(folder + name)) return folder + name;
  return name;
}

}  // namespace

std::vector<std::string> real_releases() {
  std::vector<std::string> releases;
  std::istringstream named(environment("KOVET_TEST_KERNELS"));
  for (std::string release; named >> release;)
    if (is_complete(release)) releases.push_back(release);
  if (releases.empty() && fs::exists("/lib/modules"))
    for (const auto& entry : fs::directory_iterator("/lib/modules"))
      if (is_complete(entry.path().filename())) releases.push_back(entry.path().filename());
  std::sort(releases.begin(), releases.end());
  return releases;
}

fs::path build_directory(const std::string& release) {
  return fs::canonical(fs::path("/lib/modules") / release / "build");
}

fs::path built_module(const std::string& release, const std::string& name) {
  const fs::path folder = fs::path(KOVET_KERNEL_TEST_CACHE) / release;
  const fs::path module = folder / (name + ".ko");
  fs::create_directories(folder);
  const Lock lock(folder.string() + ".lock");
  const bool changed = copy_sources(KOVET_KERNEL_TEST_MODULES, folder);
  if (!changed && fs::exists(folder / ".built") && fs::exists(module)) return module;
  fs::remove(folder / ".built");
  const auto outcome = run_program(
      "make", {"-C", build_directory(release).string(), "M=" + folder.string(), "modules"});
  if (!outcome.ok() || !fs::exists(module))
    throw std::runtime_error("Kbuild fails for " + release + ":\n" + outcome.out + outcome.err);
  std::ofstream(folder / ".built") << release << '\n';
  return module;
}

std::optional<fs::path> image_root(const std::string& release) {
  std::string images = environment("KOVET_TEST_IMAGES");
  if (images.empty()) images = KOVET_TEST_IMAGES_DEFAULT;
  const fs::path root = fs::path(images) / release;
  if (fs::exists(root / "lib/modules" / release)) return root;
  return std::nullopt;
}

std::map<std::string, std::uint32_t> symvers_of(const std::string& release) {
  std::map<std::string, std::uint32_t> crcs;
  std::ifstream file(build_directory(release) / "Module.symvers");
  for (std::string crc, name, rest; file >> crc >> name && std::getline(file, rest);)
    crcs[name] = static_cast<std::uint32_t>(std::stoul(crc, nullptr, 16));
  return crcs;
}

std::string modinfo_field(const fs::path& module, const std::string& field) {
  std::string value = output_of(in_sbin("modinfo"), {"-F", field, module.string()});
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

std::map<std::string, std::uint32_t> modversions_of(const fs::path& module) {
  std::map<std::string, std::uint32_t> crcs;
  std::istringstream lines(output_of(in_sbin("modprobe"), {"--dump-modversions", module.string()}));
  for (std::string crc, name; lines >> crc >> name;)
    crcs[name] = static_cast<std::uint32_t>(std::stoul(crc, nullptr, 16));
  return crcs;
}

bool missing_is_failure() {
  return !environment("CI").empty();
}

}  // namespace kovet::testing
