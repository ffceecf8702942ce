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

std::optional<SignatureAnswer> signature_status(const Module& module,
                                                const std::vector<Certificate>* keys) {
  const SignatureCheck check = verify_signature(
      module, keys ? std::span<const Certificate>(*keys) : std::span<const Certificate>());
  switch (check.result) {
    case SignatureResult::bad:
      return SignatureAnswer(SignatureStatus::bad, check.log);
    case SignatureResult::malformed:
      return SignatureAnswer(SignatureStatus::malformed, check.log);
    case SignatureResult::good:
      return SignatureAnswer(SignatureStatus::good);
    case SignatureResult::no_key:
      if (keys) return SignatureAnswer(SignatureStatus::no_key);
      break;
    case SignatureResult::unsupported:
      if (keys) return SignatureAnswer(SignatureStatus::unsupported);
      break;
    case SignatureResult::not_signed:
      break;
  }
  return std::nullopt;
}

}  // namespace kovet
