#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"
#include "module/signature.h"
#include "module/verify_signature.h"

// kernel/module/signing.c: module_sig_check(), mod_verify_sig(); kernel/module_signature.c:
// mod_check_sig(); crypto/asymmetric_keys/pkcs7_verify.c: pkcs7_digest().

namespace kovet::gate {

namespace {

constexpr std::size_t trailer_size = 12;
constexpr std::uint8_t id_type_pkcs7 = 2;

bool enforced(const GateInput& input) {
  return input.assumptions.sig_enforce || input.kernel.config->enabled("MODULE_SIG_FORCE");
}

/// What happens to a module whose signature is absent or cannot be checked.
GateResult without_valid_signature(const GateInput& input, std::string_view reason,
                                   std::vector<std::string> log) {
  if (enforced(input)) {
    log.push_back(fmt::format("Loading of {} is rejected", reason));
    return GateResult::fail(EKEYREJECTED, std::move(log),
                            fmt::format("signatures are enforced, and this is an {}", reason),
                            "sign it with a key this kernel trusts: kovet signature shows what is "
                            "there; enforcement cannot be switched off at load time");
  }
  if (input.assumptions.lockdown) {
    log.push_back(
        "Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7");
    return GateResult::fail(EPERM, std::move(log),
                            "the kernel is locked down, and this is an " + std::string(reason),
                            "sign it with a key this kernel trusts, or boot without lockdown");
  }
  GateResult result = GateResult::pass();
  result.log = std::move(log);
  result.reason = fmt::format("{}: loads, because nothing enforces signatures", reason);
  return result;
}

GateResult malformed(std::vector<std::string> log, std::string why) {
  return GateResult::fail(EBADMSG, std::move(log), std::move(why),
                          "sign the module again; a broken signature is refused even where "
                          "none is required");
}

/// mod_check_sig(): the fields of the trailer, before any cryptography.
std::optional<GateResult> check_trailer(const GateInput& input) {
  const SignatureTrailer& trailer = *input.module.signature;
  const std::uint64_t length = input.module.size - 28;  // without the marker
  if (length <= trailer_size || trailer.sig_len >= length - trailer_size)
    return malformed({}, "the signature's length does not fit the file");
  if (trailer.id_type != id_type_pkcs7) {
    return without_valid_signature(input, "module with unsupported crypto",
                                   {"module: not signed with expected PKCS#7 message"});
  }
  if (trailer.algo || trailer.hash || trailer.signer_len || trailer.key_id_len ||
      !trailer.padding_zero) {
    return malformed({"module: PKCS#7 signature info has unexpected non-zero params"},
                     "the signature's trailer has fields that must be zero");
  }
  if (trailer.sig_len > largest_message) {
    return GateResult::fail(
        EMSGSIZE, {},
        fmt::format("the signature has {} bytes, and kernels read no message of "
                    "more than {}",
                    trailer.sig_len, largest_message),
        "sign the module again, without certificates inside the signature");
  }
  return std::nullopt;
}

/// Whether the kernel can compute a hash. It does so before it looks for a key.
enum class HashState : std::uint8_t { there, lacking, unsure };

HashState hash_state(const GateInput& input, const std::string& hash) {
  std::string_view option;
  if (hash == "sha1") option = "CRYPTO_SHA1";
  if (hash == "sha224" || hash == "sha256") option = "CRYPTO_SHA256";
  if (hash == "sha384" || hash == "sha512") option = "CRYPTO_SHA512";
  if (hash.starts_with("sha3-")) option = "CRYPTO_SHA3";
  if (option.empty()) return HashState::there;  // the verifier knows which others there are
  const auto value = input.kernel.config->value(option);
  if (!value) return HashState::unsure;  // some machines have drivers of their own for it
  if (*value == "y" || input.assumptions.crypto_modules) return HashState::there;
  return HashState::lacking;
}

GateResult unsure_hash(const std::string& hash) {
  return GateResult::unknown(
      fmt::format("signed with {}, and whether this kernel can compute it is not known", hash),
      "sign with the hash of its CONFIG_MODULE_SIG_HASH");
}

}  // namespace

GateResult signature(const GateInput& input) {
  if (!input.kernel.config) return unknown_config(input.kernel, "MODULE_SIG");
  if (!input.kernel.config->enabled("MODULE_SIG")) return GateResult::skip();
  if (!input.module.signature) return without_valid_signature(input, "unsigned module", {});
  if (const auto refused = check_trailer(input)) return *refused;
  if (!input.signature) {
    return GateResult::unknown("signed, but which keys this kernel trusts is not known",
                               "the kernel's image, which holds its certificates: install "
                               "linux-image of this release, or name a root that has it in /boot");
  }
  const SignatureStatus status = input.signature->status;
  std::vector<std::string> log;
  if (!input.signature->log.empty()) log.push_back(input.signature->log);
  // A message that the kernel has words for was refused before anything was hashed.
  if (log.empty() && (status == SignatureStatus::good || status == SignatureStatus::bad ||
                      status == SignatureStatus::no_key)) {
    const std::string hash = describe_signature(input.module).hash;
    const HashState state = hash_state(input, hash);
    if (state == HashState::lacking)
      return without_valid_signature(input, "module with unsupported crypto", {});
    const bool needed = enforced(input) || input.assumptions.lockdown;
    if (state == HashState::unsure &&
        (status == SignatureStatus::bad || (status == SignatureStatus::good && needed)))
      return unsure_hash(hash);
  }
  switch (status) {
    case SignatureStatus::good:
      return GateResult::pass();
    case SignatureStatus::bad:
      return GateResult::fail(EKEYREJECTED, std::move(log),
                              "its key or its message contradicts the signature, or the signature "
                              "is not of these bytes",
                              "the module was altered after signing: sign it again, as the last "
                              "step after strip");
    case SignatureStatus::no_key:
      return without_valid_signature(input, "module with unavailable key", {});
    case SignatureStatus::unsupported:
      return without_valid_signature(input, "module with unsupported crypto", {});
    case SignatureStatus::malformed:
      break;
  }
  return malformed(std::move(log),
                   "the signature is no PKCS#7 message that modules are signed with");
}

}  // namespace kovet::gate
