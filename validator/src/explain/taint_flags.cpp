#include "explain/taint_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace kovet::explain {

namespace {

constexpr TaintFlag table[] = {
    {0, 'P', "PROPRIETARY_MODULE",
     "a module with a licence that is not compatible with the GPL was loaded",
     "the loader, from MODULE_LICENSE()",
     "find the module with (P) in /proc/modules; reports to the kernel's developers need a boot "
     "without it",
     "before 3.0", true},
    {1, 'F', "FORCED_MODULE",
     "a module was loaded by force: without vermagic or without symbol versions",
     "the loader, for modprobe -f, or where CONFIG_MODULE_FORCE_LOAD lets such a file pass",
     "rebuild the module for this kernel instead of forcing it", "before 3.0", true},
    {2, 'S', "CPU_OUT_OF_SPEC", "the processor or the system is used outside its specification",
     "processor drivers: unsupported SMP, a forced P-state, a writable MSR",
     "the kernel's log names the reason", "before 3.0", false},
    {3, 'R', "FORCED_RMMOD", "a module was removed by force", "rmmod -f",
     "reboot; do not use rmmod -f", "before 3.0", false},
    {4, 'M', "MACHINE_CHECK", "the processor reported a hardware error",
     "the machine check handler", "look at the hardware: mcelog, rasdaemon, memory tests",
     "before 3.0", false},
    {5, 'B', "BAD_PAGE", "a page of memory was in a state it must not be in", "memory management",
     "bad memory, or code that wrote where it must not: the log has the page", "before 3.0", false},
    {6, 'U', "USER", "a program asked for this flag, or set a dangerous parameter",
     "a write to /proc/sys/kernel/tainted, or a parameter declared unsafe",
     "look for 'Setting dangerous option' in the log", "before 3.0", false},
    {7, 'D', "DIE", "the kernel crashed and went on: an oops or BUG", "the oops handler",
     "the first trace in the log is the one that counts", "before 3.0", false},
    {8, 'A', "OVERRIDDEN_ACPI_TABLE", "an ACPI table was replaced",
     "someone who overrides firmware tables", "boot without the override", "before 3.0", false},
    {9, 'W', "WARN", "the kernel printed a warning with a trace", "WARN() anywhere",
     "look for 'WARNING: CPU' in the log", "before 3.0", false},
    {10, 'C', "CRAP", "a module from drivers/staging was loaded",
     "the loader, from modinfo 'staging'", "nothing is wrong, but the driver is not finished",
     "before 3.0", true},
    {11, 'I', "FIRMWARE_WORKAROUND", "a severe firmware bug is worked around", "platform code",
     "a firmware update", "before 3.0", false},
    {12, 'O', "OOT_MODULE", "a module from outside the kernel tree was loaded",
     "the loader, from the absence of modinfo 'intree'",
     "nothing is wrong; find the modules with (O) in /proc/modules", "3.2", true},
    {13, 'E', "UNSIGNED_MODULE", "a module without a signature that the kernel trusts was loaded",
     "the loader, on kernels with CONFIG_MODULE_SIG",
     "sign it with a key the kernel trusts: kovet signature M.ko", "3.15", true},
    {14, 'L', "SOFTLOCKUP", "a processor was stuck in the kernel for long",
     "the soft lockup detector", "look for 'soft lockup' in the log", "3.17", false},
    {15, 'K', "LIVEPATCH", "the running kernel was patched", "the loader, from modinfo 'livepatch'",
     "nothing is wrong; ls /sys/kernel/livepatch", "4.0", true},
    {16, 'X', "AUX", "for the distribution's own use", "the distribution's kernel",
     "the distribution's documentation (SUSE: a module supported by someone else)", "4.15", true},
    {17, 'T', "RANDSTRUCT", "the kernel was built with randomised structures", "the build, at boot",
     "nothing is wrong; modules must be built with the same seed", "4.17", false},
    {18, 'N', "TEST", "a test of the kernel ran or was loaded",
     "KUnit, kselftest modules, modinfo 'test'", "nothing is wrong on a test machine", "6.0", true},
    {19, 'J', "FWCTL", "a program changed a device's state through fwctl's debug interface",
     "fwctl drivers", "the program that used /dev/fwctl", "6.15", false},
};

bool letters_only(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || c == ' ' || c == '(' || c == ')' || c == '+' || c == '-';
  }) && std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

class Reader {
 public:
  void add(std::string_view letters) {
    for (const char letter : letters) {
      if (letter < 'A' || letter > 'Z' || letter == 'G') continue;  // G: no proprietary module
      if (const TaintFlag* flag = find_taint_flag(letter))
        out_.value |= std::uint64_t{1} << flag->bit;
      else if (out_.foreign_letters.find(letter) == std::string::npos)
        out_.foreign_letters += letter;
    }
  }

  /// "Tainted: G           OE      6.1.0 #1" or "Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE".
  bool trace(std::string_view text) {
    if (text.find("Not tainted") != std::string_view::npos) {
      out_.kind = TaintReading::Kind::trace_line;
      return true;
    }
    const std::size_t at = text.find("Tainted: ");
    if (at == std::string_view::npos) return false;
    out_.kind = TaintReading::Kind::trace_line;
    text.remove_prefix(at + 9);
    if (text.starts_with('[')) {
      bool any = false;
      for (std::size_t i = 0; i + 3 < text.size(); ++i)
        if (text[i] == '[' && text[i + 2] == ']' && text[i + 3] == '=') {
          add(text.substr(i + 1, 1));
          any = true;
        }
      return any;
    }
    const std::size_t end =
        std::min(static_cast<std::size_t>(
                     std::ranges::find_if_not(
                         text, [](char c) { return c == ' ' || (c >= 'A' && c <= 'Z'); }) -
                     text.begin()),
                 text.size());
    // A letter that a digit or a small letter follows belongs to the release, not to the flags.
    std::string_view letters = text.substr(0, end);
    if (end < text.size() && !letters.empty() && letters.back() != ' ') {
      const std::size_t space = letters.rfind(' ');
      letters = letters.substr(0, space == std::string_view::npos ? 0 : space);
    }
    add(letters);
    return letters.find_first_not_of(' ') != std::string_view::npos;  // "G" at least
  }

  /// "Modules linked in: hello(OE+) ext4(E) [last unloaded: x(O)]"
  bool linked_in(std::string_view text) {
    const std::size_t at = text.find("odules linked in:");
    if (at == std::string_view::npos) return false;
    out_.kind = TaintReading::Kind::module_list;
    std::string_view rest = text.substr(at + 17);
    rest = rest.substr(0, rest.find("[last unloaded"));
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t open = word.find('(');
      if (open != std::string_view::npos && word.ends_with(')'))
        module(word.substr(0, open), word.substr(open));
    }
    return true;
  }

  /// "hello 16384 0 - Live 0xffffffffc0a3f000 (OE)"
  bool module_line(std::string_view text) {
    const auto modules = tainted_modules(text);
    const bool shaped = text.find(" Live 0x") != std::string_view::npos ||
                        text.find(" Loading 0x") != std::string_view::npos ||
                        text.find(" Unloading 0x") != std::string_view::npos;
    if (!shaped) return false;
    out_.kind = TaintReading::Kind::module_line;
    for (const auto& found : modules) add(found.letters);
    out_.modules = modules;
    return true;
  }

  /// As /proc and, with a name before it, sysctl print it.
  bool number(std::string_view text) {
    constexpr std::string_view sysctls = "kernel.tainted";
    if (text.starts_with(sysctls)) {
      text.remove_prefix(sysctls.size());
      text.remove_prefix(std::min(text.find_first_not_of(" ="), text.size()));
    }
    const int base = text.starts_with("0x") || text.starts_with("0X") ? 16 : 10;
    if (base == 16) text.remove_prefix(2);
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), out_.value, base);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
  }

  TaintReading finish() {
    for (int bit = 0; bit < 64; ++bit) {
      if (!(out_.value >> bit & 1)) continue;
      if (const TaintFlag* flag = find_taint_flag(bit))
        out_.flags.push_back(flag);
      else
        out_.foreign_bits.push_back(bit);
    }
    return std::move(out_);
  }

  void kind(TaintReading::Kind value) { out_.kind = value; }

 private:
  void module(std::string_view name, std::string_view flags) {
    TaintedModule found{std::string(name), {}, 0};
    for (const char c : flags) {
      if (c >= 'A' && c <= 'Z') found.letters += c;
      if (c == '+' || c == '-') found.state = c;
    }
    add(found.letters);
    if (!found.letters.empty()) out_.modules.push_back(std::move(found));
  }

  TaintReading out_;
};

}  // namespace

std::span<const TaintFlag> taint_flags() {
  return table;
}

const TaintFlag* find_taint_flag(int bit) {
  const auto found = std::ranges::find(table, bit, &TaintFlag::bit);
  return found == std::end(table) ? nullptr : &*found;
}

const TaintFlag* find_taint_flag(char letter) {
  const auto found = std::ranges::find(table, letter, &TaintFlag::letter);
  return found == std::end(table) ? nullptr : &*found;
}

std::string taint_letters(std::uint64_t value) {
  std::string letters;
  for (const TaintFlag& flag : table)
    if (value >> flag.bit & 1) letters += flag.letter;
  return letters;
}

std::vector<TaintedModule> tainted_modules(std::string_view proc_modules) {
  std::vector<TaintedModule> modules;
  while (!proc_modules.empty()) {
    const std::size_t end = std::min(proc_modules.find('\n'), proc_modules.size());
    std::string_view line = proc_modules.substr(0, end);
    proc_modules.remove_prefix(std::min(end + 1, proc_modules.size()));
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t open = line.rfind(" (");
    if (open == std::string_view::npos || !line.ends_with(')')) continue;
    TaintedModule module{std::string(line.substr(0, line.find(' '))), {}, 0};
    for (const char c : line.substr(open)) {
      if (c >= 'A' && c <= 'Z') module.letters += c;
      if (c == '+' || c == '-') module.state = c;
    }
    if (!module.letters.empty()) modules.push_back(std::move(module));
  }
  return modules;
}

Result<TaintReading> read_taint(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  Reader reader;
  if (reader.number(text) || reader.trace(text) || reader.linked_in(text) ||
      reader.module_line(text))
    return reader.finish();
  if (letters_only(text)) {
    reader = {};
    reader.kind(TaintReading::Kind::letters);
    reader.add(text);
    return reader.finish();
  }
  return Error{
      std::string(text.substr(0, 80)), "is no number, no taint letters, and no line with them",
      "type a number (12288, 0x3000), capital letters (OE), or a quoted line with \"Tainted: "
      "...\" or of /proc/modules"};
}

}  // namespace kovet::explain
