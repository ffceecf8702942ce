#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "module/certificate.h"
#include "module/module.h"

namespace kovet {

/// What to sign with.
struct SigningSetup {
  std::string key;              ///< PEM file, or "pkcs11:..." (passphrase or PIN: KBUILD_SIGN_PIN)
  std::string certificate;      ///< X.509 file, PEM or DER
  std::string hash = "sha256";  ///< as CONFIG_MODULE_SIG_HASH names it
  std::string sign_file;        ///< the kernel's scripts/sign-file; empty: libcrypto
  bool allow_expired = false;   ///< kernels do not look at a certificate's dates
};

/// A key with its certificate, checked once, for any number of modules.
class ModuleSigner {
 public:
  /// Errors: unreadable key or certificate, a key that does not fit the certificate, a
  /// certificate that is expired or not yet valid, a hash or key no kernel takes.
  static Result<ModuleSigner> open(SigningSetup setup);

  /// The module with a signature behind it. Errors: it is compressed, no ELF file, signed already
  /// (unless `replace`), the signer fails, or what it made does not verify.
  Result<std::vector<std::byte>> sign(const Module& module, bool replace = false) const;

  const Certificate& certificate() const { return certificate_; }

 private:
  Result<std::vector<std::byte>> with_libcrypto(std::span<const std::byte> content) const;
  Result<std::vector<std::byte>> with_sign_file(std::span<const std::byte> content) const;

  SigningSetup setup_;
  Certificate certificate_;
  std::shared_ptr<void> key_;  ///< EVP_PKEY; null when sign-file alone reads it
};

}  // namespace kovet
