#include "check/signature_evidence.h"

#include "kernel/image_keys.h"
#include "module/verify_signature.h"

namespace kovet {

std::optional<std::vector<Certificate>> trusted_keys(const Kernel& kernel) {
  if (kernel.image.empty()) return std::nullopt;
  auto keys = builtin_keys(std::filesystem::path(kernel.image));
  if (!keys) return std::nullopt;
  return std::move(*keys);
}

std::optional<SignatureStatus> signature_status(const Module& module,
                                                std::span<const Certificate> keys) {
  switch (verify_signature(module, keys).result) {
    case SignatureResult::good:
      return SignatureStatus::good;
    case SignatureResult::bad:
      return SignatureStatus::bad;
    case SignatureResult::no_key:
      return SignatureStatus::no_key;
    case SignatureResult::unsupported:
      return SignatureStatus::unsupported;
    case SignatureResult::malformed:
      return SignatureStatus::malformed;
    case SignatureResult::not_signed:
      break;
  }
  return std::nullopt;
}

}  // namespace kovet
