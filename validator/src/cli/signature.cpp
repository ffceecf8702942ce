#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "kernel/image_keys.h"
#include "module/read_module.h"
#include "module/signature_remains.h"
#include "module/verify_signature.h"
#include "report/errors_json.h"

namespace kovet::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
  CommonOptions common;
  std::vector<std::string> modules, certificates;
};

struct Row {
  std::string path;
  std::optional<Error> error;
  std::string name;
  SignatureInfo info;
  SignatureCheck check;
  RemainsScan remains;
};

int exit_code(SignatureResult result) {
  switch (result) {
    case SignatureResult::good:
      return 0;
    case SignatureResult::bad:
    case SignatureResult::malformed:
      return 1;
    case SignatureResult::no_key:
      return 2;
    case SignatureResult::not_signed:
      return 3;
    case SignatureResult::unsupported:
      break;
  }
  return exit_signature_error;
}

/// Of several modules the worst decides.
int rank(int code) {
  switch (code) {
    case 0:
      return 0;
    case 2:
      return 1;
    case 3:
      return 2;
    case 1:
      return 3;
    default:
      return 4;
  }
}

/// A module where a certificate belongs; nullopt for anything else.
std::optional<Error> module_instead(const std::string& file) {
  const auto module = read_module(file);
  constexpr std::uint16_t relocatable = 1;  // ET_REL
  if (module.has_error() || !module->header || !module->header->magic_ok ||
      module->header->type != relocatable)
    return std::nullopt;
  return Error{
      file, "is a kernel module, no certificate",
      "kovet signature " + file + " --cert FILE, where FILE holds certificates (DER, PEM)"};
}

Result<std::vector<Certificate>> load_certificates(const std::vector<std::string>& files) {
  std::vector<Certificate> all;
  for (const std::string& file : files) {
    const auto bytes = Bytes::map(file);
    if (bytes.has_error()) return bytes.error();
    const bool is_image = looks_like_kernel_image((*bytes)->span());
    auto some = is_image ? builtin_keys(*bytes, file) : parse_certificates((*bytes)->span(), file);
    if (some.has_error())
      return (is_image ? module_instead(file) : std::nullopt).value_or(some.error());
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

Row look_at(const std::string& path, const std::vector<Certificate>& certificates) {
  Row row{path, {}, {}, {}, {}, {}};
  auto module = read_module(path);
  if (module.has_error()) {
    row.error = module.error();
    return row;
  }
  if (!module->header || !module->header->magic_ok) {
    row.error = Error{path, "not an ELF file, so no kernel module",
                      "name a .ko, .ko.gz, .ko.xz or .ko.zst"};
    return row;
  }
  row.name = module->display_name();
  row.info = describe_signature(*module);
  row.check = verify_signature(*module, certificates);
  row.remains = find_signature_remains(*module);
  if (row.check.result == SignatureResult::no_key && certificates.empty()) {
    row.check.reason = "not verified: no certificate was given";
    row.check.hint =
        "--cert FILE takes certificates (DER, PEM), or a vmlinuz with those it trusts itself";
  }
  return row;
}

void add_line(std::string& out, std::string_view key, const std::string& value) {
  if (!value.empty()) out += fmt::format("  {:<12}{}\n", key, value);
}

std::string as_text(const std::vector<Row>& rows, bool quiet) {
  std::string out;
  for (const Row& row : rows) {
    if (row.error || (quiet && row.check.result == SignatureResult::good)) continue;
    out += fmt::format("{}: {}\n", row.path, to_string(row.check.result));
    if (row.info.format != SignatureFormat::none) {
      add_line(out, "format", std::string(to_string(row.info.format)));
      add_line(out, "signer", row.info.signer);
      add_line(out, "serial", row.info.serial);
      add_line(out, "key id", row.info.key_id);
      add_line(out, "hash", row.info.hash);
      add_line(out, "algorithm", row.info.algorithm);
      add_line(out, "malformed", row.info.malformed);
      if (row.info.signed_twice)
        add_line(out, "note", "signed more than once; the last one counts");
    }
    if (row.check.certificate) {
      const Certificate& certificate = *row.check.certificate;
      add_line(out, "certificate",
               fmt::format("{} ({}), valid to {}{}, from {}", certificate.subject,
                           certificate.algorithm, certificate.not_after,
                           certificate.expired ? " (expired)" : "", certificate.origin));
    }
    add_line(out, "kernel log", row.check.log);
    add_line(out, "result", row.check.reason);
    add_line(out, "fix", row.check.hint);
  }
  return out;
}

ordered_json certificate_json(const Certificate& certificate) {
  return {{"file", certificate.origin},           {"subject", certificate.subject},
          {"issuer", certificate.issuer},         {"serial", certificate.serial},
          {"key_id", certificate.key_id},         {"algorithm", certificate.algorithm},
          {"not_before", certificate.not_before}, {"not_after", certificate.not_after},
          {"expired", certificate.expired}};
}

/// Of an unsigned module: what is left of a signature, if anything.
ordered_json remains_json(const RemainsScan& remains) {
  if (remains.kind == SignatureRemains::none) return nullptr;
  ordered_json json{{"kind", to_string(remains.kind)}};
  if (remains.kind == SignatureRemains::marker_not_at_end) {
    json["bytes_behind"] = remains.bytes_behind;
    json["whole"] = remains.is_whole;
  }
  return json;
}

/// A whole signature, or the beginning of one, proves it; else the file cannot tell.
ordered_json was_signed(const Row& row) {
  const bool proven =
      row.remains.is_whole || row.remains.kind == SignatureRemains::message_without_marker;
  return proven ? ordered_json(true) : ordered_json(nullptr);
}

ordered_json row_json(const Row& row) {
  const auto text = [](const std::string& value) {
    return value.empty() ? ordered_json(nullptr) : ordered_json(value);
  };
  ordered_json json{{"module", row.path},
                    {"name", row.name},
                    {"status", to_string(row.check.result)},
                    {"reason", row.check.reason},
                    {"hint", text(row.check.hint)},
                    {"log", text(row.check.log)}};
  if (row.info.format == SignatureFormat::none) {
    json["signature"] = nullptr;
    json["remains"] = remains_json(row.remains);
    json["was_signed"] = was_signed(row);
  } else {
    json["signature"] = {{"format", to_string(row.info.format)},
                         {"signer", text(row.info.signer)},
                         {"serial", text(row.info.serial)},
                         {"key_id", text(row.info.key_id)},
                         {"hash", text(row.info.hash)},
                         {"algorithm", text(row.info.algorithm)},
                         {"size", row.info.signature_size},
                         {"signed_bytes", row.info.signed_size},
                         {"embedded_certificates", row.info.embedded_certificates},
                         {"signed_twice", row.info.signed_twice},
                         {"malformed", text(row.info.malformed)}};
  }
  json["certificate"] =
      row.check.certificate ? certificate_json(*row.check.certificate) : ordered_json(nullptr);
  return json;
}

int run(const Options& options) {
  if (!text_or_json(options.common, "signature")) return exit_signature_error;
  const auto certificates = load_certificates(options.certificates);
  if (certificates.has_error())
    return fail(options.common, "signature", certificates.error(), exit_signature_error);
  std::vector<Row> rows;
  int code = 0;
  for (const std::string& path : options.modules) {
    rows.push_back(look_at(path, *certificates));
    const Row& row = rows.back();
    if (row.error) complain(*row.error);
    const int own = row.error ? int{exit_signature_error} : exit_code(row.check.result);
    if (rank(own) > rank(code)) code = own;
  }
  std::string report;
  if (options.common.format == Format::json) {
    ordered_json json{{"schema", "kovet.signature/1"}, {"kovet", KOVET_VERSION}};
    json["results"] = ordered_json::array();
    std::vector<Error> errors;
    for (const Row& row : rows) {
      if (row.error)
        errors.push_back(*row.error);
      else
        json["results"].push_back(row_json(row));
    }
    json["errors"] = errors_json(errors);
    report = json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  } else {
    report = as_text(rows, options.common.quiet);
  }
  const int delivered = deliver(options.common, report, code);
  return delivered == code ? code : int{exit_signature_error};
}

}  // namespace

void add_signature(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("signature", "are these modules signed, by whom, and does it verify?");
  const auto options = std::make_shared<Options>();
  command->add_option("modules", options->modules, "modules, compressed or not")
      ->required()
      ->type_name("M.ko");
  command
      ->add_option("--cert,-c", options->certificates,
                   "certificates to verify with (DER, PEM), or a vmlinuz whose own are taken")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_common_options(*command, options->common);
  command->footer(
      "Exit codes: 0 good, 1 bad, 2 no certificate matches, 3 unsigned, 4 other errors. Of "
      "several\n"
      "modules the worst decides.\n"
      "\n"
      "strip and objcopy write the module anew and leave nothing of its signature: one that was\n"
      "stripped after signing is a file like one that was never signed, and is reported as "
      "unsigned.\n"
      "What is told apart: bytes that were changed (bad, 1), bytes that were added behind the\n"
      "signature, and a signature whose end was cut off (both unsigned, 3). In JSON \"remains\" "
      "says\n"
      "what is left, \"was_signed\" is true where that proves it, else null: unknown. The build "
      "knows\n"
      "what it signed: kovet_install and kovet_package refuse a module that is unsigned since.");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace kovet::cli
