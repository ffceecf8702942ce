#include "explain/message.h"

namespace kovet::explain {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::build:
      return "build";
    case Stage::userspace:
      return "userspace";
    case Stage::refused:
      return "refused";
    case Stage::undecided:
      return "undecided";
    case Stage::init_failed:
      return "init-failed";
    case Stage::running:
      return "running";
    case Stage::warned:
      return "warned";
    case Stage::loaded:
      return "loaded";
    case Stage::context:
      break;
  }
  return "context";
}

std::string_view describe(Stage stage) {
  switch (stage) {
    case Stage::build:
      return "before loading: the build or depmod complains";
    case Stage::userspace:
      return "the tool that loads reports it";
    case Stage::refused:
      return "refused by the loader, none of the module's code ran";
    case Stage::undecided:
      return "refused or only warned about, as the kernel is built or set: this line alone does "
             "not tell";
    case Stage::init_failed:
      return "accepted by the loader, its init ran and failed";
    case Stage::running:
      return "accepted by the loader, its code ran; this line does not say whether it stayed "
             "loaded";
    case Stage::warned:
      return "a warning, the loader goes on; this line does not say whether it was loaded";
    case Stage::loaded:
      return "loaded, with a warning";
    case Stage::context:
      break;
  }
  return "for context";
}

std::vector<Message> messages() {
  std::vector<Message> all;
  for (const auto part :
       {signature_messages(), file_messages(), layout_messages(), symbol_messages(),
        livepatch_messages(), relocation_messages(), architecture_messages(), init_messages(),
        taint_messages(), tool_messages(), packaging_messages(), build_messages()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace kovet::explain
