#include "explain/oops.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace kovet::explain {

namespace {

constexpr int longest_oops = 400;  // lines

/// Words that begin a report: x86, arm, arm64, powerpc, riscv, s390.
constexpr std::array<std::string_view, 16> beginnings{"BUG: ",
                                                      "Oops: ",
                                                      "Oops - ",
                                                      "Internal error: ",
                                                      "general protection fault",
                                                      "kernel BUG at ",
                                                      "Unable to handle kernel ",
                                                      "divide error: ",
                                                      "invalid opcode: ",
                                                      "invalid op: ",
                                                      "stack segment: ",
                                                      "double fault: ",
                                                      "Kernel BUG at ",
                                                      "int3: ",
                                                      "kernel tried to execute ",
                                                      "WARNING: CPU: "};

/// "hello_init+0x1a/0x1000 [hello]": function and module ("" when there is none).
struct Place {
  std::string_view function, module;
};

bool name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '$';
}

std::optional<Place> place_in(std::string_view text) {
  const std::size_t plus = text.find("+0x");
  if (plus == std::string_view::npos || plus == 0) return std::nullopt;
  std::size_t begin = plus;
  while (begin > 0 && name_char(text[begin - 1])) --begin;
  if (begin == plus) return std::nullopt;
  Place place{text.substr(begin, plus - begin), {}};
  std::size_t at = plus + 3;
  while (at < text.size() && (std::isxdigit(static_cast<unsigned char>(text[at])) ||
                              text[at] == '/' || text[at] == 'x'))
    ++at;
  if (text.substr(at, 2) == " [") {
    const std::size_t end = text.find_first_of(" ]", at + 2);
    if (end != std::string_view::npos) place.module = text.substr(at + 2, end - at - 2);
  }
  return place;
}

/// The faulting instruction's line, by architecture.
bool fault_line(std::string_view text) {
  return text.starts_with("RIP: ") || text.starts_with("EIP: ") || text.starts_with("pc : ") ||
         text.starts_with("PC is at ") || text.starts_with("NIP ") || text.starts_with("epc : ") ||
         text.starts_with("Krnl PSW : ");
}

std::string taint_letters(std::string_view text) {
  const std::size_t at = text.find("Tainted: ");
  if (at == std::string_view::npos) return {};
  std::string letters;
  for (const char c : text.substr(at + 9)) {
    if (c == ' ') continue;
    if (c < 'A' || c > 'Z') break;
    letters += c;
  }
  return letters;
}

}  // namespace

bool OopsTracker::begins(std::string_view text) {
  // Since 6.19: "WARNING: drivers/x.c:12 at function+0x1/0x2 [module], CPU#0: insmod/99".
  if (text.starts_with("WARNING: ") && text.find(", CPU#") != std::string_view::npos) return true;
  return std::ranges::any_of(beginnings,
                             [&](std::string_view word) { return text.starts_with(word); });
}

std::optional<InitCrash> OopsTracker::begin(std::string_view text, std::uint64_t line,
                                            std::string_view time) {
  // "Oops: 0002 [#1]" and the like belong to the BUG line before them.
  if (active() && !in_trace_ && !text.starts_with("WARNING: ")) return std::nullopt;
  auto unfinished = finish();
  crash_.emplace();
  crash_->what = text.substr(0, 200);
  crash_->line = line;
  crash_->time = time;
  crash_->warning = text.starts_with("WARNING: ");
  in_init_ = in_trace_ = false;
  last_module_.clear();
  last_function_.clear();
  lines_ = 0;
  if (crash_->warning) {
    if (const auto place = place_in(text)) {
      crash_->fault_function = place->function;
      crash_->fault_module = place->module;
    }
  }
  return unfinished;
}

std::optional<InitCrash> OopsTracker::take(std::string_view text) {
  if (!crash_) return std::nullopt;
  if (crash_->taint.empty()) crash_->taint = taint_letters(text);
  if (text.starts_with("---[ end") || ++lines_ > longest_oops) return finish();
  if (fault_line(text)) {
    if (const auto place = place_in(text)) {
      if (crash_->fault_function.empty()) {
        crash_->fault_function = place->function;
        crash_->fault_module = place->module;
      }
      // Its function may have been called, inlined or jumped to from init: not a name for init.
      if (!in_trace_) last_module_ = place->module;
    }
    return std::nullopt;
  }
  if (text.starts_with("Call Trace") || text.starts_with("Call trace") ||
      text.starts_with("Backtrace")) {
    in_trace_ = true;
    return std::nullopt;
  }
  if (in_init_ || text.starts_with("Modules linked in")) return std::nullopt;
  const auto place = place_in(text);
  if (!place) return std::nullopt;
  if (place->function == "do_one_initcall" || place->function == "do_init_module") {
    in_init_ = true;
    crash_->init_function = last_function_;
    crash_->module = last_module_;
  } else if (!place->module.empty() && text.find("? ") == std::string_view::npos) {
    // Entries with a question mark are leftovers on the stack, no callers.
    last_module_ = place->module;
    last_function_ = place->function;
  }
  return std::nullopt;
}

std::optional<InitCrash> OopsTracker::finish() {
  std::optional<InitCrash> done = std::exchange(crash_, std::nullopt);
  if (!in_init_) done.reset();
  in_init_ = in_trace_ = false;
  return done;
}

}  // namespace kovet::explain
