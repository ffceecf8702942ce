#include "kernel/completeness.h"
#include "kernel/config_facts.h"
#include "kernel/kernel_places.h"
#include "kernel/read_kernel.h"
#include "kernel/shipped_module.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

KernelListing describe(const std::string& release, const KernelPlaces& places) {
  KernelListing listing;
  listing.release = release;
  listing.build_directory = places.build_dir.string();
  listing.modules_dir = places.modules_dir.string();
  listing.image = find_image(places, release).string();

  std::optional<KernelConfig> config;
  std::string config_file;
  for (const fs::path& file :
       {places.build_dir / "include/config/auto.conf", places.build_dir / ".config",
        places.root / "boot" / ("config-" + release), places.release_dir / "config"}) {
    if (file.is_relative()) continue;
    auto content = Bytes::map(file);
    if (!content || (*content)->size() == 0) continue;
    config = KernelConfig::parse(std::move(*content));
    config_file = file.string();
    break;
  }
  Arch arch = config ? arch_of(*config) : Arch::unknown;
  if (arch == Arch::unknown && !places.modules_dir.empty()) {
    if (const auto shipped = read_shipped_module(places.modules_dir, release)) arch = shipped->arch;
  }
  if (arch != Arch::unknown) listing.arch = to_string(arch);

  const SourceTree source = source_tree(places);
  const Distribution distribution =
      distribution_of({release, config ? &*config : nullptr, source.directory.native(), {}});
  const fs::path symvers_file = places.build_dir / "Module.symvers";
  std::shared_ptr<const Bytes> symvers;
  if (!places.build_dir.empty()) {
    if (auto content = Bytes::map(symvers_file)) symvers = std::move(*content);
  }
  const Compression packed = symvers ? detect_compression(symvers->span()) : Compression::none;
  if (packed != Compression::none) {
    if (auto plain = decompress(symvers, symvers_file.native())) symvers = std::move(*plain);
  }
  listing.gaps = find_gaps({.places = places,
                            .distribution = distribution,
                            .release = release,
                            .config_file = config_file,
                            .symvers_text = symvers.get(),
                            .symvers_file = symvers_file.string(),
                            .symvers_packed = packed});
  return listing;
}

}  // namespace

std::vector<KernelListing> list_kernels(const fs::path& root) {
  std::error_code error;
  const fs::path absolute = fs::absolute(root, error).lexically_normal();
  const fs::path clean = absolute.has_filename() || absolute == absolute.root_path()
                             ? absolute
                             : absolute.parent_path();
  std::vector<KernelListing> kernels;
  for (const std::string& release : releases_below(clean))
    if (const auto places = find_release(clean, release))
      kernels.push_back(describe(release, *places));
  return kernels;
}

}  // namespace kovet
