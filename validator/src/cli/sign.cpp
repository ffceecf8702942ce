#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "module/read_module.h"
#include "module/sign_module.h"
#include "report/errors_json.h"
#include "report/printable.h"
#include "support/write_file.h"

namespace kovet::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
  CommonOptions common;
  std::vector<std::string> modules;
  SigningSetup setup;
  std::string output;
  bool replace = false;
};

/// What became of one module.
struct Row {
  std::string path, output;
  std::optional<Error> error;
};

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> sign_one(const ModuleSigner& signer, const std::string& path, const Options& options) {
  const auto module = read_module(path);
  if (module.has_error()) return module.error();
  const auto made = signer.sign(*module, options.replace);
  if (made.has_error()) return made.error();
  return write_file(options.output.empty() ? path : options.output, text_of(*made));
}

std::string as_text(const std::vector<Row>& rows, const ModuleSigner& signer,
                    const Options& options) {
  std::string out;
  for (const Row& row : rows)
    if (!row.error && !options.common.quiet)
      out += fmt::format("{}: signed by {} ({})\n", row.output, signer.certificate().subject,
                         options.setup.hash);
  return out;
}

std::string as_json(const std::vector<Row>& rows, const ModuleSigner& signer,
                    const Options& options) {
  ordered_json json{{"schema", "kovet.sign/1"}, {"kovet", KOVET_VERSION}};
  json["results"] = ordered_json::array();
  std::vector<Error> errors;
  for (const Row& row : rows) {
    if (row.error) {
      errors.push_back(*row.error);
      continue;
    }
    const Certificate& certificate = signer.certificate();
    json["results"].push_back({{"module", printable(row.path)},
                               {"output", printable(row.output)},
                               {"signer", printable(certificate.subject)},
                               {"serial", certificate.serial},
                               {"key_id", certificate.key_id},
                               {"hash", options.setup.hash},
                               {"algorithm", certificate.algorithm},
                               {"certificate", printable(certificate.origin)}});
  }
  json["errors"] = errors_json(errors);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

int run(const Options& options) {
  if (!text_or_json(options.common, "sign")) return exit_input;
  if (!options.output.empty() && options.modules.size() != 1) {
    return fail(
        options.common, "sign",
        Error{"--output", "takes one module", "leave it out to sign each module where it is"});
  }
  const auto signer = ModuleSigner::open(options.setup);
  if (signer.has_error()) return fail(options.common, "sign", signer.error());
  int code = exit_clean;
  std::vector<Row> rows;
  for (const std::string& path : options.modules) {
    rows.push_back({path, options.output.empty() ? path : options.output, {}});
    const auto done = sign_one(*signer, path, options);
    if (done.has_value()) continue;
    rows.back().error = done.error();
    complain(done.error());
    code = exit_input;
  }
  const bool json = options.common.format == Format::json;
  return deliver(options.common,
                 json ? as_json(rows, *signer, options) : as_text(rows, *signer, options), code);
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
  command
      ->add_option("--output,-o", options->output,
                   "write the signed module to FILE; the report goes to standard output")
      ->type_name("FILE");
  command->add_flag("--replace", options->replace, "take off a signature that is there already");
  command->add_flag("--allow-expired", options->setup.allow_expired,
                    "sign with a certificate outside its dates, which kernels do not look at");
  add_common_options_but_output(*command, options->common);
  command->footer(
      "Exit codes: 0 all are signed, 2 one could not be.\n"
      "\n"
      "The key must belong to the certificate. What was made is verified before it is written;\n"
      "a module is replaced whole or not at all.");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
