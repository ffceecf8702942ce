#pragma once

#include <span>

#include "module/verify_signature.h"

namespace kovet {

/// Fills in what a PKCS#7 message says of itself.
void describe_pkcs7(std::span<const std::byte> message, SignatureInfo& info);

/// What a detached message is about: the bytes, or digests of them that were made before.
struct SignedContent {
  std::span<const std::byte> bytes;
  std::span<const ContentDigest> digests;
};

/// Whether certificates come with the message, which are tried even where no key is known.
bool brings_certificates(std::span<const std::byte> message);

/// Digests of `content` by the hash of each signer of the message; none where it is malformed.
std::vector<ContentDigest> digests_named_by(std::span<const std::byte> message,
                                            std::span<const std::byte> content);

/// crypto/asymmetric_keys: pkcs7_verify(), then pkcs7_validate_trust(), of a detached message.
SignatureCheck verify_pkcs7(std::span<const std::byte> message, const SignedContent& content,
                            std::span<const Certificate> trusted);

}  // namespace kovet
