#pragma once

#include <memory>
#include <string>

#include "module/certificate.h"

struct evp_pkey_st;

// Keys and certificates, made by libcrypto when a test asks for them.

namespace kovet::testing {

/// A key with its certificate.
struct SigningPair {
  std::shared_ptr<evp_pkey_st> key;
  std::string key_pem;
  std::string certificate_der;
  std::string certificate_pem;
  Certificate certificate;  ///< as the reader gives it
};

struct PairSpec {
  std::string name = "Test signer";
  std::string kind = "P-256";  ///< a curve, or "RSA"
  unsigned bits = 2048;        ///< of an RSA key
  long valid_from = -3600;     ///< seconds from now
  long valid_to = 86400;       ///< seconds from now
  long serial = 4711;
  const SigningPair* issuer = nullptr;  ///< null: self-signed
  const SigningPair* key_of = nullptr;  ///< takes this pair's key instead of a new one
};

SigningPair make_pair(const PairSpec& spec = {});

/// How to make a signature that the kernel does not take.
struct MessageSpec {
  std::string hash = "sha256";
  bool key_id = false;      ///< name the signer by key id, as sign-file -k does
  bool attributes = false;  ///< with authenticated attributes
  bool attached = false;    ///< with the content inside
  bool with_certificate = false;
};

/// A PKCS#7 message over `content`.
std::string make_message(const SigningPair& pair, const std::string& content,
                         const MessageSpec& spec = {});

/// A signature of Linux 3.7 to 4.2 with trailer and marker, to put behind `content`.
std::string make_legacy_signature(const SigningPair& pair, const std::string& content);

}  // namespace kovet::testing
