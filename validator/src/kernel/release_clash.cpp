#include "kernel/release_clash.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kernel/kernel_places.h"
#include "support/bytes.h"

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr const char* version_file = "include/generated/uapi/linux/version.h";

std::optional<int> number_behind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + name.size());
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && value >= 0 ? std::optional(value) : std::nullopt;
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view behind_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  return text;
}

/// "6.1.0-56-amd64": numbers that end in .0, the ABI's number, the flavour.
bool has_debian_abi(const std::string& release, const KernelVersion& version) {
  const std::string before = fmt::format("{}.{}.0-", version.major, version.minor);
  if (!release.starts_with(before)) return false;
  const std::string_view abi = std::string_view(release).substr(before.size());
  return abi.size() > behind_number(abi).size() && behind_number(abi).starts_with('-');
}

/// "6.1.192" or "6.1.192-rt53".
bool is_bare(std::string_view release, const KernelVersion& version) {
  const std::string numbers = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  if (!release.starts_with(numbers)) return false;
  release.remove_prefix(numbers.size());
  return release.empty() || (release.starts_with("-rt") && all_digits(release.substr(3)));
}

bool same_series(const KernelVersion& one, const KernelVersion& other) {
  return one.major == other.major && one.minor == other.minor;
}

std::string first_line(const fs::path& file) {
  const auto content = Bytes::map(file);
  if (!content) return {};
  const std::string_view text = (*content)->text();
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

std::optional<KernelVersion> headers_version(const fs::path& build_dir) {
  const auto content = Bytes::map(build_dir / version_file);
  if (!content) return std::nullopt;
  const std::string_view text = (*content)->text();
  const auto major = number_behind(text, "LINUX_VERSION_MAJOR ");
  const auto minor = number_behind(text, "LINUX_VERSION_PATCHLEVEL ");
  const auto patch = number_behind(text, "LINUX_VERSION_SUBLEVEL ");
  if (major && minor && patch) return KernelVersion{*major, *minor, *patch};
  const auto code = number_behind(text, "LINUX_VERSION_CODE ");
  if (!code) return std::nullopt;
  return KernelVersion{*code >> 16, (*code >> 8) & 0xff, *code & 0xff};
}

std::optional<ReleaseClash> release_clash(const fs::path& build_dir) {
  const auto stated = stated_release(build_dir);
  if (!stated || stated->file.filename() != "utsrelease.h") return std::nullopt;
  const std::string& release = stated->release;
  const auto version = KernelVersion::parse(release);
  const auto headers = headers_version(build_dir);
  const fs::path config_file = "include/config/kernel.release";
  const std::string configured = first_line(build_dir / config_file);
  if (!configured.empty() && configured != release) {
    const auto theirs = KernelVersion::parse(configured);
    const bool debian = version && theirs && same_series(*version, *theirs) &&
                        has_debian_abi(release, *version) && is_bare(configured, *theirs) &&
                        (!headers || *headers == *theirs || theirs->patch > 255);
    if (!debian) return ReleaseClash{stated->file, build_dir / config_file, release, configured};
  }
  if (version && headers && !same_series(*version, *headers))
    return ReleaseClash{stated->file, build_dir / version_file, release,
                        fmt::format("{}.{}.{}", headers->major, headers->minor, headers->patch)};
  return std::nullopt;
}

}  // namespace kovet
