#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/explain.h"
#include "gates/verdict.h"

// What a module and a kernel at hand prove about a message: the checks are run, nothing is guessed.

namespace kovet::explain {

/// Who exports what, from depmod's modules.symbols ("alias symbol:NAME MODULE").
class SymbolOwners {
 public:
  static SymbolOwners parse(std::shared_ptr<const Bytes> text);
  /// The module's name; empty when none exports it.
  std::string_view owner(std::string_view symbol) const;
  std::size_t size() const { return owners_.size(); }

 private:
  std::shared_ptr<const Bytes> text_;
  boost::unordered_flat_map<std::string_view, std::string_view> owners_;
};

/// What is at hand; each may be null.
struct Evidence {
  const Module* module = nullptr;
  const Kernel* kernel = nullptr;
  const SymbolOwners* owners = nullptr;  ///< of the kernel, or named by itself
  Assumptions assumptions;
  std::optional<SignatureAnswer> signature;  ///< of the module against the kernel's keys
  const ImageFacts* image = nullptr;
};

/// Whether the item speaks of this module (its name, or the file that insmod names), or names none.
bool is_about(const Explanation& item, const Module& module);

/// The answer of all checks to the module, in short.
struct VerdictSummary {
  struct Gate {
    std::string id, reason, hint, evidence;
  };
  std::string module, path, kernel;
  Answer answer = Answer::unknown;
  int error = 0;                 ///< reject: errno, positive
  std::vector<std::string> log;  ///< reject: the kernel's lines
  std::vector<Gate> failing;     ///< in the kernel's order
  std::vector<Gate> undecided;
};

/// Adds providers to the symbols, and proofs to the items that are about this module. The summary
/// is empty unless both a module and a kernel are at hand.
std::optional<VerdictSummary> prove(std::vector<Explanation>& items, const Evidence& evidence);

}  // namespace kovet::explain
