#include "kernel/kernel_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/image_payload.h"
#include "module/elf_image.h"

namespace kovet {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t smallest_elf = 64;

/// Whether raw BTF with types and strings begins here; its whole size if so.
std::optional<std::size_t> btf_size_at(std::span<const std::byte> image, std::size_t at) {
  constexpr std::uint32_t header_size = 24;
  const auto number = [&](std::size_t offset) { return little_endian(image, at + offset, 4); };
  const std::uint64_t types_at = number(8), types_size = number(12), names_at = number(16),
                      names_size = number(20);
  if (types_at != 0 || types_size == 0 || names_at != types_size || names_size < 2)
    return std::nullopt;
  const std::uint64_t whole = header_size + types_size + names_size;
  if (at > image.size() || whole > image.size() - at) return std::nullopt;
  const auto names = image.subspan(at + header_size + types_size, names_size);
  if (names.front() != std::byte{0} || names.back() != std::byte{0}) return std::nullopt;
  return whole;
}

bool is_vermagic_word(std::string_view word) {
  constexpr std::array<std::string_view, 11> words{
      "SMP",   "preempt", "preempt_rt", "mod_unload",  "modversions",    "aarch64",
      "riscv", "thumb2",  "p2v8",       "relocatable", "mprofile-kernel"};
  return std::find(words.begin(), words.end(), word) != words.end() ||
         word == "patchable-function-entry" || word.starts_with("RANDSTRUCT_") ||
         word.starts_with("ARMv") || word == "686" || word == "586" || word == "aarch64" ||
         word.starts_with("MIPS") || word == "CPU_BIG_ENDIAN" || word == "64BIT" || word == "32BIT";
}

bool is_vermagic(std::string_view text) {
  bool unload_or_smp = false;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (!is_vermagic_word(word)) return false;
    unload_or_smp = unload_or_smp || word == "mod_unload" || word == "SMP";
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return unload_or_smp;
}

}  // namespace

Result<KernelImage> KernelImage::open(std::shared_ptr<const Bytes> content,
                                      const std::string& name) {
  auto unpacked = unpack_image(std::move(content), name);
  if (!unpacked) return unpacked.error();
  KernelImage image;
  image.bytes_ = std::move(*unpacked);
  const auto bytes = image.bytes_->span();
  if (bytes.size() < smallest_elf || !is_elf(bytes)) return image;
  const ElfLayout layout = detect_layout(bytes);
  const ElfHeader header = read_header(bytes, layout);
  image.sections_ = read_sections(bytes, header, layout);
  image.arch_ = arch_from_elf(header.machine, layout.is_64_bit);
  image.is_64_bit_ = layout.is_64_bit;
  image.big_endian_ = layout.big_endian;
  return image;
}

Result<KernelImage> KernelImage::open(const std::filesystem::path& file) {
  auto content = Bytes::map(file);
  if (!content) return content.error();
  return open(std::move(*content), file.string());
}

const Section* KernelImage::section(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const Section& section) { return section.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

std::span<const std::byte> KernelImage::btf() const {
  if (const Section* found = section(".BTF")) return found->bytes;
  if (!sections_.empty()) return {};
  constexpr std::string_view start = "\x9f\xeb\x01\x00\x18\x00\x00\x00"sv;  // little endian only
  const std::string_view text = text_of(bytes());
  for (std::size_t at = text.find(start); at != std::string_view::npos;
       at = text.find(start, at + 1)) {
    if (const auto size = btf_size_at(bytes(), at)) return bytes().subspan(at, *size);
  }
  return {};
}

std::shared_ptr<const Bytes> KernelImage::configuration() const {
  constexpr std::string_view start = "IKCFG_ST\x1f\x8b\x08"sv, end = "IKCFG_ED"sv;
  const std::string_view text = text_of(bytes());
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return nullptr;
  const std::size_t from = at + 8, to = text.find(end, from);
  if (to == std::string_view::npos) return nullptr;
  auto plain = decompress(Bytes::copy(text.substr(from, to - from)), "IKCONFIG");
  return plain ? std::move(*plain) : nullptr;
}

std::optional<std::string> KernelImage::vermagic(std::string_view release) const {
  if (release.empty()) return std::nullopt;
  std::string wanted(1, '\0');
  wanted.append(release).push_back(' ');
  const std::string_view text = text_of(bytes());
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + 1)) {
    const std::string_view rest = text.substr(at + 1, 512);
    const std::string_view found = rest.substr(0, rest.find('\0'));
    if (is_vermagic(found.substr(release.size() + 1))) return std::string(found);
  }
  return std::nullopt;
}

std::string_view KernelImage::string_at_address(std::uint64_t address) const {
  for (const Section& section : sections_) {
    if (section.addr == 0 || address < section.addr || address - section.addr >= section.size)
      continue;
    return string_at(section.bytes, address - section.addr);
  }
  return {};
}

std::optional<std::set<std::string>> KernelImage::sysfs_modules() const {
  const Section* parameters = section("__param");
  if (!parameters) return std::nullopt;
  const ElfLayout layout{.is_64_bit = is_64_bit_, .big_endian = big_endian_};
  const std::size_t word = layout.word(), entry_size = word == 8 ? 40 : 20;
  std::set<std::string> names;
  std::size_t unnamed = 0;
  const auto bytes = parameters->bytes;
  for (std::size_t at = 0; at + entry_size <= bytes.size(); at += entry_size) {
    const std::string_view name = string_at_address(layout.unsigned_long(bytes.data() + at));
    if (name.empty()) ++unnamed;
    const std::uint32_t permissions = layout.u32(bytes.data() + at + 3 * word);
    const bool visible = (layout.big_endian ? permissions >> 16 : permissions & 0xffff) != 0;
    if (!visible) continue;
    const std::size_t dot = name.find('.');
    names.emplace(dot == std::string_view::npos ? "kernel" : name.substr(0, dot));
  }
  if (unnamed != 0) return std::nullopt;  // pointers that only relocation fills in
  // struct module_version_attribute: struct module_attribute (five words and a mode), then two
  // pointers, the first to the module's name.
  if (const Section* versions = section("__modver")) {
    const std::size_t attribute = 9 * word;
    for (std::size_t at = 0; at + attribute <= versions->bytes.size(); at += attribute) {
      const auto name = string_at_address(
          layout.unsigned_long(versions->bytes.data() + at + attribute - 2 * word));
      if (!name.empty()) names.emplace(name);
    }
  }
  return names;
}

}  // namespace kovet
