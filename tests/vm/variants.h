#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/vm/ko_editor.h"

// Makes modules that a kernel may or may not take, each from an honest one by one change.

namespace kovet::testing {

/// One module to load.
struct Part {
  std::string bytes;
  unsigned flags = 0;  ///< of finit_module()
  std::string parameters = {};
};

/// Modules that are loaded together, in this order; most cases have one.
struct Case {
  std::string name;  ///< "elf-magic-2"; also the file's name
  std::vector<Part> parts;
  bool ci = false;     ///< of the shorter selection
  bool talks = false;  ///< prints lines of its own when it loads: a real driver
};

/// What the variants are made of: honest modules of one kernel, and two of its own.
struct Honest {
  std::map<std::string, std::string> modules;  ///< by name: "agree_plain" ...
  std::string signed_module;                   ///< an in-tree module with the kernel's signature
  std::string signed_name;
  const std::string& operator[](const std::string& name) const { return modules.at(name); }
};

/// Collects cases; a change that a module of this kernel does not allow for is left out.
class CaseList {
 public:
  using Change = std::function<void(KoEditor&)>;

  /// The honest module with a change.
  void add(std::string name, const std::string& module, const Change& change, bool ci = false);
  void add_bytes(std::string name, std::string bytes, bool ci = false, unsigned flags = 0,
                 std::string parameters = {});
  /// A real driver, which may print lines of its own.
  void add_driver(std::string name, std::string bytes, bool ci = false);
  /// The last case may come with lines that are not foretold: of the parser of odd signatures.
  void let_talk() { cases_.back().talks = true; }
  void add_group(std::string name, std::vector<std::string> modules, bool ci = false);

  void leave_out(const std::string& name, const std::string& reason) {
    left_out_.push_back(name + ": " + reason);
  }

  const std::vector<Case>& cases() const { return cases_; }
  const std::vector<std::string>& left_out() const { return left_out_; }  ///< with the reason

 private:
  std::vector<Case> cases_;
  std::vector<std::string> left_out_;
};

/// The honest module with a change; throws when it does not allow for it.
std::string changed(const std::string& module, const CaseList::Change& change);

void add_honest_cases(CaseList& list, const Honest& honest);
void add_elf_cases(CaseList& list, const Honest& honest);
void add_table_cases(CaseList& list, const Honest& honest);  ///< symbol and string tables
void add_modinfo_cases(CaseList& list, const Honest& honest);
void add_typed_parameter_cases(CaseList& list, const Honest& honest);
/// Those that lockdown answers otherwise.
void add_parameter_policy_cases(CaseList& list, const Honest& honest);
void add_version_cases(CaseList& list, const Honest& honest);
void add_symbol_cases(CaseList& list, const Honest& honest);
void add_formation_cases(CaseList& list, const Honest& honest);    ///< relocations, sections, BTF
void add_compression_cases(CaseList& list, const Honest& honest);  ///< the kernel decompresses
void add_signature_cases(CaseList& list, const Honest& honest);
void add_competing_cases(CaseList& list, const Honest& honest);  ///< two gates at once

/// `count` modules with one thing changed at random; the same ones for the same seed.
CaseList mutated_cases(const Honest& honest, std::size_t count, std::uint64_t seed);
/// The same of what the kernel writes through or goes by, where damage is not always seen.
CaseList wild_cases(const Honest& honest, std::size_t count, std::uint64_t seed);

/// All of them.
CaseList all_cases(const Honest& honest);
/// Those that a boot line with enforcement, lockdown or a blacklist may answer otherwise.
CaseList policy_cases(const Honest& honest);

}  // namespace kovet::testing
