#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gates/verdict.h"

namespace kovet {

enum class Severity : std::uint8_t { note, warning, error };
std::string_view to_string(Severity severity);

/// build: what a build for exactly this kernel must guarantee. load: what the kernel asks.
enum class Policy : std::uint8_t { build, load };

/// What Kovet objects to: what, where, why, and what to type next.
struct Finding {
  std::string rule;  ///< "vermagic-mismatch"
  Severity severity = Severity::error;
  std::string message;                ///< what, where and why; one sentence
  std::string hint;                   ///< the fix
  std::optional<std::string> symbol;  ///< the symbol it is about
  bool waived = false;                ///< by a waiver file: shown, but does not count
};

/// Everything a rule may look at.
struct RuleInput {
  const Module& module;
  const Kernel& kernel;
  const Verdict& verdict;
  Policy policy = Policy::build;
  std::span<const Module* const> peers;
  const Symvers* own_symvers = nullptr;  ///< the Module.symvers beside the module, if any
};

using RuleFunction = std::vector<Finding> (*)(const RuleInput&);

/// One row of the table of rules. `evaluate` is null for the rules that gates raise.
struct Rule {
  std::string_view id;
  Severity severity;  ///< under policy build
  Policy policy;      ///< the mildest policy that demands it
  std::string_view summary;
  std::string_view explanation;
  std::string_view fix;
  std::string_view source;
  RuleFunction evaluate;
};

std::span<const Rule> rules();

/// The row of that id, or null.
const Rule* find_rule(std::string_view id);

/// A finding of a rule in the table, with the table's severity.
Finding make_finding(std::string_view rule, std::string message, std::string hint = {},
                     std::optional<std::string> symbol = {});

/// All findings of the chosen policy: those of the rules, and one per failing gate.
std::vector<Finding> apply_rules(const RuleInput& input);

}  // namespace kovet
