#pragma once

#include <openssl/evp.h>

#include <span>
#include <string>
#include <vector>

// crypto/asymmetric_keys/public_key.c: one signature over one digest with one key.

namespace kovet::openssl {

/// Digest of `content`; empty when libcrypto lacks the algorithm.
std::vector<unsigned char> digest_of(std::span<const std::byte> content, const EVP_MD* algorithm);

/// Whether `signature` (PKCS#1 v1.5, or ECDSA in DER) is of `digest` by `key`.
bool verifies(EVP_PKEY* key, const EVP_MD* algorithm, std::span<const unsigned char> digest,
              std::span<const unsigned char> signature);

/// Whether an RSA signature was made by `key` at all, over whatever content. With verifies()
/// false, that proves the content changed since. False for other keys: it cannot be known.
bool made_by(EVP_PKEY* key, const EVP_MD* algorithm, std::span<const unsigned char> signature);

/// Why kernels do not take this key (curve, length); empty when they do.
std::string refused_key(EVP_PKEY* key);

}  // namespace kovet::openssl
