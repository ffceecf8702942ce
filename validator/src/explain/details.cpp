#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "explain/explain.h"
#include "support/errno_name.h"

namespace kovet::explain {

namespace {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string_view word_means(std::string_view word) {
  if (word == "SMP") return "CONFIG_SMP";
  if (word == "preempt") return "a preemptible kernel (CONFIG_PREEMPT, PREEMPT_DYNAMIC)";
  if (word == "preempt_rt") return "a real-time kernel (CONFIG_PREEMPT_RT)";
  if (word == "mod_unload") return "CONFIG_MODULE_UNLOAD";
  if (word == "modversions") return "CONFIG_MODVERSIONS";
  if (word == "retpoline") return "CONFIG_RETPOLINE, in vermagic of some 4.x kernels";
  if (word.starts_with("RANDSTRUCT")) return "the seed of randomised structs, new with every build";
  for (const std::string_view start : {"aarch64", "ARMv", "thumb2", "p2v8", "riscv", "mprofile-",
                                       "patchable-", "relocatable", "MIPS", "PENTIUM", "CORE2"})
    if (word.starts_with(start)) return "the architecture";
  if (!word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos)
    return "the processor family of 32-bit x86";
  return "no word of mainline kernels: the architecture's, the distribution's, or a changed file";
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

/// An errno's advice with the file or the name that the line has.
std::string about_this_module(std::string_view advice, const Explanation& item) {
  std::string text(advice);
  const std::string_view path = fact(item, "path"), name = fact(item, "name");
  if (!path.empty() && path.find(' ') == std::string_view::npos) replace(text, "M.ko", path);
  if (!name.empty()) {
    replace(text, "M.ko", fmt::format("$(modinfo -n {})", name));
    replace(text, "NAME", name);
  } else if (std::string file(subject(item)); !file.empty()) {
    std::ranges::replace(file, '-', '_');
    replace(text, "NAME", file);
  }
  return text;
}

/// "Unknown symbol (err -22)" and -16 are of symbols that exist: the causes of -2 are not theirs.
void add_causes_of_errno(Explanation& item) {
  const auto some = [&](int error) {
    return std::ranges::any_of(item.symbols, [&](const SymbolNote& s) { return s.error == error; });
  };
  const bool unfit = some(EINVAL), waiting = some(EBUSY);
  if (!unfit && !waiting) return;
  const bool only = std::ranges::all_of(item.symbols, [](const SymbolNote& symbol) {
    return symbol.error == EINVAL || symbol.error == EBUSY;
  });
  if (only) {
    item.causes.clear();
    item.next = fmt::format("kovet explain LOG --module {0}.ko --kernel $(uname -r); {1}",
                            item.module.empty() ? "M" : item.module,
                            unfit ? "the kernel's line before this one names version or namespace: "
                                    "sudo dmesg | kovet explain -"
                                  : "lsmod; cat /sys/module/OWNER/initstate");
  }
  if (unfit) {
    item.causes.emplace_back(
        "err -22: the symbol's CRC is another than at the build (a line 'disagrees about "
        "version' or 'no symbol version' before this one)");
    item.causes.emplace_back(
        "err -22: its namespace is not imported (a line 'uses symbol from namespace' before this "
        "one)");
  }
  if (waiting)
    item.causes.emplace_back(
        "err -16: the module that exports it did not finish its init within 30 seconds");
}

}  // namespace

std::string_view to_string(Proof::Status status) {
  switch (status) {
    case Proof::Status::not_run:
      return "not-run";
    case Proof::Status::proven:
      return "proven";
    case Proof::Status::refuted:
      return "refuted";
    case Proof::Status::unknown:
      break;
  }
  return "unknown";
}

std::vector<std::string> vermagic_differences(std::string_view found, std::string_view wanted) {
  const auto module = words(found), kernel = words(wanted);
  std::vector<std::string> result;
  if (!module.empty() && !kernel.empty() && module[0] != kernel[0]) {
    std::string text = fmt::format("the release: the module was built for {}, this kernel is {}",
                                   module[0], kernel[0]);
    if (kernel[0].starts_with(module[0]) || module[0].starts_with(kernel[0]))
      text += " (only the suffix differs: LOCALVERSION, or a '+' from a changed git tree)";
    result.push_back(std::move(text));
  }
  const auto tail = [](const auto& list) {
    return std::vector<std::string_view>(list.begin() + (list.empty() ? 0 : 1), list.end());
  };
  const auto module_words = tail(module), kernel_words = tail(kernel);
  for (const auto word : kernel_words)
    if (std::ranges::find(module_words, word) == module_words.end())
      result.push_back(
          fmt::format("'{}': the kernel has it, the module lacks it: {}", word, word_means(word)));
  for (const auto word : module_words)
    if (std::ranges::find(kernel_words, word) == kernel_words.end())
      result.push_back(
          fmt::format("'{}': the module has it, the kernel lacks it: {}", word, word_means(word)));
  if (result.empty() && found != wanted)
    result.push_back(
        "only spaces or the order of words differ: the string was changed by hand or by a "
        "tool (the trailing space counts)");
  return result;
}

std::string_view fact(const Explanation& item, std::string_view name) {
  for (const auto& [key, value] : item.facts)
    if (key == name) return value;
  return "";
}

std::string_view subject(const Explanation& item) {
  if (!item.module.empty()) return item.module;
  const std::string_view name = fact(item, "name");
  if (!name.empty()) return name;
  const std::string_view path = fact(item, "path");
  const std::string_view file = path.substr(path.rfind('/') + 1);
  return file.substr(0, file.find(".ko"));
}

bool is_of_open(const Explanation& item) {
  const std::string_view id = item.message->id;
  return id == "insmod-load" || id == "insmod-option" || id == "modprobe-file-gone";
}

std::string cause_text(const ErrnoCause& cause, const Explanation& item) {
  std::string text(cause.text);
  if (const std::string_view name = subject(item); !name.empty()) replace(text, "NAME", name);
  return cause.gate.empty() ? text : fmt::format("{} ({})", text, cause.gate);
}

void add_details(Explanation& item) {
  const auto add = [&](std::string text) { item.details.push_back(std::move(text)); };
  if (item.message->id == "vermagic")
    for (auto& text : vermagic_differences(fact(item, "found"), fact(item, "wanted")))
      add(std::move(text));
  if (item.message->id == "init-positive")
    if (const auto number = errno_number(fact(item, "error")))
      if (const auto* meaning = find_errno(*number);
          meaning && *number > 1)  // 1: just as well "true"
        add(fmt::format("{} is {} without its minus sign", *number, meaning->name));
  if (item.message->id == "symbol-unknown") add_causes_of_errno(item);
  const bool from_text = !fact(item, "reason").empty();
  if (!item.error || (!from_text && fact(item, "error").empty()) || !item.symbols.empty()) return;
  const auto* meaning = find_errno(*item.error);
  if (!meaning) {
    const std::string name = errno_name(*item.error);
    add(from_text
            ? fmt::format("\"{}\" is {}: no check of the loader returns it; the module's init "
                          "did, or the tool could not read the file",
                          fact(item, "reason"), name)
            : fmt::format("-{} is {}", *item.error, name));
    return;
  }
  if (!from_text) {
    add(fmt::format("-{} is {} ({})", *item.error, meaning->name, meaning->texts[0]));
    return;
  }
  // From open() and the like, so what the loader means by it says nothing.
  if (is_of_open(item) || item.stage == Stage::build) {
    add(fmt::format("\"{}\" is {}", fact(item, "reason"), meaning->name));
    return;
  }
  add(fmt::format("\"{}\" is {}: {}", fact(item, "reason"), meaning->name, meaning->meaning));
  if (item.causes.empty()) {
    item.next = about_this_module(meaning->next, item);
    for (const auto& cause : meaning->causes)
      if (!cause.text.empty()) item.causes.push_back(cause_text(cause, item));
  }
}

std::string fill(std::string_view text,
                 const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      result += text[i];
      continue;
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const auto fact =
        std::ranges::find(facts, name, [](const auto& f) { return std::string_view(f.first); });
    if (fact != facts.end())
      result += fact->second;
    else if (name == "module" || name == "name")
      result += 'M';
    else
      for (const char c : name) result += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    i = end;
  }
  return result;
}

}  // namespace kovet::explain
