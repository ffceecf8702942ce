#pragma once

#include <span>

#include "module/verify_signature.h"

namespace kovet {

/// Fills in what a PKCS#7 message says of itself.
void describe_pkcs7(std::span<const std::byte> message, SignatureInfo& info);

/// crypto/asymmetric_keys: pkcs7_verify(), then pkcs7_validate_trust(), of a detached message.
SignatureCheck verify_pkcs7(std::span<const std::byte> message, std::span<const std::byte> content,
                            std::span<const Certificate> trusted);

}  // namespace kovet
