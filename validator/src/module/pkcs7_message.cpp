#include "module/pkcs7_message.h"

#include <fmt/format.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <vector>

#include "module/openssl_handle.h"
#include "module/raw_signature.h"

namespace kovet {

namespace {

using namespace openssl;
using Outcome = SignatureResult;

constexpr int max_signers = 16;

SignatureCheck outcome(Outcome result, std::string reason, std::string log = {}) {
  return {result, std::move(reason), {}, std::move(log), {}};
}

struct Signer {
  CMS_SignerInfo* info = nullptr;
  const EVP_MD* digest = nullptr;  ///< null: the kernel lacks it
  int digest_nid = NID_undef;
  int key_nid = NID_undef;
  std::span<const unsigned char> signature;
};

Signer read_signer(CMS_SignerInfo* info) {
  Signer signer;
  signer.info = info;
  X509_ALGOR *digest = nullptr, *key = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest, &key);
  if (digest) signer.digest_nid = OBJ_obj2nid(digest->algorithm);
  if (key) signer.key_nid = OBJ_obj2nid(key->algorithm);
  constexpr std::array known{NID_sha1,     NID_sha224,   NID_sha256,   NID_sha384, NID_sha512,
                             NID_sha3_256, NID_sha3_384, NID_sha3_512, NID_sm3};
  if (std::find(known.begin(), known.end(), signer.digest_nid) != known.end())
    signer.digest = EVP_get_digestbynid(signer.digest_nid);
  if (const ASN1_OCTET_STRING* bytes = CMS_SignerInfo_get0_signature(info)) {
    signer.signature = {ASN1_STRING_get0_data(bytes),
                        static_cast<std::size_t>(ASN1_STRING_length(bytes))};
  }
  return signer;
}

/// pkcs7_sig_note_pkey_algo()
std::string_view key_algorithm(int nid) {
  switch (nid) {
    case NID_rsaEncryption:
      return "rsa";
    case NID_ecdsa_with_SHA1:
    case NID_ecdsa_with_SHA224:
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
    case NID_ecdsa_with_SHA512:
    case NID_ecdsa_with_SHA3_256:
    case NID_ecdsa_with_SHA3_384:
    case NID_ecdsa_with_SHA3_512:
      return "ecdsa";
    default:
      return {};
  }
}

std::string name_of(int nid) {
  const char* name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
  if (!name) return "an algorithm without a name";
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

CmsHandle parse(std::span<const std::byte> message) {
  const auto* at = reinterpret_cast<const unsigned char*>(message.data());
  CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(message.size())));
  take_error();
  return cms;
}

/// One message being verified.
class Verifier {
 public:
  Verifier(CMS_ContentInfo* cms, const SignedContent& content, std::span<const Certificate> trusted)
      : content_(content), trusted_(trusted), embedded_(CMS_get1_certs(cms)) {
    take_error();
  }

  /// pkcs7_verify_one(), then pkcs7_validate_trust_one().
  SignatureCheck check(const Signer& signer) const {
    if (!signer.digest)
      return outcome(Outcome::unsupported,
                     fmt::format("kernels do not know its hash, {}", name_of(signer.digest_nid)));
    if (key_algorithm(signer.key_nid).empty()) {
      return outcome(Outcome::unsupported,
                     fmt::format("kernels do not take its algorithm, {}", name_of(signer.key_nid)));
    }
    X509* const own = embedded_signer(signer);
    if (!own && trusted_.empty()) return outcome(Outcome::no_key, "no certificate is known");
    const auto digest = digest_for(signer);
    if (own && !fits(signer, X509_get0_pubkey(own), digest))
      return outcome(Outcome::bad, "it does not verify with the certificate it brings along");
    if (own) {
      if (auto decided = follow_chain(own, signer, digest)) return *decided;
    }
    for (const Certificate& candidate : trusted_) {
      if (CMS_SignerInfo_cert_cmp(signer.info, candidate.handle.get()) != 0) continue;
      return with(candidate, signer, digest);
    }
    return outcome(Outcome::no_key, "no certificate matches its signer");
  }

 private:
  std::vector<unsigned char> digest_for(const Signer& signer) const {
    for (const ContentDigest& made : content_.digests)
      if (made.hash == signer.digest_nid) return made.value;
    return digest_of(content_.bytes, signer.digest);
  }

  X509* embedded_at(int i) const { return sk_X509_value(embedded_.get(), i); }
  int embedded_count() const { return embedded_ ? std::min(sk_X509_num(embedded_.get()), 64) : 0; }

  X509* embedded_signer(const Signer& signer) const {
    for (int i = 0; i < embedded_count(); ++i)
      if (CMS_SignerInfo_cert_cmp(signer.info, embedded_at(i)) == 0) return embedded_at(i);
    return nullptr;
  }

  bool fits(const Signer& signer, EVP_PKEY* key, const std::vector<unsigned char>& digest) const {
    const int wanted = key_algorithm(signer.key_nid) == "rsa" ? EVP_PKEY_RSA : EVP_PKEY_EC;
    return key && EVP_PKEY_get_base_id(key) == wanted && refused_key(key).empty() &&
           verifies(key, signer.digest, digest, signer.signature);
  }

  SignatureCheck with(const Certificate& certificate, const Signer& signer,
                      const std::vector<unsigned char>& digest) const {
    EVP_PKEY* const key = X509_get0_pubkey(certificate.handle.get());
    SignatureCheck check;
    check.certificate = certificate;
    if (std::string why = refused_key(key); !why.empty()) {
      check.result = Outcome::unsupported;
      check.reason = std::move(why);
    } else if (fits(signer, key, digest)) {
      check.result = Outcome::good;
      check.reason = fmt::format("verified by {}", certificate.subject);
    } else if (made_by(key, signer.digest, signer.signature)) {
      check.result = Outcome::bad;
      check.reason = fmt::format(
          "the module was altered after signing: the signature is by {}, of other bytes",
          certificate.subject);
    } else {
      check.result = Outcome::bad;
      check.reason = fmt::format(
          "the certificate {} matches, but the signature is not of these bytes by its key: the "
          "module was altered after signing, or signed with another key",
          certificate.subject);
    }
    return check;
  }

  const Certificate* trusted_same(X509* x509) const {
    for (const Certificate& candidate : trusted_)
      if (X509_cmp(candidate.handle.get(), x509) == 0) return &candidate;
    return nullptr;
  }

  /// Up the chain that the message brings along, until a trusted certificate decides. Nothing
  /// when it ends without one: then a trusted key may still match the signer directly.
  std::optional<SignatureCheck> follow_chain(X509* x509, const Signer& signer,
                                             const std::vector<unsigned char>& digest) const {
    for (int depth = 0; depth < embedded_count(); ++depth) {
      if (const Certificate* same = trusted_same(x509)) {
        if (depth == 0) return with(*same, signer, digest);
        return chained(*same, true);
      }
      if (X509_self_signed(x509, 0) == 1)
        return outcome(Outcome::no_key, "the certificate it brings along is not a trusted one");
      X509* issuer = nullptr;
      for (int i = 0; i < embedded_count() && !issuer; ++i)
        if (embedded_at(i) != x509 && X509_check_issued(embedded_at(i), x509) == X509_V_OK)
          issuer = embedded_at(i);
      if (!issuer) break;
      if (X509_verify(x509, X509_get0_pubkey(issuer)) != 1) {
        take_error();
        return outcome(Outcome::bad, "the chain of certificates it brings along does not verify");
      }
      x509 = issuer;
    }
    for (const Certificate& candidate : trusted_) {
      if (X509_check_issued(candidate.handle.get(), x509) != X509_V_OK) continue;
      const bool good = X509_verify(x509, X509_get0_pubkey(candidate.handle.get())) == 1;
      take_error();
      return chained(candidate, good);
    }
    return std::nullopt;
  }

  static SignatureCheck chained(const Certificate& anchor, bool good) {
    SignatureCheck check = outcome(
        good ? Outcome::good : Outcome::bad,
        fmt::format(fmt::runtime(
                        good ? "verified by a certificate it brings along, which {} vouches for"
                             : "it brings along a certificate that names {} falsely as its issuer"),
                    anchor.subject));
    check.certificate = anchor;
    return check;
  }

  SignedContent content_;
  std::span<const Certificate> trusted_;
  CertificateListHandle embedded_;
};

/// What pkcs7_parse_message() and pkcs7_verify() refuse before they look for a key.
std::optional<SignatureCheck> refused_message(CMS_ContentInfo* cms) {
  if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
    return outcome(Outcome::malformed, "its signature is a PKCS#7 message, but not signed data",
                   "PKCS7: Only support pkcs7_signedData type");
  ASN1_OCTET_STRING** const content = CMS_get0_content(cms);
  if (content && *content)
    return outcome(Outcome::malformed, "its signature holds the data it is about",
                   "PKCS#7 signature with non-detached data");
  STACK_OF(CMS_SignerInfo)* const signers = CMS_get0_SignerInfos(cms);
  const int count = signers ? sk_CMS_SignerInfo_num(signers) : 0;
  if (count == 0 || count > max_signers)
    return outcome(Outcome::malformed, fmt::format("its signature has {} signers", count));
  if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
    return outcome(Outcome::bad, "its signature is about another type of content than data",
                   "PKCS7: Invalid module sig (not pkcs7-data)");
  for (int i = 0; i < count; ++i) {
    if (CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(signers, i)) > 0)
      return outcome(Outcome::bad, "its signature has authenticated attributes",
                     "PKCS7: Invalid module sig (has authattrs)");
  }
  return std::nullopt;
}

}  // namespace

void describe_pkcs7(std::span<const std::byte> message, SignatureInfo& info) {
  info.format = SignatureFormat::pkcs7;
  const CmsHandle cms = parse(message);
  STACK_OF(CMS_SignerInfo)* const signers = cms ? CMS_get0_SignerInfos(cms.get()) : nullptr;
  take_error();
  if (!signers || sk_CMS_SignerInfo_num(signers) == 0) {
    info.malformed = cms ? "the message names no signer" : "it is no PKCS#7 message";
    return;
  }
  const Signer signer = read_signer(sk_CMS_SignerInfo_value(signers, 0));
  info.hash = name_of(signer.digest_nid);
  info.algorithm = key_algorithm(signer.key_nid);
  if (info.algorithm.empty()) info.algorithm = name_of(signer.key_nid);
  info.authenticated_attributes = CMS_signed_get_attr_count(signer.info) > 0;
  ASN1_OCTET_STRING* key_id = nullptr;
  X509_NAME* issuer = nullptr;
  ASN1_INTEGER* serial = nullptr;
  CMS_SignerInfo_get0_signer_id(signer.info, &key_id, &issuer, &serial);
  const auto hex = [](const ASN1_STRING* text) {
    return colon_hex(ASN1_STRING_get0_data(text),
                     std::min<std::size_t>(static_cast<std::size_t>(ASN1_STRING_length(text)), 64));
  };
  if (issuer) info.signer = name_text(issuer);
  if (serial) info.serial = hex(serial);
  if (key_id) info.key_id = hex(key_id);
  const CertificateListHandle embedded(CMS_get1_certs(cms.get()));
  if (embedded) info.embedded_certificates = static_cast<unsigned>(sk_X509_num(embedded.get()));
  take_error();
}

bool brings_certificates(std::span<const std::byte> message) {
  const CmsHandle cms = parse(message);
  const CertificateListHandle embedded(cms ? CMS_get1_certs(cms.get()) : nullptr);
  take_error();
  return embedded && sk_X509_num(embedded.get()) > 0;
}

std::vector<ContentDigest> digests_named_by(std::span<const std::byte> message,
                                            std::span<const std::byte> content) {
  std::vector<ContentDigest> digests;
  const CmsHandle cms = parse(message);
  STACK_OF(CMS_SignerInfo)* const signers = cms ? CMS_get0_SignerInfos(cms.get()) : nullptr;
  take_error();
  const int count = signers ? sk_CMS_SignerInfo_num(signers) : 0;
  for (int i = 0; i < count && i < max_signers; ++i) {
    const Signer signer = read_signer(sk_CMS_SignerInfo_value(signers, i));
    const bool made = std::any_of(digests.begin(), digests.end(), [&](const ContentDigest& each) {
      return each.hash == signer.digest_nid;
    });
    if (signer.digest && !made)
      digests.push_back({signer.digest_nid, digest_of(content, signer.digest)});
  }
  return digests;
}

SignatureCheck verify_pkcs7(std::span<const std::byte> message, const SignedContent& content,
                            std::span<const Certificate> trusted) {
  const CmsHandle cms = parse(message);
  if (!cms) return outcome(Outcome::malformed, "its signature is no PKCS#7 message");
  if (auto refused = refused_message(cms.get())) return *refused;
  const Verifier verifier(cms.get(), content, trusted);
  STACK_OF(CMS_SignerInfo)* const signers = CMS_get0_SignerInfos(cms.get());
  // One signature that fails decides; else one that is good; else the better reason.
  std::optional<SignatureCheck> best;
  for (int i = 0; i < sk_CMS_SignerInfo_num(signers); ++i) {
    SignatureCheck check = verifier.check(read_signer(sk_CMS_SignerInfo_value(signers, i)));
    if (check.result == Outcome::bad) return check;
    const bool better = !best || check.result == Outcome::good ||
                        (best->result == Outcome::no_key && check.result == Outcome::unsupported);
    if (better && !(best && best->result == Outcome::good)) best = std::move(check);
  }
  return *best;
}

}  // namespace kovet
