#pragma once

#include <optional>
#include <span>
#include <string>

#include "module/certificate.h"
#include "module/module.h"

namespace kovet {

/// How a module is signed.
enum class SignatureFormat : std::uint8_t {
  none,
  pkcs7,    ///< id_type 2, since Linux 4.3
  x509,     ///< id_type 1, Linux 3.7 to 4.2: signer name and key id before the signature
  unknown,  ///< any other id_type
};
std::string_view to_string(SignatureFormat format);

/// What a signature says of itself; nothing of it is proven.
struct SignatureInfo {
  SignatureFormat format = SignatureFormat::none;
  std::string signer;     ///< common name of the issuer of the signing certificate, or its own
  std::string serial;     ///< of the signing certificate, "1A:2B:..."; empty when named by key id
  std::string key_id;     ///< subject key identifier; empty when named by issuer and serial
  std::string hash;       ///< "sha256"
  std::string algorithm;  ///< "rsa", "ecdsa", or the name the message has
  std::uint64_t signature_size = 0;         ///< bytes of the message
  std::uint64_t signed_size = 0;            ///< bytes that were signed
  std::uint32_t embedded_certificates = 0;  ///< that the message brings along
  bool authenticated_attributes = false;    ///< which the kernel refuses
  bool signed_twice = false;                ///< what was signed ends in another signature
  std::string malformed;                    ///< why the message cannot be read; empty: it can
};

/// The kernel's errno classes.
enum class SignatureResult : std::uint8_t {
  good,         ///< verified by one of the certificates
  bad,          ///< EKEYREJECTED: the certificate matches, the signature does not
  no_key,       ///< ENOKEY: no certificate matches
  unsupported,  ///< ENOPKG: a format or an algorithm that the kernel does not take
  malformed,    ///< EBADMSG: trailer or message are broken
  not_signed,   ///< ENODATA
};
std::string_view to_string(SignatureResult result);

struct SignatureCheck {
  SignatureResult result = SignatureResult::not_signed;
  std::string reason;                      ///< one sentence
  std::string hint;                        ///< what to do; may be empty
  std::string log;                         ///< what the kernel prints; mostly nothing
  std::optional<Certificate> certificate;  ///< that matched
};

/// Reads what the signature says of itself. Bounded by the file; never fails.
SignatureInfo describe_signature(const Module& module);

/// Makes the digests that a signature asks for, so that it can be verified after drop_bytes().
/// Where no key is known only a message that brings certificates along is worth them.
void digest_signed_content(Module& module, bool keys_known);

/// Verifies as mod_verify_sig() does with `trusted` as its keyring: trailer, message, then
/// pkcs7_verify() and pkcs7_validate_trust(). The old format (id_type 1), which today's kernels
/// answer with ENOPKG, is verified too, as the kernels of its time did, while the module has its
/// bytes. Without them it needs digest_signed_content().
SignatureCheck verify_signature(const Module& module, std::span<const Certificate> trusted);

}  // namespace kovet
