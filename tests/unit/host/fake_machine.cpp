#include "tests/unit/host/fake_machine.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "host/modprobe_config.h"
#include "support/process.h"

namespace kovet::testing {

namespace fs = std::filesystem;

FakeMachine::FakeMachine() {
  for (const char* file : {"modules.builtin", "modules.order", "modules.builtin.modinfo"})
    write(modules_dir() + "/" + file, "");
  fs::create_directories(root() / "etc/modprobe.d");
  fs::create_directories(root() / "etc/depmod.d");
}

void FakeMachine::link(const std::string& path, const std::string& target) {
  const auto here = root() / fs::path(path).relative_path();
  fs::create_directories(here.parent_path());
  fs::create_symlink(target, here);
}

void FakeMachine::remove(const std::string& path) {
  fs::remove(root() / fs::path(path).relative_path());
}

void FakeMachine::module(const std::string& relative, const ElfBuilder& builder) {
  write(modules_dir() + "/" + relative, builder.build());
}

ElfBuilder FakeMachine::tiny(const std::string& name) {
  ElfBuilder builder;
  builder.this_module(module_name_of(name), 1280)
      .modinfo("license", "GPL")
      .modinfo("name", module_name_of(name))
      .modinfo("vermagic", std::string(release) + " SMP preempt mod_unload modversions ");
  return builder;
}

ElfBuilder FakeMachine::provider(const std::string& name) {
  auto builder = tiny(name);
  builder.export_symbol(name + "_symbol", {.crc = 1});
  return builder;
}

ElfBuilder FakeMachine::user(const std::string& name, const std::vector<std::string>& providers) {
  auto builder = tiny(name);
  std::string depends;
  for (const auto& provider : providers) {
    builder.import(provider + "_symbol");
    depends += (depends.empty() ? "" : ",") + provider;
  }
  builder.modinfo("depends", depends);
  return builder;
}

void FakeMachine::depmod() const {
  const auto outcome = run_process(
      {.program = kmod_tool("depmod"),
       .arguments = {"-b", root().string(), "-C", (root() / "etc/depmod.d").string(), release}});
  if (!outcome || !outcome->ok())
    throw std::runtime_error(outcome ? outcome->err : to_string(outcome.error()));
}

std::string FakeMachine::modprobe(std::vector<std::string> arguments) const {
  std::vector<std::string> all{"-d", root().string(), "-S", release};
  for (const auto& folder : modprobe_folders())
    if (fs::exists(root() / fs::path(folder).relative_path())) {
      all.emplace_back("-C");
      all.push_back((root() / fs::path(folder).relative_path()).string());
    }
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto outcome = run_process({.program = kmod_tool("modprobe"), .arguments = all});
  if (!outcome) throw std::runtime_error(to_string(outcome.error()));
  return outcome->out;
}

HostReport FakeMachine::ask(const std::string& subject, const std::string& cmdline) const {
  HostQuestion question{.subject = subject, .root = root().string(), .release = release};
  if (!cmdline.empty()) question.cmdline = cmdline;
  auto report = ask_host(question);
  if (!report) throw std::runtime_error(to_string(report.error()));
  return std::move(*report);
}

const HostFinding* FakeMachine::finding(const HostReport& report, std::string_view id) {
  for (const auto& finding : report.findings)
    if (finding.id == id) return &finding;
  return nullptr;
}

std::string kmod_tool(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"})
    if (fs::exists(folder + name)) return folder + name;
  return {};
}

}  // namespace kovet::testing
