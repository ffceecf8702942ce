#include "module/openssl_handle.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <array>

namespace kovet::openssl {

std::string take_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "libcrypto gives no reason";
}

std::string colon_hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i ? ":" : "", bytes[i]);
  return text;
}

std::string name_text(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at >= 0) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size >= 0) {
      std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
      OPENSSL_free(utf8);
      return text;
    }
  }
  const BioHandle out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return data ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string key_text(EVP_PKEY* key) {
  if (!key) return "unknown";
  const int id = EVP_PKEY_get_base_id(key);
  if (id == EVP_PKEY_RSA) return fmt::format("RSA {}", EVP_PKEY_get_bits(key));
  if (id == EVP_PKEY_EC) {
    std::array<char, 64> group{};
    std::size_t used = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &used) != 1) return "ECDSA";
    const int nid = OBJ_sn2nid(group.data());
    const char* nist = nid != NID_undef ? EC_curve_nid2nist(nid) : nullptr;
    return fmt::format("ECDSA {}", nist ? nist : group.data());
  }
  const char* name = OBJ_nid2sn(id);
  return name ? name : "unknown";
}

}  // namespace kovet::openssl
