#include "module/verify_signature.h"

#include <fmt/format.h>
#include <openssl/objects.h>

#include <array>

#include "module/legacy_signature.h"
#include "module/pkcs7_message.h"
#include "module/signature.h"
#include "module/signature_remains.h"

// kernel/module/signing.c: mod_verify_sig(); kernel/module_signature.c: mod_check_sig().

namespace kovet {

namespace {

constexpr std::string_view sign_again =
    "sign the module again, as the last step: after strip, before compression (kovet sign)";

SignatureCheck unsigned_module(const Module& module) {
  SignatureCheck check{SignatureResult::not_signed,
                       "it carries no signature, and nothing is left of one; strip and objcopy "
                       "remove it without a trace, so the file cannot tell whether it had one",
                       "sign it: kovet sign --key KEY --cert CERT FILE",
                       {},
                       {}};
  const RemainsScan remains = find_signature_remains(module);
  if (remains.kind == SignatureRemains::marker_not_at_end) {
    check.reason =
        "the signature marker stands in the file, but not at its very end: the kernel sees an "
        "unsigned module";
    check.hint = fmt::format("something was added behind the signature; {}", sign_again);
    if (remains.is_whole) {
      check.reason = fmt::format(
          "it was signed, and {} bytes were added behind the signature: the marker is not at its "
          "very end, so the kernel sees an unsigned module",
          remains.bytes_behind);
      if (module.compression == Compression::none)
        check.hint = fmt::format("take them off (truncate -s -{} FILE), or {}",
                                 remains.bytes_behind, sign_again);
    }
  } else if (remains.kind == SignatureRemains::message_without_marker) {
    check.reason =
        "it was signed, and its end was cut off: a signature begins behind the ELF file, without "
        "the marker that the kernel looks for";
    check.hint = fmt::format("copy or download it again, or {}", sign_again);
  } else if (module.first("intree")) {
    check.reason =
        "it carries no signature, though it was built as part of a kernel: strip and objcopy "
        "remove a signature without a trace, and may have done so here";
    check.hint = std::string(sign_again);
  }
  return check;
}

/// mod_check_sig(); nothing when the fields are as they must be.
std::optional<SignatureCheck> check_trailer(const Module& module) {
  const SignatureTrailer& trailer = *module.signature;
  const std::uint64_t length = module.size - signature_marker.size();
  if (length <= signature_trailer_size || trailer.sig_len >= length - signature_trailer_size) {
    return SignatureCheck{SignatureResult::malformed,
                          fmt::format("its trailer speaks of a signature of {} bytes, which the "
                                      "file cannot hold",
                                      trailer.sig_len),
                          std::string(sign_again),
                          {},
                          {}};
  }
  if (trailer.id_type != 2) {
    return SignatureCheck{SignatureResult::unsupported,
                          fmt::format("its signature is of type {}, and kernels since 4.3 take "
                                      "PKCS#7 alone",
                                      trailer.id_type),
                          std::string(sign_again),
                          "module: not signed with expected PKCS#7 message",
                          {}};
  }
  if (trailer.algo || trailer.hash || trailer.signer_len || trailer.key_id_len ||
      !trailer.padding_zero) {
    return SignatureCheck{SignatureResult::malformed,
                          "fields of its trailer that must be zero are not",
                          std::string(sign_again),
                          "module: PKCS#7 signature info has unexpected non-zero params",
                          {}};
  }
  if (trailer.sig_len > largest_message) {
    return SignatureCheck{SignatureResult::malformed,
                          fmt::format("its signature has {} bytes; kernels read at most {} and "
                                      "answer EMSGSIZE",
                                      trailer.sig_len, largest_message),
                          std::string(sign_again),
                          {},
                          {}};
  }
  return std::nullopt;
}

SignedContent signed_content(const Module& module) {
  if (module.signature->digests) return {{}, *module.signature->digests};
  if (!module.bytes) return {};  // no certificate will be tried: see digest_signed_content()
  return {module.bytes->span().first(module.elf_size), {}};
}

}  // namespace

std::string_view to_string(SignatureFormat format) {
  constexpr std::array<std::string_view, 4> names{"none", "PKCS#7", "X.509", "unknown"};
  return names.at(static_cast<std::size_t>(format));
}

std::string_view to_string(SignatureResult result) {
  constexpr std::array<std::string_view, 6> names{"good",        "bad",       "no_key",
                                                  "unsupported", "malformed", "unsigned"};
  return names.at(static_cast<std::size_t>(result));
}

SignatureInfo describe_signature(const Module& module) {
  SignatureInfo info;
  if (!module.signature) return info;
  const SignatureTrailer& trailer = *module.signature;
  info.signature_size = trailer.sig_len;
  if (trailer.signature.size() != trailer.sig_len || trailer.signature.empty()) {
    info.format = SignatureFormat::unknown;
    info.malformed = "the signature's length does not fit the file";
    return info;
  }
  if (trailer.id_type == 1) return describe_legacy_signature(module);
  if (trailer.id_type != 2) {
    info.format = SignatureFormat::unknown;
    return info;
  }
  info.signed_size = module.elf_size;
  info.signed_twice =
      module.bytes && module.bytes->text().substr(0, module.elf_size).ends_with(signature_marker);
  describe_pkcs7(trailer.signature, info);
  return info;
}

void digest_signed_content(Module& module, bool keys_known) {
  if (!module.signature || module.signature->id_type != 2 || !module.bytes) return;
  if (!keys_known && !brings_certificates(module.signature->signature)) return;
  module.signature->digests =
      digests_named_by(module.signature->signature, module.bytes->span().first(module.elf_size));
}

SignatureCheck verify_signature(const Module& module, std::span<const Certificate> trusted) {
  if (!module.signature) return unsigned_module(module);
  if (module.signature->id_type == 1 && !module.signature->signature.empty() && module.bytes)
    return verify_legacy_signature(module, trusted);
  if (auto refused = check_trailer(module)) return *refused;
  SignatureCheck check = verify_pkcs7(module.signature->signature, signed_content(module), trusted);
  if (check.hint.empty() &&
      (check.result == SignatureResult::bad || check.result == SignatureResult::malformed))
    check.hint = std::string(sign_again);
  return check;
}

}  // namespace kovet
