#include "gates/printed_lines.h"

#include <string_view>

#include "gates/loader_traits.h"

// kernel/printk/printk.c: vprintk_store(), which cuts at PRINTKRB_RECORD_MAX (LOG_LINE_MAX before
// 6.3), the level and the final NUL included.

namespace kovet {

namespace {

constexpr std::size_t level_and_nul = 3;

std::size_t longest_message(const Kernel& kernel) {
  constexpr std::size_t record = 1024, prefix = 32, prefix_with_caller = 48;
  if (!kernel.version || *kernel.version >= KernelVersion{6, 3, 0}) return record - level_and_nul;
  return record - (config(kernel, "PRINTK_CALLER") == Tri::yes ? prefix_with_caller : prefix) -
         level_and_nul;
}

}  // namespace

std::vector<std::string> as_printed(const std::vector<std::string>& messages,
                                    const Kernel& kernel) {
  const std::size_t most = longest_message(kernel);
  std::vector<std::string> lines;
  for (const std::string& message : messages) {
    std::string_view text = std::string_view(message).substr(0, most);
    do {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    } while (!text.empty());
  }
  return lines;
}

}  // namespace kovet
