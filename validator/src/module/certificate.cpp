#include "module/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <ctime>

#include "module/not_a_certificate.h"
#include "module/openssl_handle.h"
#include "support/bytes.h"

namespace kovet {

namespace {

using namespace openssl;

constexpr std::size_t max_certificates = 1024;

std::string time_text(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return "unknown";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", fields.tm_year + 1900,
                     fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min,
                     fields.tm_sec);
}

Certificate describe(X509Handle x509, const std::string& origin) {
  Certificate certificate;
  certificate.origin = origin;
  certificate.subject = name_text(X509_get_subject_name(x509.get()));
  certificate.issuer = name_text(X509_get_issuer_name(x509.get()));
  const BigNumberHandle serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509.get()), nullptr));
  if (serial) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(serial.get())));
    BN_bn2bin(serial.get(), bytes.data());
    certificate.serial = colon_hex(bytes.data(), bytes.size());
  }
  if (const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(x509.get())) {
    certificate.key_id =
        colon_hex(ASN1_STRING_get0_data(id), static_cast<std::size_t>(ASN1_STRING_length(id)));
  }
  certificate.algorithm = key_text(X509_get0_pubkey(x509.get()));
  certificate.not_before = time_text(X509_get0_notBefore(x509.get()));
  certificate.not_after = time_text(X509_get0_notAfter(x509.get()));
  certificate.expired = X509_cmp_current_time(X509_get0_notAfter(x509.get())) < 0;
  certificate.not_yet_valid = X509_cmp_current_time(X509_get0_notBefore(x509.get())) > 0;
  certificate.handle = std::shared_ptr<X509>(x509.release(), X509_free);
  take_error();
  return certificate;
}

/// All of them, or an error: a list that ends before a damaged one would let modules look as if
/// signed by nobody known.
Result<std::vector<Certificate>> from_pem(std::span<const std::byte> content,
                                          const std::string& origin) {
  std::vector<Certificate> found;
  const BioHandle in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  while (in && found.size() < max_certificates) {
    X509Handle x509(PEM_read_bio_X509(in.get(), nullptr, no_passphrase, nullptr));
    if (!x509) break;
    found.push_back(describe(std::move(x509), origin));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  take_error();
  if (!found.empty() && !at_end && found.size() < max_certificates) {
    return Error{origin,
                 fmt::format("its certificate {} is damaged or cut short, behind {} good one{}",
                             found.size() + 1, found.size(), found.size() == 1 ? "" : "s"),
                 "fetch it again, or take that one out"};
  }
  return found;
}

}  // namespace

CertificateRun certificate_run(std::span<const std::byte> content, const std::string& origin) {
  CertificateRun run;
  const auto* const start = reinterpret_cast<const unsigned char*>(content.data());
  const unsigned char* at = start;
  const unsigned char* const end = start + content.size();
  while (at < end && *at == 0x30 && run.certificates.size() < max_certificates) {
    X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(end - at)));
    if (!x509) break;
    run.certificates.push_back(describe(std::move(x509), origin));
    run.ends.push_back(static_cast<std::size_t>(at - start));
  }
  take_error();
  return run;
}

Result<std::vector<Certificate>> parse_certificates(std::span<const std::byte> content,
                                                    const std::string& origin) {
  constexpr std::size_t limit = std::size_t{16} << 20;
  if (content.size() > limit) {
    return Error{origin, "is larger than any list of certificates (16 MiB)",
                 "name a file of X.509 certificates, DER or PEM"};
  }
  auto run = certificate_run(content, origin);
  if (!run.certificates.empty()) return std::move(run.certificates);
  auto of_text = from_pem(content, origin);
  if (of_text.has_error() || !of_text->empty()) return of_text;
  return not_a_certificate(content, origin);
}

Result<std::vector<Certificate>> read_certificates(const std::filesystem::path& file) {
  const auto content = Bytes::map(file);
  if (content.has_error()) return content.error();
  return parse_certificates((*content)->span(), file.string());
}

}  // namespace kovet
