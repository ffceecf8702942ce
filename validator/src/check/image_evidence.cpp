#include "check/image_evidence.h"

#include <algorithm>
#include <filesystem>

#include "check/signature_evidence.h"
#include "gates/loader_traits.h"
#include "kernel/image_keys.h"
#include "kernel/kernel_image.h"

namespace kovet {

namespace {

bool needs_names(const Kernel& kernel, std::span<const Module* const> modules) {
  if (!kernel.builtin) return false;
  return std::any_of(modules.begin(), modules.end(), [&](const Module* module) {
    const BuiltinModules::Traits* traits = kernel.builtin->find(struct_name(*module));
    return traits && traits->has_parameters && !traits->has_version;
  });
}

bool needs_btf(const Kernel& kernel, std::span<const Module* const> modules, ImageReading reading) {
  if (config(kernel, "DEBUG_INFO_BTF_MODULES") != Tri::yes) return false;
  if (reading == ImageReading::what_decides &&
      config(kernel, "MODULE_ALLOW_BTF_MISMATCH") == Tri::yes)
    return false;
  return std::any_of(modules.begin(), modules.end(), [](const Module* module) {
    const Section* section = module->section(".BTF");
    return section && section->size != 0;
  });
}

std::shared_ptr<const BtfBase> btf_of_files(const Kernel& kernel) {
  std::error_code ignored;
  for (const std::string& file : kernel.btf_files) {
    if (!std::filesystem::exists(file, ignored)) continue;
    if (auto base = read_btf_base(std::filesystem::path(file)))
      return std::make_shared<const BtfBase>(std::move(*base));
  }
  return nullptr;
}

}  // namespace

ImageEvidence::ImageEvidence(const Kernel& kernel, std::span<const Module* const> modules,
                             ImageReading reading) {
  const bool keys = std::any_of(modules.begin(), modules.end(),
                                [](const Module* module) { return module->signature.has_value(); });
  const bool names = needs_names(kernel, modules);
  bool btf = needs_btf(kernel, modules, reading);
  if (btf) {
    facts_.btf = btf_of_files(kernel);
    if (facts_.btf) btf = false;
  }
  if ((!keys && !names && !btf) || kernel.image.empty()) return;
  const auto image = KernelImage::open(std::filesystem::path(kernel.image));
  if (!image) return;
  facts_.origin = kernel.image;
  if (keys)
    if (auto found = builtin_keys(*image, kernel.image)) keys_ = std::move(*found);
  if (names) facts_.sysfs_modules = image->sysfs_modules();
  if (btf)
    if (auto base = read_btf_base(image->btf(), kernel.image))
      facts_.btf = std::make_shared<const BtfBase>(std::move(*base));
}

std::optional<SignatureAnswer> ImageEvidence::signature_of(const Module& module) const {
  return signature_status(module, keys_ ? &*keys_ : nullptr);
}

}  // namespace kovet
