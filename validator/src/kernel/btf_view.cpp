#include "kernel/btf_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace kovet {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_char(char c, bool first) {
  return is_letter(c) || c == '_' || c == '.' || (!first && c >= '0' && c <= '9');
}

void describe_arguments(const BtfView& view, const BtfType& type, std::uint64_t at,
                        std::vector<std::string>& pieces) {
  pieces.push_back(fmt::format("return={} args=(", type.size));
  const std::uint32_t count = type.count();
  const auto argument = [&](std::uint32_t i) {
    return fmt::format("{} {}", view.u32(at + 16 + 8 * i),
                       view.shown_name(view.u32(at + 12 + 8 * i)));
  };
  const auto is_vararg = [&](std::uint32_t i) { return view.u32(at + 16 + 8 * i) == 0; };
  if (count == 0) {
    pieces.emplace_back("void");
  } else if (count == 1 && is_vararg(0)) {
    pieces.emplace_back("vararg");
  } else {
    pieces.push_back(argument(0));
    for (std::uint32_t i = 1; i + 1 < count; ++i) pieces.push_back(", " + argument(i));
    if (count > 1) pieces.push_back(is_vararg(count - 1) ? ", vararg" : ", " + argument(count - 1));
  }
  pieces.emplace_back(")");
}

std::string describe_int(const BtfType& type, std::uint32_t data) {
  const std::uint32_t encoding = BTF_INT_ENCODING(data);
  const std::string_view name = encoding == 0                ? "(none)"
                                : encoding == BTF_INT_SIGNED ? "SIGNED"
                                : encoding == BTF_INT_CHAR   ? "CHAR"
                                : encoding == BTF_INT_BOOL   ? "BOOL"
                                                             : "UNKN";
  return fmt::format("size={} bits_offset={} nr_bits={} encoding={}", type.size,
                     BTF_INT_OFFSET(data), BTF_INT_BITS(data), name);
}

}  // namespace

std::uint32_t BtfView::u32(std::uint64_t at) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto byte = std::to_integer<std::uint32_t>(btf_[at + i]);
    value |= byte << 8 * (big_endian_ ? 3 - i : i);
  }
  return value;
}

std::optional<std::string_view> BtfView::rest_at(std::uint32_t offset) const {
  if (offset > max_btf_name_offset) return std::nullopt;
  std::span<const std::byte> names = base_->names;
  std::uint64_t at = offset;
  if (at >= names.size()) {
    at -= names.size();
    names = names_;
  }
  if (at >= names.size()) return std::nullopt;
  const char* start = reinterpret_cast<const char*>(names.data()) + at;
  return std::string_view(start, names.size() - at);
}

std::optional<std::string_view> BtfView::name_at(std::uint32_t offset) const {
  const auto rest = rest_at(offset);
  if (!rest) return std::nullopt;
  return rest->substr(0, rest->find('\0'));
}

std::optional<std::string_view> BtfView::short_name_at(std::uint32_t offset) const {
  const auto rest = rest_at(offset);
  if (!rest) return std::nullopt;
  const std::string_view start = rest->substr(0, longest_btf_name + 1);
  const std::string_view name = start.substr(0, start.find('\0'));
  if (name.size() > longest_btf_name) return std::nullopt;
  return name;
}

bool BtfView::is_empty_name(std::uint32_t offset) const {
  const auto rest = rest_at(offset);
  return !rest || rest->empty() || rest->front() == '\0';
}

bool BtfView::is_identifier(std::uint32_t offset) const {
  const std::string_view name = short_name_at(offset).value_or("");
  return !name.empty() && is_name_char(name[0], true) &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return is_name_char(c, false); });
}

bool BtfView::is_section_name(std::uint32_t offset, bool any) const {
  if (!any) return is_identifier(offset);
  const std::string_view name = short_name_at(offset).value_or("");
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string BtfView::shown_name(std::uint32_t offset) const {
  if (offset == 0) return "(anon)";
  const auto name = name_at(offset);
  return name ? std::string(*name) : std::string("(invalid-name-offset)");
}

std::vector<std::string> describe_btf_type(const BtfView& view, const BtfType& type,
                                           std::uint64_t at) {
  const auto word = [&](std::uint32_t index) { return view.u32(at + 12 + 4 * index); };
  std::vector<std::string> pieces;
  switch (type.kind()) {
    case BTF_KIND_INT:
      return {describe_int(type, word(0))};
    case BTF_KIND_FWD:
      return {type.flag() ? "union" : "struct"};
    case BTF_KIND_ARRAY:
      return {fmt::format("type_id={} index_type_id={} nr_elems={}", word(0), word(1), word(2))};
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_DATASEC:
      return {fmt::format("size={} vlen={}", type.size, type.count())};
    case BTF_KIND_FUNC_PROTO:
      describe_arguments(view, type, at, pieces);
      return pieces;
    case BTF_KIND_VAR:
      return {fmt::format("type_id={} linkage={}", type.size, word(0))};
    case BTF_KIND_FLOAT:
      return {fmt::format("size={}", type.size)};
    case BTF_KIND_DECL_TAG:
      return {
          fmt::format("type={} component_idx={}", type.size, static_cast<std::int32_t>(word(0)))};
    default:
      return {fmt::format("type_id={}", type.size)};
  }
}

}  // namespace kovet
