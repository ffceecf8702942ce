#include "kernel/distribution.h"

#include <fmt/format.h>

#include "support/bytes.h"

namespace kovet {

namespace {

enum class Packager { apt, dnf, zypper, none };

/// ".fc41", ".el9_4": the letters, then a digit.
bool has_release_tag(std::string_view release, std::string_view tag) {
  const std::size_t at = release.find(tag);
  if (at == std::string_view::npos || at + tag.size() >= release.size()) return false;
  const char next = release[at + tag.size()];
  return next >= '0' && next <= '9';
}

Packager packager_by_os_release(const std::filesystem::path& root) {
  for (const char* const file : {"etc/os-release", "usr/lib/os-release"}) {
    const auto found = resolve_below(root, std::filesystem::path("/") / file);
    if (!found) continue;
    const auto content = Bytes::map(*found);
    if (!content) continue;
    std::string_view rest = (*content)->text();
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (!line.starts_with("ID=") && !line.starts_with("ID_LIKE=")) continue;
      if (line.find("debian") != std::string_view::npos ||
          line.find("ubuntu") != std::string_view::npos)
        return Packager::apt;
      if (line.find("fedora") != std::string_view::npos ||
          line.find("rhel") != std::string_view::npos)
        return Packager::dnf;
      if (line.find("suse") != std::string_view::npos) return Packager::zypper;
    }
  }
  return Packager::none;
}

Packager packager_of(const KernelPlaces& places, Distribution distribution) {
  switch (distribution) {
    case Distribution::debian:
    case Distribution::ubuntu:
      return Packager::apt;
    case Distribution::fedora:
    case Distribution::rhel:
      return Packager::dnf;
    case Distribution::suse:
      return Packager::zypper;
    case Distribution::unknown:
      break;
  }
  const std::string build = places.build_dir.string();
  if (build.find("/usr/src/linux-headers-") != std::string::npos) return Packager::apt;
  if (build.find("/usr/src/kernels/") != std::string::npos) return Packager::dnf;
  return packager_by_os_release(places.root);
}

}  // namespace

Distribution distribution_of(const DistributionEvidence& evidence) {
  const auto config_says = [&](std::string_view option, std::string_view part) {
    if (!evidence.config) return false;
    const auto value = evidence.config->value(option);
    return value && value->find(part) != std::string_view::npos;
  };
  if (evidence.banner.find("debian-kernel@lists.debian.org") != std::string_view::npos)
    return Distribution::debian;
  if (evidence.config && evidence.config->enabled("SUSE_KERNEL")) return Distribution::suse;
  if (config_says("VERSION_SIGNATURE", "Ubuntu ")) return Distribution::ubuntu;
  if (has_release_tag(evidence.release, ".fc")) return Distribution::fedora;
  if (has_release_tag(evidence.release, ".el")) return Distribution::rhel;
  // Anybody's kernel can be built with Debian's compiler; the build salt and the -common package
  // are of Debian's own packaging.
  const bool debian_compiler = config_says("CC_VERSION_TEXT", "(Debian ");
  const std::size_t common = evidence.source_tree.find("/linux-headers-");
  if (common != std::string_view::npos &&
      evidence.source_tree.find("-common", common) != std::string_view::npos)
    return Distribution::debian;
  if (debian_compiler && !evidence.release.empty() &&
      evidence.config->value("BUILD_SALT") == evidence.release)
    return Distribution::debian;
  return Distribution::unknown;
}

std::string install_headers_hint(const KernelPlaces& places, Distribution distribution,
                                 const std::string& release) {
  switch (packager_of(places, distribution)) {
    case Packager::apt:
      return fmt::format("apt install linux-headers-{}", release);
    case Packager::dnf:
      return fmt::format("dnf install kernel-devel-{}", release);
    case Packager::zypper:
      return fmt::format("zypper install the kernel-devel packages of {}", release);
    case Packager::none:
      break;
  }
  return fmt::format("install the headers (the package for building modules) of {}", release);
}

std::string install_image_hint(const KernelPlaces& places, Distribution distribution,
                               const std::string& release) {
  switch (packager_of(places, distribution)) {
    case Packager::apt:
      return fmt::format("apt install linux-image-{}", release);
    case Packager::dnf:
      return fmt::format("dnf install kernel-core-{} kernel-modules-{}", release, release);
    case Packager::zypper:
      return fmt::format("zypper install the kernel package of {}", release);
    case Packager::none:
      break;
  }
  return fmt::format("install the kernel {} with its modules", release);
}

}  // namespace kovet
