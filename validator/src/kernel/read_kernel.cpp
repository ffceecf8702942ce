#include "kernel/read_kernel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include "kernel/btf.h"
#include "kernel/builtin_modules.h"
#include "kernel/completeness.h"
#include "kernel/config_facts.h"
#include "kernel/distribution.h"
#include "kernel/kernel_image.h"
#include "kernel/kernel_places.h"
#include "kernel/release_clash.h"
#include "kernel/shipped_module.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view alone = "only a Module.symvers was named, which does not tell";
constexpr std::string_view name_a_tree = "name a release or a build directory instead";

template <class T>
Fact<T> absent(std::string_view why, std::string supply) {
  return Fact<T>::absent(std::string(why), std::move(supply));
}

/// Reads the parts in order; each step may use what the former ones found.
class KernelReader {
 public:
  KernelReader(std::string spec, KernelPlaces places) : places_(std::move(places)) {
    kernel_.spec = std::move(spec);
    kernel_.source = places_.build_dir.string();
    kernel_.modules_dir = places_.modules_dir.string();
  }

  Result<Kernel> read() {
    read_release();
    kernel_.image = find_image(places_, release()).string();
    read_config();
    kernel_.distribution = distribution_of(
        {release(), kernel_.config ? &*kernel_.config : nullptr, source_.directory.native(), {}});
    if (auto symvers = read_symbols(); !symvers) return symvers.error();
    if (kernel_.release && !places_.modules_dir.empty())
      shipped_ = read_shipped_module(places_.modules_dir, release());
    read_arch();
    read_vermagic();
    read_struct_module_size();
    read_builtin();
    for (const fs::path& file : btf_candidates()) kernel_.btf_files.push_back(file.string());
    kernel_.gaps = find_gaps(
        {.places = places_,
         .distribution = kernel_.distribution,
         .release = release(),
         .arch = kernel_.arch ? *kernel_.arch : Arch::unknown,
         .config_file = kernel_.config ? kernel_.config.origin : std::string(),
         .cut_config_file = cut_config_,
         .symvers_elsewhere = symvers_elsewhere_,
         .symvers_text = kernel_.symvers ? kernel_.symvers->text.get() : nullptr,
         .symvers_file = kernel_.symvers ? kernel_.symvers->path : std::string(),
         .symvers_packed = kernel_.symvers ? kernel_.symvers->packed : Compression::none});
    kernel_.repair = places_.build_dir.empty()
                         ? headers_hint()
                         : repair_hint(places_, kernel_.distribution, release(), "modules");
    compare_vermagic();
    return std::move(kernel_);
  }

 private:
  std::string release() const { return kernel_.release ? *kernel_.release : std::string(); }
  fs::path build(std::string_view file) const { return places_.build_dir / file; }
  std::string headers_hint() const {
    const std::string name = release().empty() ? places_.folder_release : release();
    if (name.empty()) return repair_hint(places_, kernel_.distribution, name, "modules_prepare");
    return install_headers_hint(places_, kernel_.distribution, name);
  }

  void read_release() {
    if (!places_.build_dir.empty()) {
      if (auto stated = stated_release(places_.build_dir))
        kernel_.release =
            Fact<std::string>::known(std::move(stated->release), stated->file.string());
    }
    if (!kernel_.release && !places_.folder_release.empty()) {
      kernel_.release = Fact<std::string>::known(
          places_.folder_release,
          (places_.release_dir.empty() ? places_.build_dir : places_.release_dir).string());
    }
    if (!kernel_.release) {
      kernel_.release = absent<std::string>(
          fmt::format("no include/generated/utsrelease.h in {}", places_.build_dir.string()),
          fmt::format("make -C {} modules_prepare", places_.build_dir.string()));
    }
    kernel_.version = KernelVersion::parse(release());
    refine_version();
    source_ = source_tree(places_);
  }

  void refine_version() {
    if (!kernel_.version || places_.build_dir.empty()) return;
    const auto stated = headers_version(places_.build_dir);
    // LINUX_VERSION_CODE holds no patch above 255, as which 4.14.336 counts there.
    if (stated && stated->major == kernel_.version->major &&
        stated->minor == kernel_.version->minor &&
        (stated->patch != 255 || kernel_.version->patch < 255))
      kernel_.version = *stated;
  }

  void read_config() {
    std::vector<fs::path> candidates;
    if (!places_.build_dir.empty())
      candidates = {build("include/config/auto.conf"), build(".config")};
    if (kernel_.release) candidates.push_back(places_.root / "boot" / ("config-" + release()));
    if (!places_.release_dir.empty()) candidates.push_back(places_.release_dir / "config");
    for (const fs::path& file : candidates) {
      auto content = Bytes::map(file);
      if (!content || (*content)->size() == 0) continue;
      if (!(*content)->text().ends_with('\n')) {  // what is missing would read as "is not set"
        if (cut_config_.empty()) cut_config_ = file.string();
        continue;
      }
      KernelConfig config = KernelConfig::parse(std::move(*content));
      if (config.size() == 0) continue;
      kernel_.config = Fact<KernelConfig>::known(std::move(config), file.string());
      break;
    }
    if (!kernel_.config) read_config_of_image();
    if (!kernel_.config) {
      kernel_.config = absent<KernelConfig>(
          "no configuration (include/config/auto.conf, .config, boot/config-*) of this kernel",
          headers_hint());
    }
    const auto compiler = kernel_.config ? kernel_.config->value("CC_VERSION_TEXT") : std::nullopt;
    kernel_.compiler =
        compiler
            ? Fact<std::string>::known(std::string(*compiler), kernel_.config.origin)
            : absent<std::string>("the configuration does not tell the compiler", headers_hint());
  }

  /// Unpacked at most once, and only where nothing cheaper knows.
  const KernelImage* image() {
    if (!image_opened_ && !kernel_.image.empty()) {
      if (auto opened = KernelImage::open(fs::path(kernel_.image))) image_ = std::move(*opened);
    }
    image_opened_ = true;
    return image_ ? &*image_ : nullptr;
  }

  /// CONFIG_IKCONFIG.
  void read_config_of_image() {
    if (!image()) return;
    auto text = image()->configuration();
    if (!text) return;
    KernelConfig config = KernelConfig::parse(std::move(text));
    if (config.size() != 0)
      kernel_.config = Fact<KernelConfig>::known(std::move(config), kernel_.image);
  }

  /// An unreadable or malformed file is an error; no file is an absent fact.
  Result<void> read_symbols() {
    std::vector<fs::path> candidates;
    if (!places_.build_dir.empty()) candidates.push_back(build("Module.symvers"));
    for (const char* const ending : {".gz", ".xz", ".zst"}) {
      if (!places_.release_dir.empty())
        candidates.push_back(places_.release_dir / (std::string("symvers") + ending));
      if (kernel_.release)
        candidates.push_back(places_.root / "boot" / ("symvers-" + release() + ending));
    }
    std::error_code ignored;
    for (const fs::path& file : candidates) {
      if (!fs::exists(file, ignored)) continue;
      auto symvers = read_symvers(file);
      if (!symvers) return symvers.error();
      symvers_elsewhere_ = file.filename() != "Module.symvers";
      kernel_.symvers = Fact<Symvers>::known(std::move(*symvers), file.string());
      return {};
    }
    kernel_.symvers =
        absent<Symvers>(places_.build_dir.empty()
                            ? std::string("no headers of this kernel, which hold Module.symvers")
                            : fmt::format("no Module.symvers in {}", places_.build_dir.string()),
                        headers_hint());
    return {};
  }

  void read_arch() {
    if (kernel_.config) {
      const Arch arch = arch_of(*kernel_.config);
      kernel_.big_endian = is_big_endian(*kernel_.config);
      kernel_.arch = arch == Arch::unknown
                         ? absent<Arch>("the configuration is for a machine Kovet does not know",
                                        "a kernel for one of Debian's machines")
                         : Fact<Arch>::known(arch, kernel_.config.origin);
    } else if (shipped_ && shipped_->arch != Arch::unknown) {
      kernel_.big_endian = shipped_->big_endian;
      kernel_.arch = Fact<Arch>::known(shipped_->arch, shipped_->path);
    } else if (image() && image()->arch() != Arch::unknown) {
      kernel_.big_endian = image()->big_endian();
      kernel_.arch = Fact<Arch>::known(image()->arch(), kernel_.image);
    } else {
      kernel_.arch = absent<Arch>("without its configuration the kernel's machine is not known",
                                  headers_hint());
    }
  }

  /// "RANDSTRUCT_<hash>", from the header that the build made.
  std::string randstruct() const {
    struct Place {
      const char *file, *word;
    };
    for (const auto& [file, word] :
         {Place{"include/generated/randstruct_hash.h", "RANDSTRUCT_"},
          Place{"include/generated/randomize_layout_hash.h", "RANDSTRUCT_PLUGIN_"}}) {
      const auto content = Bytes::map(build(file));
      if (!content) continue;
      const std::string_view text = (*content)->text();
      const std::size_t open = text.find('"', text.find("HASHED_SEED"));
      if (open == std::string_view::npos) continue;
      const std::string_view hash = text.substr(open + 1);
      return word + std::string(hash.substr(0, hash.find('"')));
    }
    return {};
  }

  Fact<std::string> computed_vermagic() const {
    if (!kernel_.config) {
      return absent<std::string>("neither a module of this kernel nor its configuration is at hand",
                                 headers_hint());
    }
    if (!kernel_.release || !kernel_.version) {
      return absent<std::string>("the kernel's release is not known",
                                 "include/generated/utsrelease.h of the kernel");
    }
    const auto clash = places_.build_dir.empty() ? std::nullopt : release_clash(places_.build_dir);
    if (clash) {
      return absent<std::string>(
          fmt::format("{} says {}, but {} says {}: which kernel the tree is of is not known",
                      clash->first_file.string(), clash->first, clash->second_file.string(),
                      clash->second),
          "a tree of one build");
    }
    const std::string random = places_.build_dir.empty() ? std::string() : randstruct();
    // Read only where it decides: see preempt_piece() of vermagic_string.cpp.
    std::shared_ptr<const Bytes> header;
    if (kernel_.config->enabled("PREEMPT_RT") && source_.exists) {
      if (auto content = Bytes::map(source_.directory / "include/linux/vermagic.h"))
        header = std::move(*content);
    }
    return compute_vermagic(*kernel_.config,
                            {.release = *kernel_.release,
                             .version = *kernel_.version,
                             .arch = kernel_.arch ? *kernel_.arch : Arch::unknown,
                             .randstruct = random,
                             .header = header ? header->text() : std::string_view{}},
                            kernel_.config.origin);
  }

  /// Only where the headers do not tell: they do so in no time.
  std::optional<std::string> vermagic_of_image() {
    return !computed_ && image() ? image()->vermagic(release()) : std::nullopt;
  }

  void read_vermagic() {
    computed_ = computed_vermagic();
    if (shipped_) {
      kernel_.vermagic = Fact<std::string>::known(shipped_->vermagic, shipped_->path);
    } else if (const auto seen = vermagic_of_image()) {
      kernel_.vermagic = Fact<std::string>::known(*seen, kernel_.image);
    } else {
      kernel_.vermagic = computed_;
      kernel_.vermagic_computed = computed_.value.has_value();
    }
  }

  void read_struct_module_size() {
    if (shipped_ && shipped_->struct_module_size) {
      kernel_.struct_module_size =
          Fact<std::uint64_t>::known(*shipped_->struct_module_size, shipped_->path);
      return;
    }
    for (const fs::path& file : btf_candidates()) {
      std::error_code ignored;
      if (!fs::exists(file, ignored)) continue;
      if (const auto size = btf_struct_size(file, "module")) {
        kernel_.struct_module_size = Fact<std::uint64_t>::known(*size, file.string());
        return;
      }
    }
    if (image()) {
      if (const auto size = btf_struct_size(image()->btf(), "module")) {
        kernel_.struct_module_size = Fact<std::uint64_t>::known(*size, kernel_.image);
        return;
      }
    }
    kernel_.struct_module_size = absent<std::uint64_t>(
        "no module of this kernel and no vmlinux with BTF is at hand",
        release().empty() ? "any module that came with this kernel"
                          : install_image_hint(places_, kernel_.distribution, release()));
  }

  void read_builtin() {
    for (const fs::path& folder : {places_.release_dir, places_.build_dir}) {
      if (folder.empty()) continue;
      if (auto modules = read_builtin_modules(folder / "modules.builtin.modinfo")) {
        kernel_.builtin = Fact<BuiltinModules>::known(
            std::move(*modules), (folder / "modules.builtin.modinfo").string());
        return;
      }
    }
    kernel_.builtin = absent<BuiltinModules>(
        "no modules.builtin.modinfo of this kernel",
        release().empty() ? std::string("modules.builtin.modinfo of this kernel")
                          : install_image_hint(places_, kernel_.distribution, release()));
  }

  std::vector<fs::path> btf_candidates() const {
    std::vector<fs::path> files;
    if (!places_.build_dir.empty()) files.push_back(build("vmlinux"));
    if (!places_.release_dir.empty()) files.push_back(places_.release_dir / "vmlinux");
    if (release().empty()) return files;
    files.push_back(places_.root / "usr/lib/debug/boot" / ("vmlinux-" + release()));
    files.push_back(places_.root / "usr/lib/debug/lib/modules" / release() / "vmlinux");
    utsname running{};
    if (places_.root == "/" && ::uname(&running) == 0 && release() == running.release)
      files.emplace_back("/sys/kernel/btf/vmlinux");
    return files;
  }

  /// Headers and modules that carry the same release may still be of different builds.
  void compare_vermagic() {
    if (!shipped_ || !computed_ || *computed_ == shipped_->vermagic) return;
    kernel_.gaps.push_back(
        {fmt::format(
             "{} has the vermagic '{}', but the configuration in {} gives '{}': headers and "
             "modules are not of one build",
             shipped_->path, shipped_->vermagic, computed_.origin, *computed_),
         fmt::format("install headers and kernel from one source: {}", headers_hint())});
  }

  KernelPlaces places_;
  Kernel kernel_;
  SourceTree source_;
  std::string cut_config_;
  bool symvers_elsewhere_ = false;
  std::optional<ShippedModule> shipped_;
  std::optional<KernelImage> image_;
  bool image_opened_ = false;
  Fact<std::string> computed_;
};

Result<Kernel> read_lone_symvers(const std::string& spec) {
  auto symvers = read_symvers(spec);
  if (!symvers) return symvers.error();
  const std::string supply(name_a_tree);
  Kernel kernel;
  kernel.spec = spec;
  kernel.source = spec;
  kernel.repair = "name the Module.symvers of a whole kernel build";
  kernel.release = absent<std::string>(fmt::format("{} the release", alone), supply);
  kernel.arch = absent<Arch>(fmt::format("{} the machine", alone), supply);
  kernel.config = absent<KernelConfig>(fmt::format("{} the configuration", alone), supply);
  kernel.vermagic = absent<std::string>(fmt::format("{} the vermagic", alone), supply);
  kernel.struct_module_size =
      absent<std::uint64_t>(fmt::format("{} the size of struct module", alone), supply);
  kernel.compiler = absent<std::string>(fmt::format("{} the compiler", alone), supply);
  kernel.builtin = absent<BuiltinModules>(fmt::format("{} the built-in drivers", alone), supply);
  const KernelPlaces nowhere;
  kernel.gaps = find_gaps(
      {.places = nowhere, .symvers_text = symvers->text.get(), .symvers_file = symvers->path});
  kernel.symvers = Fact<Symvers>::known(std::move(*symvers), spec);
  return kernel;
}

Error unknown_kernel(const std::string& spec, const fs::path& root, std::string what) {
  const std::vector<std::string> releases = releases_below(root);
  std::string hint =
      releases.empty()
          ? fmt::format("no kernel is installed below {}", root.string())
          : fmt::format("kernels below {}: {}", root.string(), fmt::join(releases, ", "));
  if (KernelVersion::parse(spec) && spec.find('/') == std::string::npos) {
    KernelPlaces places;
    places.root = root;
    hint += "; to get the headers: " + install_headers_hint(places, Distribution::unknown, spec);
  }
  return Error{spec, std::move(what), std::move(hint)};
}

}  // namespace

Result<Kernel> read_kernel(const std::string& spec, const fs::path& root) {
  if (spec.empty()) return unknown_kernel(spec, root, "an empty name stands for no kernel");
  std::error_code error;
  const fs::path folder = fs::absolute(root, error).lexically_normal();
  const fs::path clean_root =
      folder.has_filename() || folder == folder.root_path() ? folder : folder.parent_path();
  if (auto places = find_release(clean_root, spec))
    return KernelReader(spec, std::move(*places)).read();
  const fs::path path = spec;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) return read_lone_symvers(spec);
  if (fs::is_directory(status)) {
    if (looks_like_build_directory(path))
      return KernelReader(spec, places_of_build_directory(path, clean_root)).read();
    if (looks_like_modules_folder(path))
      return KernelReader(spec, places_of_modules_folder(path)).read();
    const bool is_root = !releases_below(path).empty();
    return unknown_kernel(spec, is_root ? path : clean_root,
                          "neither a kernel's build directory nor a lib/modules/RELEASE folder");
  }
  if (fs::exists(status)) return Error{spec, "neither a folder nor a regular file"};
  return unknown_kernel(
      spec, clean_root,
      spec.find('/') == std::string::npos
          ? fmt::format("no such kernel: neither lib/modules/{0} nor usr/src/linux-headers-{0} is "
                        "below {1}",
                        spec, clean_root.string())
          : "no such file or folder");
}

}  // namespace kovet
