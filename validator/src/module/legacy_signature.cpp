#include "module/legacy_signature.h"

#include <fmt/format.h>
#include <openssl/objects.h>

#include <array>

#include "module/openssl_handle.h"
#include "module/raw_signature.h"
#include "module/signature.h"

// kernel/module_signing.c of Linux 3.7: mod_verify_sig(), mod_extract_mpi_array(). The fields are
// laid out as name, key id, be16 length, RSA signature, trailer, marker.

namespace kovet {

namespace {

using namespace openssl;

struct Parts {
  std::span<const std::byte> content, name, key_id;
  std::span<const unsigned char> signature;
  const char* hash = nullptr;
};

/// include/crypto/public_key.h of that time: enum pkey_hash_algo.
const char* hash_name(std::uint8_t hash) {
  constexpr std::array<const char*, 8> names{"md4",    "md5",    "sha1",   "ripemd160",
                                             "sha256", "sha384", "sha512", "sha224"};
  return hash < names.size() ? names[hash] : nullptr;
}

std::optional<Parts> split(const Module& module) {
  if (!module.bytes) return std::nullopt;
  const SignatureTrailer& trailer = *module.signature;
  const auto bytes = module.bytes->span();
  const std::size_t tail = signature_marker.size() + signature_trailer_size + trailer.sig_len;
  const std::size_t names = std::size_t{trailer.signer_len} + trailer.key_id_len;
  if (trailer.signature.size() != trailer.sig_len || trailer.sig_len < 2 ||
      bytes.size() < tail + names)
    return std::nullopt;
  const auto* raw = reinterpret_cast<const unsigned char*>(trailer.signature.data());
  if ((raw[0] << 8 | raw[1]) + 2U != trailer.sig_len) return std::nullopt;
  Parts parts;
  const std::size_t start = bytes.size() - tail - names;
  parts.content = bytes.first(start);
  parts.name = bytes.subspan(start, trailer.signer_len);
  parts.key_id = bytes.subspan(start + trailer.signer_len, trailer.key_id_len);
  parts.signature = {raw + 2, trailer.sig_len - 2U};
  parts.hash = hash_name(trailer.hash);
  return parts;
}

std::string hex(std::span<const std::byte> bytes) {
  return colon_hex(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

SignatureInfo describe_legacy_signature(const Module& module) {
  SignatureInfo info;
  info.format = SignatureFormat::x509;
  info.signature_size = module.signature->sig_len;
  info.algorithm = module.signature->algo == 1 ? "rsa" : "dsa";
  const auto parts = split(module);
  if (!parts) {
    info.malformed = "its lengths contradict each other";
    return info;
  }
  info.signer = std::string(reinterpret_cast<const char*>(parts->name.data()), parts->name.size());
  info.key_id = hex(parts->key_id);
  info.hash = parts->hash ? parts->hash : "unknown";
  info.signed_size = parts->content.size();
  return info;
}

SignatureCheck verify_legacy_signature(const Module& module, std::span<const Certificate> trusted) {
  SignatureCheck check;
  check.log = "module: not signed with expected PKCS#7 message";
  check.hint = "kernels since 4.3 take PKCS#7 alone: sign it again (kovet sign)";
  const auto parts = split(module);
  if (!parts) {
    check.result = SignatureResult::malformed;
    check.reason = "the lengths in its old-style signature contradict each other";
    return check;
  }
  const EVP_MD* const digest = parts->hash ? EVP_get_digestbyname(parts->hash) : nullptr;
  if (module.signature->algo != 1 || !digest) {
    check.result = SignatureResult::unsupported;
    check.reason = "its old-style signature uses an algorithm that was never taken";
    return check;
  }
  const std::string key_id = hex(parts->key_id);
  for (const Certificate& candidate : trusted) {
    if (candidate.key_id != key_id || key_id.empty()) continue;
    check.certificate = candidate;
    EVP_PKEY* const key = X509_get0_pubkey(candidate.handle.get());
    const bool good = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
                      verifies(key, digest, digest_of(parts->content, digest), parts->signature);
    check.result = good ? SignatureResult::good : SignatureResult::bad;
    check.reason =
        good ? fmt::format("verified by {}, in the format before Linux 4.3", candidate.subject)
             : "the module was altered after signing, or signed with another key";
    return check;
  }
  check.result = SignatureResult::no_key;
  check.reason = "no certificate has its key id";
  return check;
}

}  // namespace kovet
