#include "kernel/btf.h"

#include <fmt/format.h>
#include <linux/btf.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <vector>

#include "module/elf_image.h"
#include "support/bytes.h"

// One struct is looked for, mostly among the first few hundred of 150,000 types. libbpf copies and
// checks all of them first (15 ms for a Debian kernel), more than a whole check may take.

namespace kovet {

namespace {

constexpr std::uint16_t magic = 0xeb9f;
constexpr std::size_t max_raw_size = std::size_t{64} << 20;

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, bool swapped) : bytes_(bytes), swapped_(swapped) {}

  bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  /// A u32 inside the bytes; the caller has asked holds().
  std::uint32_t u32(std::uint64_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  std::uint64_t size() const { return bytes_.size(); }
  std::span<const std::byte> part(std::uint64_t offset, std::uint64_t size) const {
    return bytes_.subspan(offset, size);
  }

 private:
  std::span<const std::byte> bytes_;
  bool swapped_;
};

/// Bytes that follow a type's first twelve; nothing for a kind this code does not know.
std::optional<std::uint64_t> tail_size(std::uint32_t kind, std::uint32_t count) {
  switch (kind) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
      return 0;
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return 4;
    case BTF_KIND_ARRAY:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case BTF_KIND_ENUM64:
      return kind == BTF_KIND_ARRAY ? 12 : std::uint64_t{12} * count;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
      return std::uint64_t{8} * count;
    default:
      return std::nullopt;
  }
}

/// The two parts of raw BTF.
struct Parts {
  Reader types;
  std::span<const std::byte> names;
};

/// Nothing when it is damaged.
std::optional<Parts> parts_of(std::span<const std::byte> btf) {
  constexpr std::size_t header_size = 24;
  if (btf.size() < header_size) return std::nullopt;
  std::uint16_t mark = 0;
  std::memcpy(&mark, btf.data(), sizeof mark);
  const bool swapped = mark == __builtin_bswap16(magic);
  if (mark != magic && !swapped) return std::nullopt;
  const Reader header(btf, swapped);
  const std::uint64_t start = header.u32(4);
  const std::uint64_t types_at = start + header.u32(8), types_size = header.u32(12);
  const std::uint64_t names_at = start + header.u32(16), names_size = header.u32(20);
  if (!header.holds(types_at, types_size) || !header.holds(names_at, names_size))
    return std::nullopt;
  return Parts{Reader(header.part(types_at, types_size), swapped),
               header.part(names_at, names_size)};
}

}  // namespace

namespace {

bool is_composite(std::uint32_t kind) {
  return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

bool may_be_meant(std::uint32_t kind) {
  return is_composite(kind) || kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT ||
         kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64 || kind == BTF_KIND_FWD;
}

/// Of types that are known to be whole. Nothing when a name is none.
std::optional<std::vector<BtfNamedType>> named_types(const Parts& parts) {
  constexpr std::size_t longest_name = 512;  // KSYM_NAME_LEN
  const Reader& types = parts.types;
  std::vector<BtfNamedType> named;
  std::vector<std::uint8_t> composites(parts.names.size());  // of a name: none, one, more
  std::uint32_t id = 0;
  for (std::uint64_t at = 0; at < types.size();) {
    ++id;
    const std::uint32_t name = types.u32(at), info = types.u32(at + 4), size = types.u32(at + 8);
    const std::uint32_t kind = BTF_INFO_KIND(info);
    if (name != 0 && may_be_meant(kind)) {
      if (name >= parts.names.size()) return std::nullopt;
      const auto rest = parts.names.subspan(name);
      const void* end = std::memchr(rest.data(), 0, std::min(rest.size(), longest_name + 1));
      if (!end) return std::nullopt;
      const auto length = static_cast<const std::byte*>(end) - rest.data();
      const std::uint32_t data = kind == BTF_KIND_INT ? types.u32(at + 12) : 0;
      named.push_back({.id = id,
                       .name = name,
                       .size = size,
                       .name_length = static_cast<std::uint16_t>(length),
                       .kind = static_cast<std::uint8_t>(kind),
                       .encoding = static_cast<std::uint8_t>(BTF_INT_ENCODING(data)),
                       .flag = BTF_INFO_KFLAG(info) != 0});
      if (is_composite(kind) && composites[name] < 2) ++composites[name];
    }
    at += 12 + tail_size(kind, BTF_INFO_VLEN(info)).value_or(0);
  }
  for (BtfNamedType& type : named)
    type.ambiguous = is_composite(type.kind) && composites[type.name] > 1;
  return named;
}

}  // namespace

std::optional<std::uint64_t> btf_struct_size(std::span<const std::byte> btf,
                                             std::string_view name) {
  const auto parts = parts_of(btf);
  if (!parts) return std::nullopt;
  const Reader& types = parts->types;
  for (std::uint64_t at = 0; types.holds(at, 12);) {
    const std::uint32_t info = types.u32(at + 4);
    const std::uint32_t kind = BTF_INFO_KIND(info);
    if (kind == BTF_KIND_STRUCT && string_at(parts->names, types.u32(at)) == name)
      return types.u32(at + 8);
    const auto tail = tail_size(kind, BTF_INFO_VLEN(info));
    if (!tail) return std::nullopt;
    at += 12 + *tail;
  }
  return std::nullopt;
}

std::optional<BtfBase> read_btf_base(std::span<const std::byte> btf, std::string origin,
                                     BtfReading reading) {
  const auto parts = parts_of(btf);
  if (!parts) return std::nullopt;
  const Reader& types = parts->types;
  BtfBase base;
  base.origin = std::move(origin);
  base.types = 1;
  std::uint64_t at = 0;
  while (types.holds(at, 12)) {
    const std::uint32_t info = types.u32(at + 4);
    const auto tail = tail_size(BTF_INFO_KIND(info), BTF_INFO_VLEN(info));
    if (!tail) return std::nullopt;
    at += 12 + *tail;
    ++base.types;
  }
  if (at != types.size()) return std::nullopt;
  base.names.assign(parts->names.begin(), parts->names.end());
  if (reading == BtfReading::frame) return base;
  base.named = named_types(*parts);
  if (!base.named) return std::nullopt;
  return base;
}

namespace {

/// sysfs files cannot always be mapped.
Result<std::vector<std::byte>> read_raw(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::byte> content;
  std::vector<char> chunk(std::size_t{1} << 20);
  while (in && content.size() < max_raw_size) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto* first = reinterpret_cast<const std::byte*>(chunk.data());
    content.insert(content.end(), first, first + in.gcount());
  }
  if (content.empty()) return Error{file.string(), "cannot be read"};
  return content;
}

std::span<const std::byte> btf_section(std::span<const std::byte> elf) {
  constexpr std::size_t smallest_header = 52;
  if (elf.size() < smallest_header || std::memcmp(elf.data(), "\177ELF", 4) != 0) return {};
  const ElfLayout layout = detect_layout(elf);
  if (layout.is_64_bit && elf.size() < 64) return {};
  for (const Section& section : read_sections(elf, read_header(elf, layout), layout))
    if (section.name == ".BTF") return section.bytes;
  return {};
}

}  // namespace

Result<std::uint64_t> btf_struct_size(const std::filesystem::path& file, std::string_view name) {
  std::optional<std::uint64_t> size;
  if (const auto mapped = Bytes::map(file); mapped && (*mapped)->size() > 0) {
    const std::span<const std::byte> elf = btf_section((*mapped)->span());
    size = btf_struct_size(elf.empty() ? (*mapped)->span() : elf, name);
  } else {
    const auto raw = read_raw(file);
    if (!raw) return raw.error();
    size = btf_struct_size(*raw, name);
  }
  if (size) return *size;
  return Error{file.string(), fmt::format("has no BTF that describes struct {}", name)};
}

Result<BtfBase> read_btf_base(const std::filesystem::path& file, BtfReading reading) {
  std::optional<BtfBase> base;
  if (const auto mapped = Bytes::map(file); mapped && (*mapped)->size() > 0) {
    const std::span<const std::byte> elf = btf_section((*mapped)->span());
    base = read_btf_base(elf.empty() ? (*mapped)->span() : elf, file.string(), reading);
  } else {
    const auto raw = read_raw(file);
    if (!raw) return raw.error();
    base = read_btf_base(*raw, file.string(), reading);
  }
  if (base) return std::move(*base);
  return Error{file.string(), "has no BTF"};
}

}  // namespace kovet
