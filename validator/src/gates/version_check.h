#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "gates/gate.h"
#include "gates/loader_traits.h"

namespace kovet {

/// What check_version() (kernel/module/version.c) says of one symbol.
struct VersionAnswer {
  enum class Kind : std::uint8_t { ok, ok_with_warning, disagrees, missing, unversioned, unknown };
  Kind kind = Kind::ok;
  std::string line;    ///< what the kernel prints, if anything
  std::string reason;  ///< for people; empty when ok
};

/// Whether a result of that kind stops the module.
inline bool rejects(const VersionAnswer& answer) {
  return answer.kind == VersionAnswer::Kind::disagrees ||
         answer.kind == VersionAnswer::Kind::missing ||
         answer.kind == VersionAnswer::Kind::unversioned;
}

/// Looks up symbols in a module's version tables, many of them against one kernel.
class VersionCheck {
 public:
  VersionCheck(const Module& module, const LoaderTraits& traits);

  /// `crc`: the exporter's, or nothing when the exporter has no CRCs.
  VersionAnswer check(std::string_view symbol, std::optional<std::uint32_t> crc) const;

 private:
  using Index = boost::unordered_flat_map<std::string_view, std::uint64_t>;

  const Module& module_;
  const LoaderTraits& traits_;
  Index basic_, extended_;  // symbol to CRC; of repeated entries the first, as the kernel takes it
};

}  // namespace kovet
