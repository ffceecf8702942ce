#include <fmt/format.h>

#include "cli/command.h"
#include "module/read_module.h"
#include "module/sign_module.h"
#include "support/write_file.h"

namespace kovet::cli {

namespace {

struct Options {
  std::vector<std::string> modules;
  SigningSetup setup;
  std::string output;
  bool replace = false;
  bool quiet = false;
};

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> sign_one(const ModuleSigner& signer, const std::string& path,
                      const Options& options) {
  const auto module = read_module(path);
  if (module.has_error()) return module.error();
  const auto made = signer.sign(*module, options.replace);
  if (made.has_error()) return made.error();
  return write_file(options.output.empty() ? path : options.output, text_of(*made));
}

int run(const Options& options) {
  if (!options.output.empty() && options.modules.size() != 1) {
    complain({"--output", "takes one module", "leave it out to sign each module where it is"});
    return exit_input;
  }
  const auto signer = ModuleSigner::open(options.setup);
  if (signer.has_error()) {
    complain(signer.error());
    return exit_input;
  }
  int code = exit_clean;
  for (const std::string& path : options.modules) {
    const auto done = sign_one(*signer, path, options);
    if (done.has_error()) {
      complain(done.error());
      code = exit_input;
    } else if (!options.quiet) {
      fmt::print("{}: signed by {} ({})\n", options.output.empty() ? path : options.output,
                 signer->certificate().subject, options.setup.hash);
    }
  }
  return code;
}

}  // namespace

void add_sign(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("sign", "sign these modules, as the kernel's sign-file does");
  const auto options = std::make_shared<Options>();
  command->add_option("modules", options->modules, "modules, not compressed")
      ->required()
      ->type_name("M.ko");
  command
      ->add_option("--key,-k", options->setup.key,
                   "private key: a PEM file or a pkcs11: URI; KBUILD_SIGN_PIN holds its passphrase")
      ->required()
      ->type_name("KEY");
  command->add_option("--cert,-c", options->setup.certificate, "its certificate (DER or PEM)")
      ->required()
      ->type_name("FILE");
  command->add_option("--hash", options->setup.hash, "hash to sign (default: sha256)")
      ->type_name("NAME");
  command
      ->add_option("--sign-file", options->setup.sign_file,
                   "the kernel's scripts/sign-file; without it OpenSSL's library signs")
      ->type_name("PROGRAM");
  command->add_option("--output,-o", options->output, "write the signed module to FILE")
      ->type_name("FILE");
  command->add_flag("--replace", options->replace, "take off a signature that is there already");
  command->add_flag("--allow-expired", options->setup.allow_expired,
                    "sign with a certificate outside its dates, which kernels do not look at");
  command->add_flag("--quiet,-q", options->quiet, "print only what went wrong");
  command->footer(
      "The key must belong to the certificate. What was made is verified before it is written;\n"
      "a module is replaced whole or not at all.");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
