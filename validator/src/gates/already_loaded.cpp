#include <algorithm>
#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/main.c: module_patient_check_exists(). The name is struct module.name, whatever
// the file is called.

namespace kovet::gate {

GateResult already_loaded(const GateInput& input) {
  const std::string name = struct_name(input.module);
  const auto& loaded = input.assumptions.loaded;
  bool may_be_there = false;
  bool there = std::find(loaded.begin(), loaded.end(), name) != loaded.end();
  for (const Module* peer : input.peers) {
    if (name.empty() || struct_name(*peer) != name) continue;
    const auto& uncertain = input.uncertain;
    const bool sure = std::find(uncertain.begin(), uncertain.end(), peer) == uncertain.end();
    (sure ? there : may_be_there) = true;
  }
  if (there) {
    return GateResult::fail(EEXIST, {}, "a module of that name is loaded already",
                            "rmmod it first, or give this one another name");
  }
  if (may_be_there) {
    return GateResult::unknown("a module of that name comes before it, and may be loaded by then",
                               "what settles the other module's verdict");
  }
  return GateResult::pass();
}

}  // namespace kovet::gate
