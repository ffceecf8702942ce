#include "vm/boot_image.h"

#include <elf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "support/bytes.h"

namespace kovet::vm {

namespace {

namespace fs = std::filesystem;

template <class T>
std::optional<T> load(std::string_view bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::optional<std::string> first_word(std::string_view text) {
  const auto word = text.substr(0, text.find_first_of(std::string_view(" \0\n", 3)));
  if (word.empty() || word.size() > 64) return std::nullopt;  // __NEW_UTS_LEN
  return std::string(word);
}

/// Documentation/arch/x86/boot.rst: kernel_version at 0x20e points behind the boot sector.
std::optional<std::string> release_of_bzimage(std::string_view image) {
  const auto pointer = load<std::uint16_t>(image, 0x20e);
  constexpr std::size_t boot_sector = 0x200;
  if (!pointer || *pointer == 0 || *pointer + boot_sector >= image.size()) return std::nullopt;
  return first_word(image.substr(*pointer + boot_sector));
}

/// linux_banner of init/version-timestamp.c; the format strings beside it have no number there.
std::optional<std::string> release_of_vmlinux(std::string_view image) {
  constexpr std::string_view banner = "Linux version ";
  for (auto at = image.find(banner); at != std::string_view::npos;
       at = image.find(banner, at + 1)) {
    const auto rest = image.substr(at + banner.size());
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return first_word(rest);
  }
  return std::nullopt;
}

/// XEN_ELFNOTE_PHYS32_ENTRY, which QEMU enters a vmlinux by (include/xen/interface/elfnote.h).
bool has_pvh_entry(std::string_view image, const Elf64_Ehdr& header) {
  constexpr std::uint32_t phys32_entry = 18;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = load<Elf64_Phdr>(image, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment || segment->p_type != PT_NOTE || segment->p_offset > image.size()) continue;
    auto notes = image.substr(segment->p_offset, segment->p_filesz);
    while (const auto note = load<Elf64_Nhdr>(notes, 0)) {
      const auto aligned = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
      if (note->n_type == phys32_entry && notes.substr(sizeof *note, 3) == "Xen") return true;
      const auto size = sizeof *note + aligned(note->n_namesz) + aligned(note->n_descsz);
      notes.remove_prefix(std::min<std::uint64_t>(size, notes.size()));
    }
  }
  return false;
}

Error other_machine(const fs::path& file, std::string_view what) {
  return {file.string(), fmt::format("is {}; only x86-64 kernels can be booted here", what),
          "load the module on such a machine, or ask kovet check, which knows all of them"};
}

Result<BootImage> look_at_vmlinux(const fs::path& file, std::string_view image) {
  const auto header = load<Elf64_Ehdr>(image, 0);
  if (!header || header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
    return other_machine(file, "an ELF file of another machine");
  if (header->e_type != ET_EXEC || header->e_phnum == 0)
    return Error{file.string(), "is an ELF file but no kernel", "name a vmlinuz or vmlinux"};
  if (!has_pvh_entry(image, *header))
    return Error{file.string(), "is a kernel without CONFIG_PVH, which QEMU cannot enter",
                 "name the vmlinuz made of it (arch/x86/boot/bzImage) with --image"};
  return BootImage{file.string(), release_of_vmlinux(image)};
}

Result<BootImage> look_at(const fs::path& file) {
  const auto content = Bytes::map(file);
  if (!content) return content.error();
  // Documentation/arch/x86/boot.rst: "HdrS" at 0x202, xloadflags at 0x236, bit 0: 64-bit entry.
  constexpr std::size_t magic_at = 0x202, flags_at = 0x236, arm64_magic_at = 56;
  const auto text = (*content)->text();
  if (text.size() > flags_at && text.substr(magic_at, 4) == "HdrS") {
    if (!(text[flags_at] & 1)) return other_machine(file, "a 32-bit kernel");
    return BootImage{file.string(), release_of_bzimage(text)};
  }
  if (text.size() > arm64_magic_at && text.substr(arm64_magic_at, 4) == "ARM\x64")
    return other_machine(file, "an arm64 kernel");
  if (text.starts_with(ELFMAG)) return look_at_vmlinux(file, text);
  return Error{file.string(), "is no x86-64 kernel image, and others cannot be booted here",
               "name a vmlinuz or vmlinux with --image"};
}

std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code code;
  for (const auto& place : {folder, folder / "boot"})
    for (fs::directory_iterator at(place, code), end; !code && at != end; at.increment(code)) {
      const auto name = at->path().filename().string();
      if (at->is_regular_file(code) && (name == "vmlinuz" || name.starts_with("vmlinuz-")))
        found.push_back(at->path());
    }
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<BootImage> find_boot_image(const fs::path& named,
                                  const std::optional<std::string>& release) {
  std::error_code code;
  if (!fs::is_directory(named, code)) return look_at(named);
  auto found = images_in(named);
  if (release && found.size() > 1)
    std::erase_if(found,
                  [&](const auto& file) { return file.filename() != "vmlinuz-" + *release; });
  if (found.size() == 1) return look_at(found.front());
  if (found.empty())
    return Error{named.string(),
                 release ? "has no vmlinuz-" + *release + ", also not in boot/"
                         : std::string("has no vmlinuz, also not in boot/"),
                 "name the image itself with --image"};
  std::vector<std::string> names;
  for (const auto& file : found) names.push_back(file.filename());
  return Error{named.string(), fmt::format("has several images: {}", fmt::join(names, ", ")),
               "name one of them with --image"};
}

}  // namespace kovet::vm
