#pragma once

#include <span>

#include "module/verify_signature.h"

// The format of Linux 3.7 to 4.2: signer name, key id and signature stand behind the module.

namespace kovet {

SignatureInfo describe_legacy_signature(const Module& module);
SignatureCheck verify_legacy_signature(const Module& module, std::span<const Certificate> trusted);

}  // namespace kovet
