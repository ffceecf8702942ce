#include <fmt/format.h>
#include <linux/btf.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "kernel/checked_btf.h"

// tools/lib/bpf/btf_relocate.c, which the kernel is built with too since 6.11. A module that is
// built outside the kernel's tree brings along, by name and size, the kernel's types that it refers
// to (.BTF.base); the kernel looks for them among its own. It does not ask whether numbers of types
// lie inside its tables: where they do not, nothing is foretold.

namespace kovet {

namespace {

constexpr std::uint32_t size_mask = 0x7fffffff;  // sizes are compared as 31 bits

bool is_composite(std::uint32_t kind) {
  return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

/// The next word after a type's first twelve bytes.
std::uint32_t word_after(const CheckedBtf& btf, const CheckedBtf::Type& type) {
  return btf.view.u32(type.at + 12);
}

BtfType head_of(const CheckedBtf& btf, const CheckedBtf::Type& type) {
  return {btf.view.u32(type.at), btf.view.u32(type.at + 4), type.next};
}

/// Entries that follow a type's first twelve bytes.
struct Entries {
  std::uint32_t size = 0;             ///< bytes of one; 0: there are none
  std::optional<std::uint32_t> name;  ///< where in an entry its name is
  std::optional<std::uint32_t> id;    ///< where in an entry the type referred to is
};

Entries entries_of(std::uint32_t kind) {
  switch (kind) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      return {12, 0, 4};
    case BTF_KIND_FUNC_PROTO:
      return {8, 0, 4};
    case BTF_KIND_ENUM:
      return {8, 0, std::nullopt};
    case BTF_KIND_ENUM64:
      return {12, 0, std::nullopt};
    case BTF_KIND_DATASEC:
      return {12, std::nullopt, 0};
    default:
      return {};
  }
}

/// Whether the third word of a type is the number of another one.
bool refers(std::uint32_t kind) {
  switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_FLOAT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case BTF_KIND_ARRAY:
      return false;
    default:
      return true;
  }
}

/// Calls `use(number)` for each type that one refers to, until it returns false.
template <typename Use>
bool each_reference(const CheckedBtf& btf, const CheckedBtf::Type& type, Use use) {
  if (refers(type.kind) && !use(type.next)) return false;
  if (type.kind == BTF_KIND_ARRAY)
    return use(btf.view.u32(type.at + 12)) && use(btf.view.u32(type.at + 16));
  const Entries entries = entries_of(type.kind);
  if (!entries.id) return true;
  const std::uint32_t count = head_of(btf, type).count();
  for (std::uint32_t i = 0; i < count; ++i)
    if (!use(btf.view.u32(type.at + 12 + std::uint64_t{entries.size} * i + *entries.id)))
      return false;
  return true;
}

/// Calls `use(offset)` for each name of a type and its entries, until it returns false.
template <typename Use>
bool each_name(const CheckedBtf& btf, const CheckedBtf::Type& type, Use use) {
  if (!use(btf.view.u32(type.at))) return false;
  const Entries entries = entries_of(type.kind);
  if (!entries.name) return true;
  const std::uint32_t count = head_of(btf, type).count();
  for (std::uint32_t i = 0; i < count; ++i)
    if (!use(btf.view.u32(type.at + 12 + std::uint64_t{entries.size} * i + *entries.name)))
      return false;
  return true;
}

class Relocation {
 public:
  Relocation(const CheckedBtf& base, const CheckedBtf& own, const BtfBase* kernel,
             BtfAnswer& answer)
      : base_(base), own_(own), kernel_(kernel), answer_(answer) {}

  void run() {
    if (!has_valid_kinds() || !mark_embedded()) return;
    if (kernel_ && kernel_->named) {
      if (!index_names() || !map_types() || !all_are_mapped()) return;
    } else {
      answer_.complete = false;
    }
    if (!references_lie_inside() || !answer_.complete) return;
    map_names();
  }

 private:
  /// A type of the module's base, to be found by name and size.
  struct Wanted {
    std::string_view name;
    std::uint32_t size = 0, id = 0;
  };
  struct Found {
    std::uint32_t id = 0;   ///< of the kernel's type; 0: none yet
    bool embedded = false;  ///< held by value, and none found yet
  };

  bool refuse(std::string line, int error = EINVAL) {
    answer_.log.push_back({std::move(line), false});
    answer_.error = error;
    answer_.complete = true;
    return false;
  }
  bool astray(std::string what) {
    answer_.wild = std::move(what);
    return false;
  }

  std::uint32_t base_count() const { return own_.first; }
  std::uint32_t count() const { return own_.first + static_cast<std::uint32_t>(own_.types.size()); }
  /// Of the module's base, 1 and up.
  const CheckedBtf::Type& base_type(std::uint32_t id) const { return base_.types[id - 1]; }

  bool has_valid_kinds() {
    for (std::uint32_t id = 1; id < base_count(); ++id) {
      const BtfType type = head_of(base_, base_type(id));
      const std::uint32_t kind = type.kind();
      if (!is_composite(kind) && kind != BTF_KIND_INT && kind != BTF_KIND_FLOAT &&
          kind != BTF_KIND_ENUM && kind != BTF_KIND_FWD)
        return refuse(
            fmt::format("type [{}] in distilled based BTF has unexpected kind [{}]", id, kind));
      if (type.name == 0)
        return refuse(fmt::format(
            "type [{}], kind [{}] is invalid for distilled base BTF; it is anonymous", id, kind));
    }
    return true;
  }

  /// What a member's type comes down to, through arrays and modifiers: a number of the base, or 0.
  /// Nothing where the kernel would leave its tables, or never come to an end.
  std::optional<std::uint32_t> held_by_value(std::uint32_t id) {
    constexpr std::uint32_t open = ~0U, not_asked = ~0U - 1;
    if (held_.empty()) held_.assign(own_.types.size(), not_asked);
    std::vector<std::uint32_t> way;
    std::uint32_t held = 0;
    while (id >= base_count() && id != 0) {
      const std::uint32_t index = id - base_count();
      if (index >= own_.types.size() || held_[index] == open) return std::nullopt;
      if (held_[index] != not_asked) {
        held = held_[index];
        id = 0;
        break;
      }
      held_[index] = open;
      way.push_back(index);
      id = next_by_value(own_.types[index]);
    }
    if (id != 0 && is_composite(base_type(id).kind)) held = id;
    for (const std::uint32_t index : way) held_[index] = held;
    return held;
  }

  std::uint32_t next_by_value(const CheckedBtf::Type& type) const {
    switch (type.kind) {
      case BTF_KIND_CONST:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_TYPE_TAG:
        return type.next;
      case BTF_KIND_ARRAY:
        return word_after(own_, type);
      default:
        return 0;
    }
  }

  bool mark_embedded() {
    found_.assign(base_count(), {});
    for (const CheckedBtf::Type& type : own_.types) {
      if (!is_composite(type.kind)) continue;
      const bool inside = each_reference(own_, type, [&](std::uint32_t member) {
        const auto held = held_by_value(member);
        if (held && *held != 0) found_[*held].embedded = true;
        return held.has_value();
      });
      if (!inside)
        return astray("a member's type leads outside the module's BTF, or back to itself");
    }
    return true;
  }

  bool index_names() {
    wanted_.reserve(base_count());
    if (base_count() > 0) wanted_.push_back({"", 0, 0});  // void takes part
    for (std::uint32_t id = 1; id < base_count(); ++id) {
      const BtfType type = head_of(base_, base_type(id));
      const auto name = base_.view.short_name_at(type.name);
      if (!name) return astray("a name in .BTF.base is longer than the kernel's are");
      wanted_.push_back({*name, type.size & size_mask, id});
    }
    // The largest of a name comes first.
    std::sort(wanted_.begin(), wanted_.end(), [](const Wanted& a, const Wanted& b) {
      return a.name != b.name ? a.name < b.name : a.size > b.size;
    });
    return true;
  }

  std::string_view name_of(const BtfNamedType& type) const {
    const auto* start = reinterpret_cast<const char*>(kernel_->names.data());
    return {start + type.name, type.name_length};
  }

  /// Structs and unions are told apart by size only where the kernel has several of the name.
  static bool counts_size(const BtfNamedType& type) {
    return is_composite(type.kind) ? type.ambiguous : type.kind != BTF_KIND_FWD;
  }

  bool map_types() {
    for (const BtfNamedType& type : *kernel_->named) {
      const std::string_view name = name_of(type);
      const bool sized = counts_size(type);
      const std::uint32_t size = type.size & size_mask;
      const auto first = std::lower_bound(
          wanted_.begin(), wanted_.end(), name, [&](const Wanted& wanted, std::string_view key) {
            return wanted.name != key ? wanted.name < key : sized && wanted.size > size;
          });
      for (auto at = first; at != wanted_.end() && at->name == name; ++at) {
        if (sized && at->size != size) break;
        if (!map_to(type, *at)) {
          answer_.log_known = !has_twin(*at);
          if (!answer_.log_known) answer_.log.clear();
          return false;
        }
      }
    }
    return true;
  }

  /// Which of several alike comes first is up to the kernel's sort().
  bool has_twin(const Wanted& wanted) const {
    return std::ranges::count_if(wanted_, [&](const Wanted& other) {
             return other.name == wanted.name && other.size == wanted.size;
           }) > 1;
  }

  bool map_to(const BtfNamedType& type, const Wanted& wanted) {
    if (wanted.id == 0)
      return refuse(
          fmt::format("base BTF id [{}] maps to invalid distilled base BTF id [0]", type.id));
    if (!fits(type, wanted.id)) return true;
    Found& found = found_[wanted.id];
    if (found.id != 0)
      return refuse(
          fmt::format("distilled base BTF type '{}' [{}], size {} has multiple "
                      "candidates of the same size (ids [{}, {}]) in base BTF",
                      name_of(type), wanted.id, type.size, type.id, found.id));
    found = {type.id, false};  // the kernel forgets that it is held by value
    return true;
  }

  bool fits(const BtfNamedType& type, std::uint32_t id) const {
    const BtfType wanted = head_of(base_, base_type(id));
    switch (wanted.kind()) {
      case BTF_KIND_FWD:
        if (type.kind == BTF_KIND_FWD) return wanted.flag() == type.flag;
        // The flag of a whole type says that it has bitfields; the kernel takes it for "union".
        if (type.kind == BTF_KIND_STRUCT) return !type.flag;
        return type.kind == BTF_KIND_UNION && type.flag;
      case BTF_KIND_INT:
        return type.kind == BTF_KIND_INT &&
               type.encoding == BTF_INT_ENCODING(word_after(base_, base_type(id)));
      case BTF_KIND_FLOAT:
        return type.kind == BTF_KIND_FLOAT;
      case BTF_KIND_ENUM:
        return type.kind == BTF_KIND_ENUM || type.kind == BTF_KIND_ENUM64;
      default:  // struct, union; whatever has the name will do
        return !found_[id].embedded || type.size == wanted.size;
    }
  }

  bool all_are_mapped() {
    for (std::uint32_t id = 1; id < base_count(); ++id) {
      if (found_[id].id != 0) continue;
      const auto name = base_.view.short_name_at(head_of(base_, base_type(id)).name);
      return refuse(fmt::format("distilled base BTF type '{}' [{}] is not mapped to base BTF id",
                                name.value_or(""), id));
    }
    return true;
  }

  bool references_lie_inside() {
    for (const CheckedBtf::Type& type : own_.types)
      if (!each_reference(own_, type, [&](std::uint32_t id) { return id < count(); }))
        return astray("a type refers to one outside the module's BTF");
    return true;
  }

  /// Of the base's strings only names of its types may be used.
  void map_names() {
    std::vector<bool> mapped(base_.names.size());
    for (std::uint32_t id = 1; id < base_count(); ++id)
      mapped[head_of(base_, base_type(id)).name] = true;
    for (const CheckedBtf::Type& type : own_.types) {
      std::uint32_t bad = 0;
      const bool good = each_name(own_, type, [&](std::uint32_t name) {
        if (name == 0 || name >= mapped.size() || mapped[name]) return true;
        bad = name;
        return false;
      });
      if (good) continue;
      // The kernel prints the string at the offset that it found, which is none.
      refuse(fmt::format("string '' [offset {}] is not mapped to base BTF", bad), ENOENT);
      return;
    }
  }

  const CheckedBtf& base_;
  const CheckedBtf& own_;
  const BtfBase* const kernel_;
  BtfAnswer& answer_;
  std::vector<Found> found_;         // by number in the base
  std::vector<std::uint32_t> held_;  // by number among the module's own, see held_by_value()
  std::vector<Wanted> wanted_;
};

}  // namespace

BtfAnswer check_relocated_btf(std::span<const std::byte> btf, std::span<const std::byte> own_base,
                              bool big_endian, const BtfBase* kernel, bool any_section_name) {
  CheckedBtf base = check_btf_alone(own_base, big_endian, any_section_name);
  if (base.answer.error != 0) return std::move(base.answer);
  BtfBase below;
  below.names.assign(base.names.begin(), base.names.end());
  if (!base.types.empty()) below.types = static_cast<std::uint32_t>(base.types.size() + 1);
  CheckedBtf own = check_btf_above(btf, big_endian, below, base.types, any_section_name);
  if (own.answer.error == 0) Relocation(base, own, kernel, own.answer).run();
  return std::move(own.answer);
}

}  // namespace kovet
