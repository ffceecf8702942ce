#pragma once

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

// Owners of libcrypto's objects, and what its error queue says.

namespace kovet::openssl {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using CmsHandle = std::unique_ptr<CMS_ContentInfo, Deleter<CMS_ContentInfo_free>>;
using PkeyHandle = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContextHandle = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using BigNumberHandle = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using X509Handle = std::unique_ptr<X509, Deleter<X509_free>>;

struct CertificateListFree {
  void operator()(STACK_OF(X509) * list) const { sk_X509_pop_free(list, X509_free); }
};
using CertificateListHandle = std::unique_ptr<STACK_OF(X509), CertificateListFree>;

/// The first reason in this thread's error queue, in words; empties the queue. Never empty.
std::string take_error();

/// "1A:2B" of bytes.
std::string colon_hex(const unsigned char* bytes, std::size_t size);

/// The common name of a name, else the whole of it in one line.
std::string name_text(const X509_NAME* name);

/// "RSA 4096", "ECDSA P-384", or the algorithm's short name.
std::string key_text(EVP_PKEY* key);

}  // namespace kovet::openssl
