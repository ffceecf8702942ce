#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>

#include "check/image_evidence.h"
#include "cli/command.h"
#include "cli/failure.h"
#include "kernel/read_kernel.h"
#include "module/read_module.h"
#include "support/write_file.h"
#include "vm/boot_image.h"
#include "vm/boot_report.h"
#include "vm/dependencies.h"
#include "vm/qemu.h"
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
  bool compare = false, log = false, apart = false, skip_missing = false;
};

constexpr int exit_skipped = 77;  // what CTest, Automake and Meson are used to

/// What is missing can be installed: no failure where the user said so, but one in CI.
int lacking(const BootOptions& options, const Error& error) {
  const char* ci = std::getenv("CI");
  const bool in_ci = ci && *ci;
  return fail(options.common, "boot", error,
              options.skip_missing && !in_ci ? exit_skipped : exit_input);
}

/// "M:p=v" by module name; what is before the first colon is the module.
Result<std::map<std::string, std::string>> split_parameters(const BootOptions& options,
                                                            std::span<const Module> modules) {
  std::map<std::string, std::string> by_name;
  for (const auto& text : options.parameters) {
    const auto colon = text.find(':');
    const auto name = vm::kernel_name(text.substr(0, std::min(colon, text.size())));
    if (colon == std::string::npos || colon == 0)
      return Error{"--param " + text, "is not of the form MODULE:PARAMETER=VALUE",
                   "for example --param hello:count=3"};
    const bool known = std::ranges::any_of(modules, [&](const Module& module) {
      return vm::kernel_name(module.display_name()) == name;
    });
    if (!known)
      return Error{
          "--param " + text, fmt::format("no given module is named '{}'", name),
          "name one of the modules that are given: before the colon is the module, without .ko"};
    auto value = text.substr(colon + 1);
    // The kernel splits at blanks that are not quoted.
    const auto sign = value.find('=');
    if (sign != std::string::npos && value.find_first_of(" \n\t") != std::string::npos &&
        value.find('"') == std::string::npos)
      value = value.substr(0, sign + 1) + '"' + value.substr(sign + 1) + '"';
    auto& all = by_name[name];
    all += (all.empty() ? "" : " ") + value;
  }
  return by_name;
}

Error no_image(const BootOptions& options, const Kernel& kernel) {
  const std::string release = kernel.release ? *kernel.release : options.kernel;
  return {options.kernel, "has no image that could be booted",
          fmt::format("apt install linux-image-{}, or name a vmlinuz with --image", release)};
}

/// Where the kernel's image is: --image, what the kernel's facts say, or the one usual place.
/// Errors also: it is another kernel's.
Result<std::string> find_image(const BootOptions& options, const Kernel& kernel) {
  const auto release = kernel.release ? std::optional<std::string>(*kernel.release) : std::nullopt;
  const auto image =
      vm::find_boot_image(options.image.empty() ? kernel.image : options.image, release);
  if (!image) return image.error();
  if (release && image->release && *release != *image->release)
    return Error{
        image->file,
        fmt::format("is the image of {}, and --kernel names {}", *image->release, *release),
        fmt::format("--kernel {}, or another --image", *image->release)};
  return image->file;
}

/// lib/modules/R beside the image's boot/, for an unpacked package; else what the kernel has.
std::string modules_folder(const Kernel& kernel, const std::filesystem::path& image) {
  if (!kernel.modules_dir.empty() || !kernel.release) return kernel.modules_dir;
  std::error_code code;
  const auto boot = std::filesystem::absolute(image, code).parent_path();
  const auto folder = boot.parent_path() / "lib" / "modules" / *kernel.release;
  return std::filesystem::is_directory(folder, code) ? folder.string() : std::string();
}

std::ptrdiff_t offset(std::size_t index) {
  return static_cast<std::ptrdiff_t>(index);
}

std::vector<std::optional<vm::Prediction>> predict_all(
    const BootOptions& options, const Kernel& kernel, std::span<const Module* const> modules,
    const std::map<std::string, std::string>& parameters) {
  Assumptions assumptions = vm::assumptions_from(options.append);
  for (const auto& [module, text] : parameters) assumptions.parameters.push_back({module, text});
  const ImageEvidence image(kernel, modules, ImageReading::everything);
  std::vector<std::optional<vm::Prediction>> predictions;
  std::vector<const Module*> loaded, refused, uncertain;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const Module* module = modules[i];
    // Not there when this one loads: those that were refused, and those whose turn comes later.
    std::vector<const Module*> absent = refused;
    if (options.apart) absent.insert(absent.end(), modules.begin(), modules.begin() + offset(i));
    absent.insert(absent.end(), modules.begin() + offset(i + 1), modules.end());
    auto prediction = vm::predict({*module,
                                   kernel,
                                   assumptions,
                                   loaded,
                                   {},
                                   image.signature_of(*module),
                                   image.facts(),
                                   absent,
                                   uncertain});
    if (!options.apart) {
      (prediction.verdict.answer == Answer::reject ? refused : loaded).push_back(module);
      if (prediction.verdict.answer == Answer::unknown) uncertain.push_back(module);
    }
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

int boot(const BootOptions& options) {
  if (!text_or_json(options.common, "boot")) return exit_input;
  if (!options.common.output.empty())
    if (const auto writable = may_write(options.common.output); !writable) {
      complain(writable.error());
      return exit_input;
    }
  const auto kernel = read_kernel(options.kernel);
  if (!kernel) return fail(options.common, "boot", kernel.error());
  std::vector<Module> modules;
  std::vector<Error> errors;
  for (const auto& file : options.modules) {
    auto module = read_module(std::filesystem::path(file));
    if (module)
      modules.push_back(std::move(*module));
    else
      errors.push_back(module.error());
  }
  if (modules.empty()) return fail(options.common, "boot", errors);
  for (const Error& error : errors) complain(error);
  if (const auto qemu = vm::find_qemu(); !qemu) return lacking(options, qemu.error());
  if (options.image.empty() && kernel->image.empty())
    return lacking(options, no_image(options, *kernel));
  const auto parameters = split_parameters(options, modules);
  const auto image = find_image(options, *kernel);
  if (!parameters || !image)
    return fail(options.common, "boot", parameters ? image.error() : parameters.error());
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
  if (!report) return fail(options.common, "boot", report.error());
  vm::BootReport result{std::move(*report), options.kernel, *image, {}, errors};
  if (options.compare) {
    Kernel booted = *kernel;
    booted.image = *image;  // it holds the keys that were trusted
    result.predictions = predict_all(options, booted, ordered, *parameters);
  }
  const bool all_fine = std::ranges::all_of(result.vm.outcomes, vm::is_fine);
  const int code = !errors.empty() ? exit_input : all_fine ? exit_clean : exit_findings;
  const auto text = options.common.format == Format::json
                        ? vm::boot_json(result)
                        : vm::boot_text(result, options.common.quiet);
  return deliver(options.common, text, code);
}

}  // namespace

void add_boot(CLI::App& app, Action& action) {
  const auto options = std::make_shared<BootOptions>();
  CLI::App& command = *app.add_subcommand(
      "boot", "what does the kernel itself say, booted in QEMU, to these modules?");
  command.add_option("modules", options->modules, "M.ko, also .gz, .xz, .zst; sorted by need")
      ->required()
      ->type_name("M.ko...");
  command.add_option("--kernel,-k", options->kernel, "release, build directory or lib/modules/R")
      ->required()
      ->type_name("K");
  command
      .add_option("--image", options->image,
                  "vmlinuz, vmlinux or unpacked linux-image package; default: that kernel's")
      ->type_name("F");
  command.add_option("--append", options->append, "added to the kernel's command line")
      ->type_name("S");
  command.add_option("--param", options->parameters, "MODULE:PARAMETER=VALUE; more than once")
      ->type_name("M:p=v")
      ->allow_extra_args(false);
  command.add_flag("--compare", options->compare, "set Kovet's prediction beside each answer");
  command.add_flag("--log", options->log, "print all that the kernel logged");
  command.add_flag(
      "--skip-missing", options->skip_missing,
      "exit with 77 when QEMU or the kernel's image is not installed, unless CI is set");
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
      "Exit codes: 0 all modules loaded and unloaded, 1 one of them did not, or the kernel warned "
      "or\n"
      "died, 2 a module could not be read or nothing could be booted. A module without an exit\n"
      "function stays loaded, which is no failure.");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return boot(*options); }; });
}

}  // namespace kovet::cli
