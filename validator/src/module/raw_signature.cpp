#include "module/raw_signature.h"

#include <fmt/format.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "module/openssl_handle.h"

namespace kovet::openssl {

namespace {

PkeyContextHandle context_for(EVP_PKEY* key, const EVP_MD* algorithm, int (*init)(EVP_PKEY_CTX*)) {
  PkeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1)
    return nullptr;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), algorithm) != 1) return nullptr;
  return context;
}

}  // namespace

std::vector<unsigned char> digest_of(std::span<const std::byte> content, const EVP_MD* algorithm) {
  std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &size, algorithm, nullptr) != 1)
    size = 0;
  digest.resize(size);
  return digest;
}

bool verifies(EVP_PKEY* key, const EVP_MD* algorithm, std::span<const unsigned char> digest,
              std::span<const unsigned char> signature) {
  const auto context = context_for(key, algorithm, EVP_PKEY_verify_init);
  const bool good = context && EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                               digest.data(), digest.size()) == 1;
  take_error();
  return good;
}

bool made_by(EVP_PKEY* key, const EVP_MD* algorithm, std::span<const unsigned char> signature) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
  const auto context = context_for(key, algorithm, EVP_PKEY_verify_recover_init);
  std::vector<unsigned char> digest(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = digest.size();
  const bool recovered =
      context && EVP_PKEY_verify_recover(context.get(), digest.data(), &size, signature.data(),
                                         signature.size()) == 1;
  take_error();
  return recovered && size == static_cast<std::size_t>(EVP_MD_get_size(algorithm));
}

std::string refused_key(EVP_PKEY* key) {
  switch (key ? EVP_PKEY_get_base_id(key) : 0) {
    case EVP_PKEY_RSA: {  // crypto/rsa.c: rsa_check_key_length()
      constexpr std::array<int, 6> lengths{512, 1024, 1536, 2048, 3072, 4096};
      const int bits = EVP_PKEY_get_bits(key);
      if (std::find(lengths.begin(), lengths.end(), (bits + 7) / 8 * 8) != lengths.end()) return {};
      return fmt::format("kernels take no RSA keys of {} bits", bits);
    }
    case EVP_PKEY_EC: {
      const std::string text = key_text(key);
      for (const std::string_view curve : {"P-192", "P-256", "P-384", "P-521"})
        if (text.ends_with(curve)) return {};
      return fmt::format("kernels take no keys on this curve ({})", text);
    }
    default:
      return fmt::format("kernels verify modules with RSA and ECDSA keys, not with {}",
                         key_text(key));
  }
}

}  // namespace kovet::openssl
