#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>

#include "check/image_evidence.h"
#include "cli/command.h"
#include "kernel/read_kernel.h"
#include "module/read_module.h"
#include "vm/boot_report.h"
#include "vm/dependencies.h"
#include "vm/vm.h"

namespace kovet::cli {

namespace {

struct BootOptions {
  CommonOptions common;
  std::vector<std::string> modules;
  std::string kernel, image, append;
  std::vector<std::string> parameters;  ///< "M:p=v"
  vm::Accelerator accelerator = vm::Accelerator::automatic;
  unsigned module_timeout = 30, boot_timeout = 120, memory = 0;
  bool compare = false, log = false, apart = false;
};

/// "M:p=v" by module name; what is before the first colon is the module.
Result<std::map<std::string, std::string>> split_parameters(const BootOptions& options,
                                                            std::span<const Module> modules) {
  std::map<std::string, std::string> by_name;
  for (const auto& text : options.parameters) {
    const auto colon = text.find(':');
    const auto name = vm::kernel_name(text.substr(0, std::min(colon, text.size())));
    if (colon == std::string::npos || colon == 0)
      return Error{"--param " + text, "is not of the form MODULE:PARAMETER=VALUE"};
    const bool known = std::ranges::any_of(modules, [&](const Module& module) {
      return vm::kernel_name(module.display_name()) == name;
    });
    if (!known) return Error{"--param " + text, fmt::format("no given module is named '{}'", name)};
    auto& all = by_name[name];
    all += (all.empty() ? "" : " ") + text.substr(colon + 1);
  }
  return by_name;
}

/// Where the kernel's image is: --image, what the kernel's facts say, or the one usual place.
Result<std::string> find_image(const BootOptions& options, const Kernel& kernel) {
  if (!options.image.empty()) return options.image;
  if (!kernel.image.empty()) return kernel.image;
  const std::string release = kernel.release ? *kernel.release : options.kernel;
  return Error{options.kernel, "has no image that could be booted",
               fmt::format("apt install linux-image-{}, or name a vmlinuz with --image", release)};
}

/// lib/modules/R beside the image's boot/, for an unpacked package; else what the kernel has.
std::string modules_folder(const Kernel& kernel, const std::filesystem::path& image) {
  if (!kernel.modules_dir.empty() || !kernel.release) return kernel.modules_dir;
  std::error_code code;
  const auto boot = std::filesystem::absolute(image, code).parent_path();
  const auto folder = boot.parent_path() / "lib" / "modules" / *kernel.release;
  return std::filesystem::is_directory(folder, code) ? folder.string() : std::string();
}

std::vector<std::optional<vm::Prediction>> predict_all(const BootOptions& options,
                                                       const Kernel& kernel,
                                                       std::span<const Module* const> modules,
                                                       const std::map<std::string, std::string>& parameters) {
  Assumptions assumptions = vm::assumptions_from(options.append);
  for (const auto& [module, text] : parameters) assumptions.parameters.push_back({module, text});
  const ImageEvidence image(kernel, modules, ImageReading::everything);
  std::vector<std::optional<vm::Prediction>> predictions;
  std::vector<const Module*> loaded, refused;
  for (const Module* module : modules) {
    auto prediction = vm::predict({*module, kernel, assumptions, loaded, {},
                                   image.signature_of(*module), image.facts(), refused});
    if (!options.apart)
      (prediction.verdict.answer == Answer::reject ? refused : loaded).push_back(module);
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

int boot(const BootOptions& options) {
  if (options.common.format != Format::text && options.common.format != Format::json) {
    complain({"--format", "kovet boot prints text or json"});
    return exit_input;
  }
  const auto kernel = read_kernel(options.kernel);
  if (!kernel) {
    complain(kernel.error());
    return exit_input;
  }
  std::vector<Module> modules;
  for (const auto& file : options.modules) {
    auto module = read_module(std::filesystem::path(file));
    if (!module) {
      complain(module.error());
      return exit_input;
    }
    modules.push_back(std::move(*module));
  }
  const auto parameters = split_parameters(options, modules);
  const auto image = find_image(options, *kernel);
  if (!parameters || !image) {
    complain(parameters ? image.error() : parameters.error());
    return exit_input;
  }
  std::vector<const Module*> given;
  for (const auto& module : modules) given.push_back(&module);
  std::vector<const Module*> ordered;
  for (const std::size_t index : vm::load_order(given)) ordered.push_back(given[index]);

  vm::VmRequest request{.image = *image,
                        .modules_dir = modules_folder(*kernel, *image),
                        .append = options.append,
                        .accelerator = options.accelerator,
                        .boot_timeout = std::chrono::seconds(options.boot_timeout),
                        .module_timeout = std::chrono::seconds(options.module_timeout),
                        .memory = options.memory,
                        .keep_log = options.log};
  for (const Module* module : ordered) {
    const auto found = parameters->find(vm::kernel_name(module->display_name()));
    vm::LoadJob job{.file = module->path,
                    .parameters = found == parameters->end() ? "" : found->second};
    if (request.groups.empty() || options.apart) request.groups.emplace_back();
    request.groups.back().push_back(std::move(job));
  }
  auto report = vm::run_in_vm(request);
  if (!report) {
    complain(report.error());
    return exit_input;
  }
  vm::BootReport result{std::move(*report), options.kernel, *image, {}};
  if (options.compare) result.predictions = predict_all(options, *kernel, ordered, *parameters);
  const bool all_loaded = std::ranges::all_of(result.vm.outcomes, [](const auto& outcome) {
    return outcome.state == vm::LoadState::loaded;
  });
  const auto text = options.common.format == Format::json
                        ? vm::boot_json(result)
                        : vm::boot_text(result, options.common.quiet);
  return deliver(options.common, text, all_loaded ? exit_clean : exit_findings);
}

}  // namespace

void add_boot(CLI::App& app, Action& action) {
  const auto options = std::make_shared<BootOptions>();
  CLI::App& command = *app.add_subcommand(
      "boot", "boot a kernel in QEMU, load the modules, and hear what it says itself");
  command.add_option("modules", options->modules, "M.ko, also .gz, .xz, .zst; sorted by need")
      ->required()
      ->type_name("M.ko...");
  command.add_option("--kernel", options->kernel, "release, build directory or lib/modules/R")
      ->required()
      ->type_name("K");
  command.add_option("--image", options->image, "vmlinuz; default: the one of that kernel")
      ->type_name("F");
  command.add_option("--append", options->append, "added to the kernel's command line")
      ->type_name("S");
  command.add_option("--param", options->parameters, "MODULE:PARAMETER=VALUE; more than once")
      ->type_name("M:p=v")
      ->allow_extra_args(false);
  command.add_flag("--compare", options->compare, "set Kovet's prediction beside each answer");
  command.add_flag("--log", options->log, "print all that the kernel logged");
  command.add_flag("--apart", options->apart,
                   "unload each module before the next one: they do not see each other");
  static const std::map<std::string, vm::Accelerator> accelerators{
      {"auto", vm::Accelerator::automatic},
      {"kvm", vm::Accelerator::kvm},
      {"tcg", vm::Accelerator::software}};
  command
      .add_option_function<std::string>(
          "--accel",
          [options](const std::string& word) { options->accelerator = accelerators.at(word); },
          "auto (KVM when a probe shows that it works), kvm, or tcg (software)")
      ->check(CLI::IsMember(accelerators).description(""))
      ->type_name("WORD");
  command.add_option("--timeout", options->module_timeout, "for one module to load (default 30)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600).description(""));
  command
      .add_option("--boot-timeout", options->boot_timeout, "until the guest is up (default 120)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600).description(""));
  command.add_option("--memory", options->memory, "of the guest; default: what the modules need")
      ->type_name("MIB")
      ->check(CLI::Range(128, 65536).description(""));
  command.footer(
      "Exit codes: 0 all modules loaded, 1 one was refused or failed, 2 nothing could be booted.");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return boot(*options); }; });
}

}  // namespace kovet::cli
