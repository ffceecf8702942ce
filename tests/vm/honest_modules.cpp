#include "tests/vm/honest_modules.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/bytes.h"
#include "support/process.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {

namespace {

namespace fs = std::filesystem;

Result<void> run(ProcessRequest request) {
  request.timeout = std::chrono::minutes(10);
  const auto outcome = run_process(request);
  if (!outcome) return outcome.error();
  if (outcome->ok()) return {};
  return Error{request.program, fmt::format("ended with {}", outcome->exit_code),
               outcome->err + outcome->out};
}

std::vector<fs::path> modules_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".ko") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

/// The kernel build's own signing program, with a key made for the occasion.
Result<void> sign(const TestKernel& kernel, const fs::path& module, const fs::path& work) {
  const fs::path key = work / "key.pem", certificate = work / "certificate.pem";
  if (auto made = run({.program = "openssl",
                       .arguments = {"req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes",
                                     "-subj", "/CN=A stranger/", "-days", "30", "-keyout",
                                     key.string(), "-out", certificate.string()}});
      !made)
    return made;
  return run({.program = (kernel.headers / "scripts" / "sign-file").string(),
              .arguments = {"sha256", key.string(), certificate.string(), module.string()}});
}

/// A small module of the kernel's own that loads without hardware, as it was shipped.
std::string own_signed_module(const TestKernel& kernel) {
  for (const auto* path : {"kernel/lib/crc7.ko", "kernel/lib/crc8.ko", "kernel/lib/crc4.ko",
                           "kernel/lib/libcrc32c.ko", "kernel/drivers/net/dummy.ko"}) {
    const fs::path file = kernel.modules_dir() / path;
    if (!fs::exists(file)) continue;
    auto bytes = read_text(file);
    if (bytes.ends_with("~Module signature appended~\n")) return bytes;
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> build_driver(const TestKernel& kernel, const fs::path& folder) {
  if (auto built = run(
          {.program = "make",
           .arguments = {"-s", "-C", kernel.headers.string(), "M=" + folder.string(), "modules"},
           .without = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}});
      !built)
    return built.error();
  auto files = modules_in(folder);
  for (const auto& file : files)
    if (auto stripped = run({.program = "strip", .arguments = {"-g", file.string()}}); !stripped)
      return stripped.error();
  return files;
}

Result<Honest> build_honest_modules(const TestKernel& kernel, const fs::path& sources,
                                    const fs::path& work) {
  const fs::path folder = work / "honest";
  fs::remove_all(folder);
  fs::create_directories(work);
  fs::copy(sources, folder, fs::copy_options::recursive);
  const auto files = build_driver(kernel, folder);
  if (!files) return files.error();
  Honest honest;
  for (const auto& file : *files) honest.modules[file.stem()] = read_text(file);
  const fs::path stripped = work / "agree_exports_stripped.ko";
  fs::copy_file(folder / "agree_exports.ko", stripped, fs::copy_options::overwrite_existing);
  if (auto done = run({.program = "strip", .arguments = {"--strip-unneeded", stripped.string()}});
      !done)
    return done.error();
  honest.modules["agree_exports_stripped"] = read_text(stripped);
  const fs::path copy = work / "agree_signed.ko";
  fs::copy_file(folder / "agree_plain.ko", copy, fs::copy_options::overwrite_existing);
  if (auto done = sign(kernel, copy, work); !done) return done.error();
  honest.modules["agree_signed"] = read_text(copy);
  honest.signed_module = own_signed_module(kernel);
  return honest;
}

std::string shipped_driver(const TestKernel& kernel, const std::string& name) {
  for (const auto& entry : fs::recursive_directory_iterator(kernel.modules_dir() / "kernel")) {
    const std::string file = entry.path().filename();
    if (file != name + ".ko" && !file.starts_with(name + ".ko.")) continue;
    auto content = Bytes::map(entry.path());
    if (content) content = decompress(*content, file);
    if (content) return std::string((*content)->text());
  }
  return {};
}

fs::path join_root(const TestKernel& kernel, const fs::path& work) {
  const fs::path root = work / "root";
  fs::remove_all(root);
  const fs::path folder = root / "lib" / "modules" / kernel.release;
  const fs::path headers = root / "usr" / "src" / ("linux-headers-" + kernel.release);
  for (const auto& made : {folder, headers, root / "boot"}) fs::create_directories(made);
  for (const auto& entry : fs::directory_iterator(kernel.modules_dir()))
    if (entry.path().filename() != "build" && entry.path().filename() != "source")
      fs::create_symlink(entry.path(), folder / entry.path().filename());
  for (const auto& entry : fs::directory_iterator(kernel.headers))
    fs::create_symlink(entry.path(), headers / entry.path().filename());
  fs::create_symlink(headers.lexically_relative(folder), folder / "build");
  for (const auto& entry : fs::directory_iterator(kernel.image_root / "boot"))
    fs::create_symlink(entry.path(), root / "boot" / entry.path().filename());
  return root;
}

}  // namespace kovet::testing
