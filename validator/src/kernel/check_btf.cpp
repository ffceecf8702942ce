#include "kernel/checked_btf.h"

#include <fmt/format.h>
#include <linux/btf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <optional>

// libbpf checks BTF too, but other things than the kernel does, and without its lines. The kernel
// checks a module's types one by one (CHECK_META) and does not follow references between them, so
// that of its own BTF only the strings and the number of types matter.

namespace kovet {

namespace {

constexpr int enotsupp = 524;  // the kernel's own, not ENOTSUP
constexpr std::uint32_t max_type = 0x000fffff;
constexpr std::uint32_t info_mask = 0x9f00ffff, int_mask = 0x0fffffff;
constexpr std::uint32_t header_size = 24;
const BtfBase nothing_below{.origin = {}, .names = {}, .types = 1};  // void is there

bool is_modifier(std::uint32_t kind) {
  return kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_VOLATILE || kind == BTF_KIND_CONST ||
         kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

class Checker {
 public:
  Checker(std::span<const std::byte> btf, bool big_endian, const BtfBase* base,
          bool any_section_name)
      : btf_(btf),
        big_endian_(big_endian),
        base_(base),
        any_section_name_(any_section_name),
        view_(btf, big_endian, base) {}
  /// Of a base that nothing lies below.
  Checker(std::span<const std::byte> btf, bool big_endian, bool any_section_name)
      : Checker(btf, big_endian, &nothing_below, any_section_name) {
    alone_ = true;
  }
  /// Of BTF that builds on such a base.
  Checker(std::span<const std::byte> btf, bool big_endian, const BtfBase& base,
          std::span<const CheckedBtf::Type> below, bool any_section_name)
      : Checker(btf, big_endian, &base, any_section_name) {
    below_ = below;
  }

  CheckedBtf run() {
    const int error = check();
    if (error != 0) answer_.complete = true;
    answer_.error = error;
    return {std::move(answer_), view_, names_, base_ ? base_->types : 0, std::move(types_)};
  }

 private:
  int check() {
    if (const int error = check_header(); error != 0) return error;
    if (const int error = check_strings(); error != 0) return error;
    if (!base_) return 0;
    answer_.complete = true;
    if (const int error = check_types(); error != 0) return error;
    return check_type_tags();
  }

  /// pr_err() of one piece; the kernel ends each with a line's end of its own.
  void say(std::string_view text, bool about_type = false) {
    answer_.log.push_back({fmt::format("BPF: {}", text), about_type && !alone_});
  }
  int refuse(std::string_view text, int error = EINVAL) {
    say(text);
    return error;
  }

  int check_header() {
    if (btf_.size() < 8) return refuse("hdr_len not found");
    const std::uint32_t length = view_.u32(4);
    if (btf_.size() < length) return refuse("btf_header not found");
    for (std::uint64_t at = header_size; at < length; ++at)
      if (btf_[at] != std::byte{0}) return refuse("Unsupported btf_header", E2BIG);
    // A short header leaves the rest of the kernel's copy zero.
    std::array<std::byte, header_size> copy{};
    std::copy_n(btf_.begin(), std::min(length, header_size), copy.begin());
    const BtfView header(copy, big_endian_, nullptr);
    const auto field = [&](std::uint32_t at) { return header.u32(at); };
    const std::uint32_t first = field(0);
    const std::uint32_t magic = big_endian_ ? first >> 16 : first & 0xffff;
    const std::uint32_t version = (big_endian_ ? first >> 8 : first >> 16) & 0xff;
    const std::uint32_t flags = (big_endian_ ? first : first >> 24) & 0xff;
    if (magic != BTF_MAGIC) return refuse("Invalid magic");
    if (version != BTF_VERSION) return refuse("Unsupported version", enotsupp);
    if (flags != 0) return refuse("Unsupported flags", enotsupp);
    if (alone_ && btf_.size() == length) return refuse("No data");
    header_length_ = length;
    type_part_ = {field(8), field(12)};
    strings_ = {field(16), field(20)};
    return check_parts(btf_.size() - length);
  }

  struct Part {
    std::uint32_t offset = 0, length = 0;
  };

  int check_parts(std::uint64_t whole) {
    std::array<Part, 2> parts{type_part_, strings_};
    // The kernel compares the differences as signed numbers.
    const auto offsets = static_cast<std::int32_t>(type_part_.offset - strings_.offset);
    const auto lengths = static_cast<std::int32_t>(type_part_.length - strings_.length);
    if (offsets > 0 || (offsets == 0 && lengths > 0)) std::swap(parts[0], parts[1]);
    std::uint64_t total = 0;
    for (const Part& part : parts) {
      if (whole < part.offset) return refuse("Invalid section offset");
      if (total < part.offset) return refuse("Unsupported section found");
      if (total > part.offset) return refuse("Section overlap found");
      if (whole - total < part.length) return refuse("Total section length too long");
      total += part.length;
    }
    return whole == total ? 0 : refuse("Unsupported section found");
  }

  int check_strings() {
    const std::uint64_t start = std::uint64_t{header_length_} + strings_.offset;
    if (start + strings_.length != btf_.size()) return refuse("String section is not at the end");
    names_ = btf_.subspan(start, strings_.length);
    view_.set_names(names_);
    if (names_.empty() && !alone_) return 0;
    if (names_.empty() || strings_.length - 1 > max_btf_name_offset ||
        names_.back() != std::byte{0} || (alone_ && names_.front() != std::byte{0}))
      return refuse("Invalid string section");
    return 0;
  }

  int check_types() {
    id_ = base_->types;
    std::uint64_t at = header_length_ + std::uint64_t{type_part_.offset};
    const std::uint64_t end = at + type_part_.length;
    while (at < end) {
      if (types_.size() >= max_type - 1) {
        answer_.wild = "it has more types than there can be";
        return EINVAL;
      }
      const auto size = check_type(at, end - at);
      if (!size) return error_;
      at += *size;
      ++id_;
    }
    return 0;
  }

  std::nullopt_t stop(int error) {
    error_ = error;
    return std::nullopt;
  }

  /// __btf_verifier_log_type(): in pieces, each a line of its own.
  std::nullopt_t bad_type(const BtfType& type, std::string_view what, int error = EINVAL,
                          bool details = true) {
    say(fmt::format("[{}] {} {}{}", id_, btf_kind_names[type.kind()], view_.shown_name(type.name),
                    details ? " " : ""),
        true);
    if (details)
      for (const std::string& piece : describe_btf_type(view_, type, at_)) say(piece, true);
    say(" ", true);
    say(what, true);
    say("", true);
    return stop(error);
  }

  std::optional<std::uint64_t> check_type(std::uint64_t at, std::uint64_t left) {
    at_ = at;
    if (left < 12) return stop(refuse(fmt::format("[{}] meta_left:{} meta_needed:12", id_, left)));
    const BtfType type{view_.u32(at), view_.u32(at + 4), view_.u32(at + 8)};
    if (type.info & ~info_mask)
      return stop(refuse(fmt::format("[{}] Invalid btf_info:{:x}", id_, type.info)));
    if (type.kind() >= btf_kind_names.size() || type.kind() == BTF_KIND_UNKN)
      return stop(refuse(fmt::format("[{}] Invalid kind:{}", id_, type.kind())));
    if (!view_.has_name(type.name))
      return stop(refuse(fmt::format("[{}] Invalid name_offset:{}", id_, type.name)));
    const std::uint64_t needed = needed_by(type);
    if (left - 12 < needed)
      return bad_type(type, fmt::format("meta_left:{} meta_needed:{}", left - 12, needed), EINVAL,
                      false);
    types_.push_back({at, type.kind(), type.size});
    if (!check_kind(type)) return std::nullopt;
    return 12 + needed;
  }

  static std::uint64_t needed_by(const BtfType& type) {
    switch (type.kind()) {
      case BTF_KIND_INT:
      case BTF_KIND_VAR:
      case BTF_KIND_DECL_TAG:
        return 4;
      case BTF_KIND_ARRAY:
        return 12;
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
      case BTF_KIND_DATASEC:
      case BTF_KIND_ENUM64:
        return std::uint64_t{12} * type.count();
      case BTF_KIND_ENUM:
      case BTF_KIND_FUNC_PROTO:
        return std::uint64_t{8} * type.count();
      default:
        return 0;
    }
  }

  using Checked = std::optional<bool>;

  Checked no_count(const BtfType& type) {
    return type.count() == 0 ? Checked(true) : bad_type(type, "vlen != 0");
  }
  Checked no_flag(const BtfType& type) {
    return type.flag() ? bad_type(type, "Invalid btf_info kind_flag") : Checked(true);
  }
  Checked valid_name(const BtfType& type, bool may_be_empty) {
    if (type.name == 0 ? may_be_empty : view_.is_identifier(type.name)) return true;
    return bad_type(type, "Invalid name");
  }

  Checked check_kind(const BtfType& type) {
    switch (type.kind()) {
      case BTF_KIND_INT:
        return check_int(type);
      case BTF_KIND_ARRAY:
        return check_array(type);
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        return check_struct(type);
      case BTF_KIND_ENUM:
        return check_enum(type, 8);
      case BTF_KIND_ENUM64:
        return check_enum(type, 12);
      case BTF_KIND_FWD:
        if (!no_count(type)) return std::nullopt;
        if (type.size != 0) return bad_type(type, "type != 0");
        return valid_name(type, false);
      case BTF_KIND_FUNC:
        if (!valid_name(type, false)) return std::nullopt;
        if (type.count() > BTF_FUNC_GLOBAL) return bad_type(type, "Invalid func linkage");
        return no_flag(type);
      case BTF_KIND_FUNC_PROTO:
        if (type.name != 0) return bad_type(type, "Invalid name");
        return no_flag(type);
      case BTF_KIND_VAR:
        return check_variable(type);
      case BTF_KIND_DATASEC:
        return check_data_section(type);
      case BTF_KIND_FLOAT: {
        if (!no_count(type) || !no_flag(type)) return std::nullopt;
        constexpr std::array<std::uint32_t, 5> sizes{2, 4, 8, 12, 16};
        const bool good = std::find(sizes.begin(), sizes.end(), type.size) != sizes.end();
        return good ? Checked(true) : bad_type(type, "Invalid type_size");
      }
      case BTF_KIND_DECL_TAG:
        if (view_.is_empty_name(type.name)) return bad_type(type, "Invalid value");
        if (!no_count(type) || !no_flag(type)) return std::nullopt;
        if (static_cast<std::int32_t>(view_.u32(at_ + 12)) < -1)
          return bad_type(type, "Invalid component_idx");
        return true;
      default:
        return check_reference(type);
    }
  }

  Checked check_reference(const BtfType& type) {
    if (!no_count(type) || !no_flag(type)) return std::nullopt;
    if (type.size > max_type) return bad_type(type, "Invalid type_id");
    if (type.kind() == BTF_KIND_TYPEDEF) return valid_name(type, false);
    if (type.kind() == BTF_KIND_TYPE_TAG) {
      const bool named = !view_.is_empty_name(type.name);
      return named ? Checked(true) : bad_type(type, "Invalid name");
    }
    return type.name == 0 ? Checked(true) : bad_type(type, "Invalid name");
  }

  Checked check_int(const BtfType& type) {
    if (!no_count(type) || !no_flag(type)) return std::nullopt;
    const std::uint32_t data = view_.u32(at_ + 12);
    if (data & ~int_mask)
      return bad_type(type, fmt::format("Invalid int_data:{:x}", data), EINVAL, false);
    const std::uint32_t bits = BTF_INT_BITS(data) + BTF_INT_OFFSET(data);
    if (bits > 128) return bad_type(type, "nr_bits exceeds 128");
    if ((bits + 7) / 8 > type.size) return bad_type(type, "nr_bits exceeds type_size");
    const std::uint32_t encoding = BTF_INT_ENCODING(data);
    if (encoding != 0 && encoding != BTF_INT_SIGNED && encoding != BTF_INT_CHAR &&
        encoding != BTF_INT_BOOL)
      return bad_type(type, "Unsupported encoding", enotsupp);
    return true;
  }

  Checked check_array(const BtfType& type) {
    if (type.name != 0) return bad_type(type, "Invalid name");
    if (!no_count(type) || !no_flag(type)) return std::nullopt;
    if (type.size != 0) return bad_type(type, "size != 0");
    const std::uint32_t element = view_.u32(at_ + 12), index = view_.u32(at_ + 16);
    if (element == 0 || element > max_type) return bad_type(type, "Invalid elem");
    if (index == 0 || index > max_type) return bad_type(type, "Invalid index");
    return true;
  }

  Checked bad_member(const BtfType& type, std::uint64_t at, std::string_view what) {
    const std::uint32_t offset = view_.u32(at + 8);
    if (type.flag())
      say(fmt::format("\t{} type_id={} bitfield_size={} bits_offset={}",
                      view_.shown_name(view_.u32(at)), view_.u32(at + 4),
                      BTF_MEMBER_BITFIELD_SIZE(offset), BTF_MEMBER_BIT_OFFSET(offset)),
          true);
    else
      say(fmt::format("\t{} type_id={} bits_offset={}", view_.shown_name(view_.u32(at)),
                      view_.u32(at + 4), offset),
          true);
    say(" ", true);
    say(what, true);
    say("", true);
    return stop(EINVAL);
  }

  Checked check_struct(const BtfType& type) {
    if (!valid_name(type, true)) return std::nullopt;
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < type.count(); ++i) {
      const std::uint64_t at = at_ + 12 + std::uint64_t{12} * i;
      const std::uint32_t name = view_.u32(at), id = view_.u32(at + 4);
      if (!view_.has_name(name))
        return bad_member(type, at, fmt::format("Invalid member name_offset:{}", name));
      if (name != 0 && !view_.is_identifier(name)) return bad_member(type, at, "Invalid name");
      if (id == 0 || id > max_type) return bad_member(type, at, "Invalid type_id");
      const std::uint32_t offset =
          type.flag() ? BTF_MEMBER_BIT_OFFSET(view_.u32(at + 8)) : view_.u32(at + 8);
      if ((type.kind() == BTF_KIND_UNION && offset != 0) || last > offset)
        return bad_member(type, at, "Invalid member bits_offset");
      if ((std::uint64_t{offset} + 7) / 8 > type.size)
        return bad_member(type, at, "Member bits_offset exceeds its struct size");
      last = offset;
    }
    return true;
  }

  Checked check_enum(const BtfType& type, std::uint64_t entry_size) {
    if (type.size > 8 || !std::has_single_bit(type.size)) return bad_type(type, "Unexpected size");
    if (!valid_name(type, true)) return std::nullopt;
    for (std::uint32_t i = 0; i < type.count(); ++i) {
      const std::uint32_t name = view_.u32(at_ + 12 + entry_size * i);
      if (!view_.has_name(name)) return stop(refuse(fmt::format("\tInvalid name_offset:{}", name)));
      if (name == 0 || !view_.is_identifier(name)) return bad_type(type, "Invalid name");
    }
    return true;
  }

  Checked check_variable(const BtfType& type) {
    if (!no_count(type) || !no_flag(type) || !valid_name(type, false)) return std::nullopt;
    if (type.size == 0 || type.size > max_type) return bad_type(type, "Invalid type_id");
    const std::uint32_t linkage = view_.u32(at_ + 12);
    if (linkage != BTF_VAR_STATIC && linkage != BTF_VAR_GLOBAL_ALLOCATED)
      return bad_type(type, "Linkage not supported");
    return true;
  }

  Checked check_data_section(const BtfType& type) {
    if (type.size == 0) return bad_type(type, "size == 0");
    if (!no_flag(type)) return std::nullopt;
    if (type.name == 0 || !view_.is_section_name(type.name, any_section_name_))
      return bad_type(type, "Invalid name");
    std::uint64_t last_end = 0, sum = 0;
    for (std::uint32_t i = 0; i < type.count(); ++i) {
      const std::uint64_t at = at_ + 12 + std::uint64_t{12} * i;
      const std::uint32_t id = view_.u32(at), offset = view_.u32(at + 4), size = view_.u32(at + 8);
      const auto bad = [&](std::string_view what) {
        say(fmt::format("\t type_id={} offset={} size={}", id, offset, size));
        say(" ");
        say(what);
        say("");
        return stop(EINVAL);
      };
      if (id == 0 || id > max_type) return bad("Invalid type_id");
      if (offset < last_end || offset >= type.size) return bad("Invalid offset");
      if (size == 0 || size > type.size) return bad("Invalid size");
      last_end = static_cast<std::uint32_t>(offset + size);
      if (last_end > type.size) return bad("Invalid offset+size");
      sum += size;
    }
    if (type.size < sum) return bad_type(type, "Invalid btf_info size");
    return true;
  }

  /// Of types below only those are known that the module brings along.
  std::uint32_t kind_of(std::uint32_t id) const {
    if (id >= base_->types) return types_[id - base_->types].kind;
    const std::size_t index = std::size_t{id} - 1;
    return index < below_.size() ? below_[index].kind : std::uint32_t{BTF_KIND_UNKN};
  }

  /// Chains of modifiers must end, and tags come first in them. Of the kernel's own types it is
  /// taken for granted that they do.
  int check_type_tags() {
    const std::uint32_t start = base_->types;
    std::uint32_t good = start - 1;
    for (std::uint32_t i = 0; i < types_.size(); ++i) {
      std::uint32_t id = start + i, kind = types_[i].kind;
      if (!is_modifier(kind)) continue;
      bool in_tags = kind == BTF_KIND_TYPE_TAG;
      for (int limit = 32; is_modifier(kind); --limit) {
        if (limit == 0) return refuse("Max chain length or cycle detected", ELOOP);
        if (kind == BTF_KIND_TYPE_TAG) {
          if (!in_tags) return refuse("Type tags don't precede modifiers");
        } else {
          in_tags = false;
        }
        if (id <= good) break;
        id = types_[id - start].next;
        if (id >= start + types_.size()) return EINVAL;
        kind = kind_of(id);
      }
      good = start + i;
    }
    return 0;
  }

  const std::span<const std::byte> btf_;
  const bool big_endian_;
  const BtfBase* const base_;
  const bool any_section_name_;
  BtfView view_;
  bool alone_ = false;
  std::span<const CheckedBtf::Type> below_;
  std::span<const std::byte> names_;
  std::uint32_t header_length_ = 0;
  Part type_part_, strings_;
  std::vector<CheckedBtf::Type> types_;
  std::uint32_t id_ = 0;
  std::uint64_t at_ = 0;
  int error_ = 0;
  BtfAnswer answer_;
};

}  // namespace

BtfAnswer check_module_btf(std::span<const std::byte> btf, bool big_endian, const BtfBase* base,
                           bool any_section_name) {
  return Checker(btf, big_endian, base, any_section_name).run().answer;
}

CheckedBtf check_btf_alone(std::span<const std::byte> btf, bool big_endian, bool any_section_name) {
  return Checker(btf, big_endian, any_section_name).run();
}

CheckedBtf check_btf_above(std::span<const std::byte> btf, bool big_endian, const BtfBase& base,
                           std::span<const CheckedBtf::Type> below, bool any_section_name) {
  return Checker(btf, big_endian, base, below, any_section_name).run();
}

}  // namespace kovet
