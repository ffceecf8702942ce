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
  const bool there =
      std::find(loaded.begin(), loaded.end(), name) != loaded.end() ||
      std::any_of(input.peers.begin(), input.peers.end(),
                  [&](const Module* peer) { return struct_name(*peer) == name && !name.empty(); });
  if (!there) return GateResult::pass();
  return GateResult::fail(EEXIST, {}, "a module of that name is loaded already",
                          "rmmod it first, or give this one another name");
}

}  // namespace kovet::gate
