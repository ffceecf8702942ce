#include "module/sign_module.h"

#include <fmt/format.h>
#include <openssl/engine.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "module/openssl_handle.h"
#include "module/raw_signature.h"
#include "module/read_module.h"
#include "module/signature.h"
#include "module/verify_signature.h"
#include "support/process.h"
#include "support/scratch_dir.h"
#include "support/write_file.h"

// scripts/sign-file.c

namespace kovet {

namespace {

using namespace openssl;

bool is_uri(const std::string& key) {
  return key.starts_with("pkcs11:");
}

int passphrase(char* buffer, int size, int, void*) {
  const char* pin = std::getenv("KBUILD_SIGN_PIN");
  const std::string_view text = pin ? pin : "";
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  text.copy(buffer, text.size());
  return static_cast<int>(text.size());
}

PkeyHandle load_from_store(const std::string& uri) {
  struct Close {
    void operator()(OSSL_STORE_CTX* store) const { OSSL_STORE_close(store); }
  };
  UI_METHOD* const ask = UI_UTIL_wrap_read_pem_callback(passphrase, 0);
  const std::unique_ptr<UI_METHOD, Deleter<UI_destroy_method>> ask_owner(ask);
  const std::unique_ptr<OSSL_STORE_CTX, Close> store(
      OSSL_STORE_open(uri.c_str(), ask, nullptr, nullptr, nullptr));
  while (store && !OSSL_STORE_eof(store.get())) {
    OSSL_STORE_INFO* const info = OSSL_STORE_load(store.get());
    if (!info) break;
    PkeyHandle key(OSSL_STORE_INFO_get1_PKEY(info));
    OSSL_STORE_INFO_free(info);
    if (key) return key;
  }
  return nullptr;
}

// OpenSSL 3 deprecates engines, and some distributions have no other way to a PKCS#11 token.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
PkeyHandle load_from_engine(const std::string& uri) {
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_ENGINE_DYNAMIC, nullptr);
  ENGINE* const engine = ENGINE_by_id("pkcs11");
  if (!engine) return nullptr;
  PkeyHandle key;
  if (ENGINE_init(engine) == 1) {
    // The callback never asks: without a PIN in the environment there is none.
    const std::unique_ptr<UI_METHOD, Deleter<UI_destroy_method>> ask(
        UI_UTIL_wrap_read_pem_callback(passphrase, 0));
    const char* const pin = std::getenv("KBUILD_SIGN_PIN");
    if (!pin || !*pin || ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0) == 1)
      key.reset(ENGINE_load_private_key(engine, uri.c_str(), ask.get(), nullptr));
    ENGINE_finish(engine);
  }
  ENGINE_free(engine);
  return key;
}
#pragma GCC diagnostic pop

Result<PkeyHandle> load_key(const std::string& name) {
  if (is_uri(name)) {
    PkeyHandle key = load_from_store(name);
    if (!key) key = load_from_engine(name);
    const std::string why = take_error();
    if (key) return key;
    return Error{name, fmt::format("OpenSSL cannot load this key: {}", why),
                 "install OpenSSL's PKCS#11 engine or provider (apt install "
                 "libengine-pkcs11-openssl) and name the token's library in PKCS11_MODULE_PATH; "
                 "the PIN is read from KBUILD_SIGN_PIN"};
  }
  const auto content = Bytes::map(name);
  if (content.has_error()) return content.error();
  const BioHandle in(
      BIO_new_mem_buf((*content)->span().data(),
                      static_cast<int>(std::min<std::size_t>((*content)->size(), 1U << 20))));
  PkeyHandle key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, passphrase, nullptr) : nullptr);
  const std::string why = take_error();
  if (key) return key;
  return Error{name, fmt::format("holds no private key that can be read: {}", why),
               "name a PEM file; its passphrase is read from KBUILD_SIGN_PIN"};
}

/// kernel/module/Kconfig: the choices of MODULE_SIG_HASH.
bool kernels_know(const EVP_MD* digest) {
  constexpr std::array known{NID_sha1,   NID_sha224,   NID_sha256,   NID_sha384,
                             NID_sha512, NID_sha3_256, NID_sha3_384, NID_sha3_512};
  return digest && std::find(known.begin(), known.end(), EVP_MD_get_type(digest)) != known.end();
}

std::optional<Error> unfit(const Certificate& certificate, bool allow_expired) {
  if (const std::string why = refused_key(X509_get0_pubkey(certificate.handle.get())); !why.empty())
    return Error{certificate.origin, why, "make an RSA 4096 or ECDSA P-384 key"};
  if (allow_expired) return std::nullopt;
  if (certificate.expired) {
    return Error{
        certificate.origin,
        fmt::format("the certificate {} expired on {}", certificate.subject, certificate.not_after),
        "sign with a current one; kernels do not look at the date, so kovet sign "
        "--allow-expired signs all the same"};
  }
  if (certificate.not_yet_valid) {
    return Error{certificate.origin,
                 fmt::format("the certificate {} is valid from {} on", certificate.subject,
                             certificate.not_before),
                 "check this machine's clock, or sign with kovet sign --allow-expired"};
  }
  return std::nullopt;
}

void append(std::vector<std::byte>& out, std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  out.insert(out.end(), bytes, bytes + text.size());
}

}  // namespace

Result<ModuleSigner> ModuleSigner::open(SigningSetup setup) {
  if (!kernels_know(EVP_get_digestbyname(setup.hash.c_str()))) {
    return Error{
        setup.hash, "is no hash that kernels verify modules with",
        "take the one of the kernel's CONFIG_MODULE_SIG_HASH: sha1, sha224, sha256, sha384, "
        "sha512, sha3-256, sha3-384 or sha3-512"};
  }
  auto certificates = read_certificates(setup.certificate);
  if (certificates.has_error()) return certificates.error();
  ModuleSigner signer;
  signer.certificate_ = certificates->front();
  if (auto error = unfit(signer.certificate_, setup.allow_expired)) return *error;
  // With sign-file, a key in a token is its own affair; what it makes is verified all the same.
  if (setup.sign_file.empty() || !is_uri(setup.key)) {
    auto key = load_key(setup.key);
    if (key.has_error()) return key.error();
    for (const Certificate& candidate : *certificates) {
      if (EVP_PKEY_eq(X509_get0_pubkey(candidate.handle.get()), key->get()) != 1) continue;
      take_error();
      signer.certificate_ = candidate;
      if (auto error = unfit(candidate, setup.allow_expired)) return *error;
      signer.key_ = std::shared_ptr<EVP_PKEY>(key->release(), EVP_PKEY_free);
      break;
    }
    take_error();
    if (!signer.key_) {
      return Error{setup.key,
                   fmt::format("this key does not belong to the certificate {} in {}",
                               signer.certificate_.subject, setup.certificate),
                   "name the certificate that was made with this key"};
    }
  }
  signer.setup_ = std::move(setup);
  return signer;
}

Result<std::vector<std::byte>> ModuleSigner::with_libcrypto(
    std::span<const std::byte> content) const {
  // The whole module goes through one BIO, whose length is an int.
  if (content.size() > INT_MAX) return Error{"", "is too large to be signed", ""};
  const auto* digest = EVP_get_digestbyname(setup_.hash.c_str());
  const BioHandle in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const CmsHandle cms(CMS_sign(nullptr, nullptr, nullptr, nullptr,
                               CMS_NOCERTS | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_STREAM));
  const bool signed_ok =
      in && cms &&
      CMS_add1_signer(cms.get(), certificate_.handle.get(), static_cast<EVP_PKEY*>(key_.get()),
                      digest, CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOATTR) &&
      CMS_final(cms.get(), in.get(), nullptr, CMS_NOCERTS | CMS_BINARY) == 1;
  unsigned char* der = nullptr;
  const int size = signed_ok ? i2d_CMS_ContentInfo(cms.get(), &der) : -1;
  if (size < 0) return Error{setup_.key, "OpenSSL cannot sign: " + take_error(), ""};
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(
      der, [](unsigned char* p) { OPENSSL_free(p); });
  std::vector<std::byte> out(content.begin(), content.end());
  append(out, {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  const auto length = static_cast<std::uint32_t>(size);
  std::string trailer(signature_trailer_size, '\0');
  trailer[2] = 2;  // PKEY_ID_PKCS7
  for (std::size_t i = 0; i < 4; ++i) trailer[8 + i] = static_cast<char>(length >> (24 - 8 * i));
  append(out, trailer);
  append(out, signature_marker);
  return out;
}

Result<std::vector<std::byte>> ModuleSigner::with_sign_file(
    std::span<const std::byte> content) const {
  auto scratch = ScratchDir::make("sign");
  if (scratch.has_error()) return scratch.error();
  const auto input = scratch->path() / "module.ko";
  const auto output = scratch->path() / "signed.ko";
  const auto written =
      write_file(input, {reinterpret_cast<const char*>(content.data()), content.size()});
  if (written.has_error()) return written.error();
  ProcessRequest request;
  request.program = setup_.sign_file;
  request.arguments = {setup_.hash, setup_.key, setup_.certificate, input.string(),
                       output.string()};
  const auto outcome = run_process(request);
  if (outcome.has_error()) return outcome.error();
  if (!outcome->ok()) {
    return Error{setup_.sign_file, fmt::format("fails: {}{}", outcome->err, outcome->out),
                 "run it by hand, or leave --sign-file out to sign with OpenSSL's library"};
  }
  const auto made = Bytes::map(output);
  if (made.has_error()) return made.error();
  return std::vector<std::byte>((*made)->span().begin(), (*made)->span().end());
}

Result<std::vector<std::byte>> ModuleSigner::sign(const Module& module, bool replace) const {
  if (module.compression != Compression::none) {
    return Error{module.path, fmt::format("is compressed ({})", to_string(module.compression)),
                 "sign before compression: kernels check the signature of the plain module"};
  }
  if (!module.header || !module.header->magic_ok)
    return Error{module.path, "is no ELF file", "name the .ko that Kbuild made"};
  auto content = module.bytes->span();
  if (module.signature) {
    if (!replace) {
      return Error{module.path, "is signed already", "--replace takes the old signature off first"};
    }
    content = content.first(module.elf_size);
  }
  auto made = setup_.sign_file.empty() ? with_libcrypto(content) : with_sign_file(content);
  if (made.has_error()) return made.error();
  auto read = read_module(Bytes::own(*made), module.path);
  if (read.has_error()) return read.error();
  const auto check = verify_signature(*read, {&certificate_, 1});
  if (check.result != SignatureResult::good) {
    return Error{module.path, "the signature just made does not verify: " + check.reason,
                 "does the key belong to the certificate?"};
  }
  return made;
}

}  // namespace kovet
