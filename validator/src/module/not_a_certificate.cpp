#include "module/not_a_certificate.h"

#include <fmt/format.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "module/openssl_handle.h"
#include "support/bytes.h"

namespace kovet {

namespace {

using namespace std::string_view_literals;
using namespace openssl;

enum class Kind {
  private_key,
  public_key,
  request,
  pkcs7,
  pkcs12,
  damaged,
  elf,
  compressed,
  empty,
  unknown
};

/// The first line of a block of PEM, in the order of who decides.
struct Label {
  std::string_view text;
  Kind kind;
};
constexpr std::array<Label, 6> labels{{{"CERTIFICATE REQUEST-----"sv, Kind::request},
                                       {"CERTIFICATE-----"sv, Kind::damaged},
                                       {"PKCS7-----"sv, Kind::pkcs7},
                                       {"CMS-----"sv, Kind::pkcs7},
                                       {"PRIVATE KEY-----"sv, Kind::private_key},
                                       {"PUBLIC KEY-----"sv, Kind::public_key}}};

Kind kind_of_pem(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN "sv;
  for (const Label& label : labels)
    for (std::size_t at = text.find(begin); at != std::string_view::npos;
         at = text.find(begin, at + 1))
      if (text.substr(at, text.find('\n', at) - at).find(label.text) != std::string_view::npos)
        return label.kind;
  return Kind::unknown;
}

/// Whether libcrypto reads the whole as what `read` reads.
template <auto Read, auto Free>
bool reads_as(std::span<const std::byte> content) {
  const auto* at = reinterpret_cast<const unsigned char*>(content.data());
  auto* const object = Read(nullptr, &at, static_cast<long>(content.size()));
  if (object) Free(object);
  take_error();
  return object != nullptr;
}

Kind kind_of_der(std::span<const std::byte> content) {
  if (reads_as<d2i_PKCS12, PKCS12_free>(content)) return Kind::pkcs12;
  if (reads_as<d2i_PKCS7, PKCS7_free>(content)) return Kind::pkcs7;
  if (reads_as<d2i_AutoPrivateKey, EVP_PKEY_free>(content)) return Kind::private_key;
  if (reads_as<d2i_X509_REQ, X509_REQ_free>(content)) return Kind::request;
  if (reads_as<d2i_PUBKEY, EVP_PKEY_free>(content)) return Kind::public_key;
  // SEQUENCE { SEQUENCE, both with lengths of two bytes: as certificates begin.
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  return text.starts_with("\x30\x82"sv) && text.substr(4).starts_with("\x30\x82"sv) ? Kind::damaged
                                                                                    : Kind::unknown;
}

Kind kind_of(std::span<const std::byte> content) {
  if (content.empty()) return Kind::empty;
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  if (text.starts_with("\x7f"
                       "ELF"sv))
    return Kind::elf;
  if (detect_compression(content) != Compression::none) return Kind::compressed;
  return text.starts_with("\x30"sv) ? kind_of_der(content) : kind_of_pem(text);
}

}  // namespace

Error not_a_certificate(std::span<const std::byte> content, const std::string& origin) {
  constexpr std::string_view of_the_key =
      "name the certificate that was made with this key; a new one: openssl req -new -x509 -key "
      "KEY -out cert.pem";
  switch (kind_of(content)) {
    case Kind::private_key:
      return {origin, "is a private key, no X.509 certificate", std::string(of_the_key)};
    case Kind::public_key:
      return {origin, "is a bare public key, no X.509 certificate",
              "name the certificate that holds it"};
    case Kind::request:
      return {origin, "is a request for a certificate, which nobody has signed yet",
              fmt::format("sign it: openssl x509 -req -in {} -signkey KEY -out cert.pem", origin)};
    case Kind::pkcs7:
      return {origin, "is a PKCS#7 message, no X.509 certificate",
              fmt::format(
                  "take out of it what it holds: openssl pkcs7 -in {} -print_certs -out cert.pem "
                  "(-inform DER where it is no text)",
                  origin)};
    case Kind::pkcs12:
      return {
          origin, "is a PKCS#12 container, no X.509 certificate",
          fmt::format("take the certificate out of it: openssl pkcs12 -in {} -nokeys -out cert.pem",
                      origin)};
    case Kind::damaged:
      return {origin, "begins as an X.509 certificate does, and is damaged or cut short",
              "fetch it again; openssl x509 -text -noout -in FILE shows a whole one"};
    case Kind::elf:
      return {origin, "is an ELF file, no X.509 certificate",
              "name the certificate there, DER or PEM; modules stand without an option"};
    case Kind::compressed:
      return {origin, "is a compressed file, no X.509 certificate",
              "unpack it, if a certificate is in it"};
    case Kind::empty:
      return {origin, "is empty", "name a file of X.509 certificates, DER or PEM"};
    case Kind::unknown:
      break;
  }
  return {origin, "holds no X.509 certificate, neither DER nor PEM",
          "name a file in one of these; the kernel build leaves its own in certs/signing_key.x509"};
}

}  // namespace kovet
