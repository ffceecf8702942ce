#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "gates/gate.h"
#include "kernel/check_btf.h"
#include "module/certificate.h"

namespace kovet {

class KernelImage;

/// What is read of a kernel's image.
enum class ImageReading : std::uint8_t {
  what_decides,  ///< only what a verdict on these modules hangs on; mostly nothing
  everything,    ///< also what only foretells log lines
};

/// A kernel's image and vmlinux, as far as the modules at hand need them. Unpacking an image takes
/// some 0.3 s, so it is done once, and only when one of them is signed, has BTF that the kernel
/// would refuse, or is named like a driver that is built in.
class ImageEvidence {
 public:
  /// `beside`: the image may be read by a thread of its own.
  explicit ImageEvidence(const Kernel& kernel, ImageReading reading = ImageReading::what_decides,
                         bool beside = true);
  /// The same for modules that are all read, and keep their bytes.
  ImageEvidence(const Kernel& kernel, std::span<const Module* const> modules,
                ImageReading reading = ImageReading::what_decides);
  ImageEvidence(const ImageEvidence&) = delete;
  ImageEvidence& operator=(const ImageEvidence&) = delete;
  ~ImageEvidence();

  /// Whether signatures can be verified at all, so that they are worth a digest.
  bool may_have_keys() const { return !kernel_.image.empty(); }
  /// Looks at one module while its bytes are there, and begins to read what it needs. May be called
  /// by several threads. Returns what the kernel says of its BTF, for GateInput::btf.
  std::optional<BtfAnswer> look_at(const Module& module);
  /// Waits for what is being read. Then the rest can be asked.
  void finish();

  /// For GateInput::image.
  const ImageFacts* facts() const { return &facts_; }
  /// For GateInput::signature; nothing for unsigned modules and where the keys are not known.
  std::optional<SignatureAnswer> signature_of(const Module& module) const;

 private:
  void want_image();
  const KernelImage* image();
  const BtfBase* read_btf(BtfReading reading);
  bool needs_btf(const Module& module) const;
  bool needs_names(const Module& module) const;

  const Kernel& kernel_;
  ImageReading reading_;
  bool beside_;
  std::once_flag image_wanted_, btf_read_, types_read_;
  std::shared_future<std::shared_ptr<const KernelImage>> image_;
  std::atomic<bool> keys_wanted_ = false, names_wanted_ = false;
  std::optional<std::vector<Certificate>> keys_;
  std::shared_ptr<const BtfBase> btf_with_types_;  ///< for modules with .BTF.base
  ImageFacts facts_;
};

}  // namespace kovet
