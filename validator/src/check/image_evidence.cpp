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

/// What the btf gate asks of a module's bytes.
std::optional<BtfAnswer> answer_of(const Module& module, const Kernel& kernel, const BtfBase* base) {
  const Section* section = module.section(".BTF");
  if (!section || section->size == 0 || section->bytes.size() != section->size) return std::nullopt;
  if (config(kernel, "DEBUG_INFO_BTF_MODULES") != Tri::yes) return std::nullopt;
  return check_module_btf(section->bytes, module.big_endian, base, any_btf_section_name(kernel));
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

void ImageEvidence::read_btf() {
  std::call_once(btf_read_, [this] {
    facts_.btf = btf_of_files(kernel_);
    if (facts_.btf) return;
    const KernelImage* const from = image();
    if (!from) return;
    if (auto base = read_btf_base(from->btf(), kernel_.image))
      facts_.btf = std::make_shared<const BtfBase>(std::move(*base));
  });
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
  const bool needed = needs_btf(module);
  if (needed) read_btf();
  return answer_of(module, kernel_, needed ? facts_.btf.get() : nullptr);
}

void ImageEvidence::finish() {
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
