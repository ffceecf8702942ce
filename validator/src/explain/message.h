#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kovet::explain {

/// How far the module came when the message was printed.
enum class Stage : std::uint8_t {
  build,        ///< modpost or depmod: before anything was loaded
  userspace,    ///< insmod, modprobe or systemd gave up, or pass on the kernel's errno
  refused,      ///< the loader refused it; none of its code ran
  undecided,    ///< refused by some kernels and only warned about by others: the line has not which
  init_failed,  ///< the loader took it; its init function ran and failed
  running,      ///< the loader took it and its code ran; what came of it the line has not
  warned,       ///< the loader warns and goes on; what came of it the line has not
  loaded,       ///< loaded, with a warning
  context       ///< no event of a module, but it decides what happens to them
};

/// "build", "userspace", "refused", "undecided", "init-failed", "running", "warned", "loaded",
/// "context".
std::string_view to_string(Stage stage);
/// "refused by the loader", ...
std::string_view describe(Stage stage);

/// One message that the kernel or a tool prints, and what it means. Texts may name placeholders of
/// the pattern ("{module}"), which are filled in.
struct Message {
  std::string_view id;
  std::string_view gate;  ///< the check that printed it; empty: none of the kernel's
  Stage stage = Stage::refused;
  int error = 0;  ///< errno the loader returns with it, or would if it refuses (undecided),
                  ///< positive; 0: none or it depends
  /// Patterns (pattern.h), the current wording first, then older ones and those of other makers.
  std::array<std::string_view, 6> texts;
  std::string_view meaning;
  std::array<std::string_view, 4> causes;  ///< by likelihood
  std::string_view next;                   ///< what to type or do
};

/// Every message there is. Ordered: the first that matches a line explains it.
std::vector<Message> messages();

/// The parts of that table, in its order.
std::span<const Message> signature_messages();
std::span<const Message> file_messages();
std::span<const Message> layout_messages();
std::span<const Message> symbol_messages();
std::span<const Message> livepatch_messages();
std::span<const Message> relocation_messages();
std::span<const Message> architecture_messages();
std::span<const Message> init_messages();
std::span<const Message> taint_messages();
std::span<const Message> tool_messages();
std::span<const Message> packaging_messages();
std::span<const Message> build_messages();

}  // namespace kovet::explain
