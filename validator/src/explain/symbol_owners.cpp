#include <algorithm>

#include "explain/proof.h"

namespace kovet::explain {

SymbolOwners SymbolOwners::parse(std::shared_ptr<const Bytes> text) {
  SymbolOwners result;
  constexpr std::string_view start = "alias symbol:";
  std::string_view rest = text->text();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.starts_with(start)) continue;
    line.remove_prefix(start.size());
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos)
      result.owners_.emplace(line.substr(0, space), line.substr(space + 1));
  }
  result.text_ = std::move(text);
  return result;
}

std::string_view SymbolOwners::owner(std::string_view symbol) const {
  const auto found = owners_.find(symbol);
  return found == owners_.end() ? std::string_view{} : found->second;
}

}  // namespace kovet::explain
