#include "tests/support/signing_kit.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "tests/support/elf_builder.h"

namespace kovet::testing {

namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

std::string take_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free_all(bio);
  return text;
}

void add_extension(X509* x509, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  require(extension, "extension");
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

EVP_PKEY* new_key(const PairSpec& spec) {
  return spec.kind == "RSA" ? EVP_RSA_gen(spec.bits) : EVP_EC_gen(spec.kind.c_str());
}

X509* new_certificate(const PairSpec& spec, EVP_PKEY* key) {
  X509* x509 = X509_new();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), spec.serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), spec.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x509), spec.valid_to);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.name.c_str()), -1, -1, 0);
  X509* const issuer = spec.issuer ? spec.issuer->certificate.handle.get() : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(issuer));
  X509_set_pubkey(x509, key);
  add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x509, issuer, NID_subject_key_identifier, "hash");
  add_extension(x509, issuer, NID_authority_key_identifier, "keyid");
  EVP_PKEY* const signer = spec.issuer ? spec.issuer->key.get() : key;
  require(X509_sign(x509, signer, EVP_sha256()) > 0, "X509_sign");
  return x509;
}

}  // namespace

SigningPair make_pair(const PairSpec& spec) {
  SigningPair pair;
  pair.key =
      spec.key_of ? spec.key_of->key : std::shared_ptr<EVP_PKEY>(new_key(spec), EVP_PKEY_free);
  require(pair.key != nullptr, "key");
  const std::shared_ptr<X509> x509(new_certificate(spec, pair.key.get()), X509_free);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  pair.key_pem = take_text(out);
  out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, x509.get());
  pair.certificate_pem = take_text(out);
  out = BIO_new(BIO_s_mem());
  i2d_X509_bio(out, x509.get());
  pair.certificate_der = take_text(out);
  const auto bytes = std::as_bytes(std::span(pair.certificate_der));
  pair.certificate = parse_certificates(bytes, "made").value().front();
  return pair;
}

std::string make_message(const SigningPair& pair, const std::string& content,
                         const MessageSpec& spec) {
  const unsigned base = CMS_BINARY | CMS_PARTIAL | (spec.attached ? 0U : CMS_DETACHED) |
                        (spec.with_certificate ? 0U : CMS_NOCERTS);
  BIO* in = BIO_new_mem_buf(content.data(), static_cast<int>(content.size()));
  CMS_ContentInfo* cms = CMS_sign(nullptr, nullptr, nullptr, nullptr, base);
  const unsigned flags = CMS_BINARY | CMS_NOSMIMECAP | (spec.with_certificate ? 0U : CMS_NOCERTS) |
                         (spec.attributes ? 0U : CMS_NOATTR) | (spec.key_id ? CMS_USE_KEYID : 0U);
  require(CMS_add1_signer(cms, pair.certificate.handle.get(), pair.key.get(),
                          EVP_get_digestbyname(spec.hash.c_str()), flags),
          "CMS_add1_signer");
  require(CMS_final(cms, in, nullptr, CMS_BINARY) == 1, "CMS_final");
  BIO_free(in);
  BIO* out = BIO_new(BIO_s_mem());
  i2d_CMS_bio(out, cms);
  CMS_ContentInfo_free(cms);
  return take_text(out);
}

std::string make_legacy_signature(const SigningPair& pair, const std::string& content) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(content.data());
  require(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, pair.key.get()) == 1, "init");
  require(EVP_DigestSign(context, nullptr, &size, data, content.size()) == 1, "size");
  std::string raw(size, '\0');
  require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(raw.data()), &size, data,
                         content.size()) == 1,
          "sign");
  EVP_MD_CTX_free(context);
  raw.resize(size);
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(pair.certificate.handle.get());
  const std::string key_id(reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                           static_cast<std::size_t>(ASN1_STRING_length(id)));
  const std::string& name = pair.certificate.subject;
  const std::string length{static_cast<char>(size >> 8), static_cast<char>(size)};
  const std::string sig_len =
      std::string(2, '\0') + static_cast<char>((size + 2) >> 8) + static_cast<char>(size + 2);
  std::string trailer(12, '\0');
  trailer[0] = 1;  // RSA
  trailer[1] = 4;  // SHA-256
  trailer[2] = 1;  // X.509
  trailer[3] = static_cast<char>(name.size());
  trailer[4] = static_cast<char>(key_id.size());
  trailer.replace(8, 4, sig_len);
  return name + key_id + length + raw + trailer + std::string(signature_marker);
}

}  // namespace kovet::testing
