#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "support/error.h"

struct x509_st;

namespace kovet {

/// One X.509 certificate, and what people ask of it.
struct Certificate {
  std::string origin;      ///< the file it was read from
  std::string subject;     ///< common name, else the whole name
  std::string issuer;      ///< the same of its issuer
  std::string serial;      ///< "1A:2B:..."
  std::string key_id;      ///< subject key identifier as "1A:2B:..."; empty when it has none
  std::string algorithm;   ///< of its key: "RSA 4096", "ECDSA P-384"
  std::string not_before;  ///< "2026-01-31 12:00:00 UTC"
  std::string not_after;
  bool expired = false;             ///< as of now; the kernel does not look at it
  bool not_yet_valid = false;       ///< as of now
  std::shared_ptr<x509_st> handle;  ///< libcrypto's X509
};

/// Reads certificates by content: DER (one after another), PEM (all that are in it, other blocks
/// are passed over). Errors: unreadable, or no certificate in it. `origin` is for messages.
Result<std::vector<Certificate>> parse_certificates(std::span<const std::byte> content,
                                                    const std::string& origin);
Result<std::vector<Certificate>> read_certificates(const std::filesystem::path& file);

/// DER certificates that stand one after another from the start of `content`, without a gap, and
/// how many bytes they take.
struct CertificateRun {
  std::vector<Certificate> certificates;
  std::vector<std::size_t> ends;  ///< offset behind each of them
};
CertificateRun certificate_run(std::span<const std::byte> content, const std::string& origin);

}  // namespace kovet
