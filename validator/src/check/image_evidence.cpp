#include "check/image_evidence.h"

#include <algorithm>
#include <filesystem>

#include "check/signature_evidence.h"
#include "gates/loader_traits.h"
#include "kernel/image_keys.h"
#include "kernel/kernel_image.h"

namespace kovet {

namespace {

std::shared_ptr<const KernelImage> open_image(const std::string& file) {
  auto image = KernelImage::open(std::filesystem::path(file));
  if (!image) return nullptr;
  return std::make_shared<const KernelImage>(std::move(*image));
}

/// The .BTF.base that this kernel reads; null: none.
const Section* base_of(const Module& module, const Kernel& kernel) {
  return relocates_btf(kernel) ? module.section(".BTF.base") : nullptr;
}

/// What the btf gate asks of a module's bytes.
std::optional<BtfAnswer> answer_of(const Module& module, const Kernel& kernel,
                                   const BtfBase* base) {
  const Section* section = module.section(".BTF");
  if (!section || section->size == 0 || section->bytes.size() != section->size) return std::nullopt;
  if (config(kernel, "DEBUG_INFO_BTF_MODULES") != Tri::yes) return std::nullopt;
  if (const Section* own_base = base_of(module, kernel)) {
    if (own_base->bytes.size() != own_base->size) return std::nullopt;
    return check_relocated_btf(section->bytes, own_base->bytes, module.big_endian, base,
                               any_btf_section_name(kernel));
  }
  return check_module_btf(section->bytes, module.big_endian, base, any_btf_section_name(kernel));
}

std::shared_ptr<const BtfBase> btf_of_files(const Kernel& kernel, BtfReading reading) {
  std::error_code ignored;
  for (const std::string& file : kernel.btf_files) {
    if (!std::filesystem::exists(file, ignored)) continue;
    if (auto base = read_btf_base(std::filesystem::path(file), reading))
      return std::make_shared<const BtfBase>(std::move(*base));
  }
  return nullptr;
}

}  // namespace

ImageEvidence::ImageEvidence(const Kernel& kernel, ImageReading reading, bool beside)
    : kernel_(kernel), reading_(reading), beside_(beside) {}

ImageEvidence::ImageEvidence(const Kernel& kernel, std::span<const Module* const> modules,
                             ImageReading reading)
    : ImageEvidence(kernel, reading) {
  for (const Module* module : modules) look_at(*module);
  finish();
}

ImageEvidence::~ImageEvidence() {
  if (image_.valid()) image_.wait();
}

bool ImageEvidence::needs_names(const Module& module) const {
  if (!kernel_.builtin) return reading_ == ImageReading::everything;
  const BuiltinModules::Traits* traits = kernel_.builtin->find(struct_name(module));
  return traits && traits->has_parameters && !traits->has_version;
}

bool ImageEvidence::needs_btf(const Module& module) const {
  if (config(kernel_, "DEBUG_INFO_BTF_MODULES") != Tri::yes) return false;
  if (reading_ == ImageReading::what_decides &&
      config(kernel_, "MODULE_ALLOW_BTF_MISMATCH") == Tri::yes)
    return false;
  const Section* section = module.section(".BTF");
  return section && section->size != 0;
}

void ImageEvidence::want_image() {
  if (kernel_.image.empty()) return;
  std::call_once(image_wanted_, [this] {
    const auto how = beside_ ? std::launch::async : std::launch::deferred;
    image_ = std::async(how, open_image, kernel_.image).share();
  });
}

const KernelImage* ImageEvidence::image() {
  want_image();
  return image_.valid() ? image_.get().get() : nullptr;
}

const BtfBase* ImageEvidence::read_btf(BtfReading reading) {
  const bool with_types = reading == BtfReading::named_types;
  std::shared_ptr<const BtfBase>& btf = with_types ? btf_with_types_ : facts_.btf;
  std::call_once(with_types ? types_read_ : btf_read_, [&] {
    btf = btf_of_files(kernel_, reading);
    if (btf) return;
    const KernelImage* const from = image();
    if (!from) return;
    if (auto base = read_btf_base(from->btf(), kernel_.image, reading))
      btf = std::make_shared<const BtfBase>(std::move(*base));
  });
  return btf.get();
}

std::optional<BtfAnswer> ImageEvidence::look_at(const Module& module) {
  if (module.signature) {
    keys_wanted_ = true;
    want_image();
  }
  if (needs_names(module)) {
    names_wanted_ = true;
    want_image();
  }
  const BtfBase* btf = nullptr;
  if (needs_btf(module))
    btf = read_btf(base_of(module, kernel_) ? BtfReading::named_types : BtfReading::frame);
  return answer_of(module, kernel_, btf);
}

void ImageEvidence::finish() {
  if (btf_with_types_) facts_.btf = btf_with_types_;
  if (!image_.valid()) return;
  const KernelImage* const from = image();
  if (!from) return;
  facts_.origin = kernel_.image;
  if (keys_wanted_)
    if (auto found = builtin_keys(*from, kernel_.image)) keys_ = std::move(*found);
  if (names_wanted_) facts_.sysfs_modules = from->sysfs_modules();
  image_ = {};
}

std::optional<SignatureAnswer> ImageEvidence::signature_of(const Module& module) const {
  return signature_status(module, keys_ ? &*keys_ : nullptr);
}

}  // namespace kovet
