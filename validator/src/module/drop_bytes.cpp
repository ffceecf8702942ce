#include "module/drop_bytes.h"

#include <bit>
#include <cstdint>

#include "module/signature.h"

namespace kovet {

namespace {

template <class Visit>
void visit_symbols(std::vector<Symbol>& symbols, const Visit& visit) {
  for (Symbol& symbol : symbols) visit(symbol.name);
}

/// Every view of a module into its bytes that outlives them.
template <class Visit>
void visit_views(Module& module, const Visit& visit) {
  for (Section& section : module.sections) visit(section.name);
  if (module.lone_section) visit(module.lone_section->name);
  for (ModinfoEntry& entry : module.modinfo) {
    visit(entry.key);
    visit(entry.value);
  }
  if (module.this_module) visit(module.this_module->name);
  for (auto* table : {&module.versions, &module.extended_versions})
    if (*table)
      for (SymbolVersion& entry : (*table)->entries) visit(entry.name);
  for (auto* symbols : {&module.imports, &module.commons, &module.bad_section_symbols})
    visit_symbols(*symbols, visit);
  for (Export& symbol : module.exports) {
    visit(symbol.name);
    visit(symbol.symbol_namespace);
  }
  for (ParameterEntry& entry : module.parameter_table) {
    visit(entry.name);
    visit(entry.setter);
  }
  for (Parameter& parameter : module.parameters) {
    visit(parameter.name);
    visit(parameter.type);
    visit(parameter.description);
  }
}

/// Which blocks of the file are spoken of. Views may overlap as they like: a block is kept once,
/// so the copy is never larger than the file.
class Blocks {
 public:
  explicit Blocks(std::string_view file)
      : file_(file), wanted_(file.size() / block / 64 + 1), before_(wanted_.size()) {}

  bool holds(std::string_view view) const {
    return !view.empty() && view.data() >= file_.data() &&
           view.data() + view.size() <= file_.data() + file_.size();
  }

  void want(std::string_view view) {
    const std::size_t first = offset(view) / block;
    const std::size_t last = (offset(view) + view.size() - 1) / block;
    for (std::size_t i = first; i <= last; ++i) wanted_[i / 64] |= std::uint64_t{1} << i % 64;
  }

  std::vector<std::byte> copy() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      before_[i] = static_cast<std::uint32_t>(count);
      count += static_cast<std::size_t>(std::popcount(wanted_[i]));
    }
    std::vector<std::byte> out;
    out.reserve(count * block);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      for (std::uint64_t rest = wanted_[i]; rest != 0; rest &= rest - 1) {
        const auto at = (i * 64 + static_cast<std::size_t>(std::countr_zero(rest))) * block;
        const auto text = file_.substr(at, block);
        const auto* first = reinterpret_cast<const std::byte*>(text.data());
        out.insert(out.end(), first, first + text.size());
      }
    }
    return out;
  }

  /// Where a wanted view is in the copy. The blocks of one view stand in a row there.
  std::size_t moved(std::string_view view) const {
    const std::size_t at = offset(view) / block;
    const std::uint64_t lower = wanted_[at / 64] & ((std::uint64_t{1} << at % 64) - 1);
    return (before_[at / 64] + static_cast<std::size_t>(std::popcount(lower))) * block +
           offset(view) % block;
  }

 private:
  static constexpr std::size_t block = 32;  // bytes

  std::size_t offset(std::string_view view) const {
    return static_cast<std::size_t>(view.data() - file_.data());
  }

  std::string_view file_;
  std::vector<std::uint64_t> wanted_;
  std::vector<std::uint32_t> before_;  // blocks wanted before each word
};

}  // namespace

void drop_bytes(Module& module) {
  if (!module.bytes) return;
  Blocks blocks(module.bytes->text());
  visit_views(module, [&](std::string_view view) {
    if (blocks.holds(view)) blocks.want(view);
  });
  std::string_view signature;
  if (module.signature && module.signature->signature.size() <= largest_message) {
    const auto content = module.signature->signature;
    signature = {reinterpret_cast<const char*>(content.data()), content.size()};
    if (blocks.holds(signature)) blocks.want(signature);
  }
  module.kept = Bytes::own(blocks.copy());
  const std::string_view copy = module.kept->text();
  visit_views(module, [&](std::string_view& view) {
    view = blocks.holds(view) ? copy.substr(blocks.moved(view), view.size()) : std::string_view{};
  });
  for (Section& section : module.sections) section.bytes = {};
  if (module.lone_section) module.lone_section->bytes = {};
  if (module.signature) {
    module.signature->signature =
        blocks.holds(signature)
            ? module.kept->span().subspan(blocks.moved(signature), signature.size())
            : std::span<const std::byte>{};
  }
  module.sections.shrink_to_fit();
  module.modinfo.shrink_to_fit();
  module.imports.shrink_to_fit();
  module.bytes.reset();
}

}  // namespace kovet
