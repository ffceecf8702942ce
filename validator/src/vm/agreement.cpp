#include "vm/agreement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "gates/kernel_arguments.h"
#include "gates/symbol_resolution.h"

namespace kovet::vm {

namespace {

using Lines = std::vector<std::string>;

bool contains(const Lines& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

/// Bits of /proc/sys/kernel/tainted by letter (kernel/panic.c).
std::uint64_t taint_bit(char letter) {
  constexpr std::array<std::pair<char, int>, 7> bits{
      {{'P', 0}, {'F', 1}, {'C', 10}, {'O', 12}, {'E', 13}, {'K', 15}, {'N', 18}}};
  for (const auto& [name, bit] : bits)
    if (name == letter) return std::uint64_t{1} << bit;
  return 0;
}

/// Lines that the kernel prints though no gate rejects.
Lines expected_beside(const Prediction& prediction) {
  Lines lines = prediction.taints.log;
  for (const auto& row : prediction.verdict.rows)
    if (row.result.status == GateStatus::pass)
      lines.insert(lines.end(), row.result.log.begin(), row.result.log.end());
  return lines;
}

/// Messages are cut, and broken at newlines, when they are printed.
bool is_part_of(std::string_view message, std::string_view line) {
  const auto at = message.find(line);
  return !line.empty() && at != std::string_view::npos && (at == 0 || message[at - 1] == '\n');
}

/// Whether a forecast line may be missing because the guest had that taint before, or printed it
/// before: pr_warn_once() leaves no trace that could be asked.
bool may_be_missing(const TaintForecast& forecast, const std::string& line, std::uint64_t before) {
  if (line.starts_with("Kernel module BTF mismatch detected")) return true;
  for (const auto& cause : forecast.causes)
    if (cause.letter != 0 && is_part_of(cause.log, line)) return before & taint_bit(cause.letter);
  return before != 0;  // lines that come along; once per boot
}

Lines without(const Lines& lines, const Lines& removed) {
  Lines left;
  std::ranges::copy_if(lines, std::back_inserter(left),
                       [&](const auto& line) { return !contains(removed, line); });
  return left;
}

/// Bytes that printk() writes for an address: digits, or what stands for them early in a boot.
std::size_t address_length(std::string_view text) {
  constexpr std::string_view hidden = "(____ptrval____)";
  if (text.starts_with(hidden)) return hidden.size();
  return std::min(text.find_first_not_of("0123456789abcdef"), text.size());
}

/// Addresses differ from boot to boot: "<address>" stands for any.
bool same_line(std::string_view predicted, std::string_view real) {
  constexpr std::string_view any = "<address>";
  const auto at = predicted.find(any);
  if (at == std::string_view::npos) return predicted == real;
  if (real.substr(0, at) != predicted.substr(0, at)) return false;
  real.remove_prefix(at);
  real.remove_prefix(address_length(real));
  return same_line(predicted.substr(at + any.size()), real);
}

bool same_lines(const Lines& predicted, const Lines& real) {
  return std::ranges::equal(predicted, real, same_line);
}

std::string quote(const Lines& lines) {
  return lines.empty() ? "nothing" : fmt::format("\"{}\"", fmt::join(lines, "\" \""));
}

std::string describe(const LoadOutcome& outcome) {
  if (outcome.error == 0) return std::string(to_string(outcome.state));
  return fmt::format("{} {}", to_string(outcome.state), errno_name(outcome.error));
}

/// Stacks and registers that come with a warning; nobody can foretell them.
class StackFilter {
 public:
  bool drops(std::string_view line) {
    const bool begins = line.starts_with("WARNING: CPU: ") || line.starts_with("CPU: ");
    if (begins) inside_ = true;
    if (!inside_)
      return line.starts_with("------------[ cut here ]") || line.starts_with("---[ end");
    if (line.starts_with(" </TASK>")) inside_ = false;
    return true;
  }

 private:
  bool inside_ = false;
};

/// Drops stacks. The guest's init waits until the drivers are quiet, so that all else counts.
Lines of_the_loader(const Lines& lines) {
  Lines left;
  StackFilter stack;
  std::ranges::copy_if(lines, std::back_inserter(left),
                       [&](const std::string& line) { return !stack.drops(line); });
  return left;
}

Comparison compare_rejection(const Prediction& prediction, const LoadOutcome& outcome) {
  const Verdict& verdict = prediction.verdict;
  const bool other = outcome.state != LoadState::refused || verdict.error != outcome.error;
  if (other && outcome.state != LoadState::init_failed && !verdict.may_come_first.empty())
    return {Agreement::unknown,
            fmt::format("rejected, and {} may come first; predicted {}, real {}",
                        verdict.may_come_first.front()->id, errno_name(verdict.error),
                        describe(outcome))};
  if (other)
    return {Agreement::wrong_errno,
            fmt::format("predicted {} {}, real {} {}", errno_name(verdict.error),
                        quote(verdict.log), describe(outcome), quote(outcome.log))};
  const Lines real = without(of_the_loader(outcome.log), expected_beside(prediction));
  const Lines predicted = without(verdict.log, expected_beside(prediction));
  if (!verdict.log_known || same_lines(predicted, real)) return {};
  if (!verdict.may_come_first.empty())  // and may have said something
    return {Agreement::unknown,
            fmt::format("rejected, and {} is not known; predicted {}, real {}",
                        verdict.may_come_first.front()->id, quote(predicted), quote(real))};
  return {Agreement::wrong_log, fmt::format("{}: predicted {}, real {}", errno_name(verdict.error),
                                            quote(predicted), quote(real))};
}

Comparison compare_acceptance(const Prediction& prediction, const LoadOutcome& outcome,
                              bool silent_module) {
  const bool has_letters = outcome.state == LoadState::loaded;
  if (has_letters && outcome.taints != prediction.taints.letters)
    return {Agreement::wrong_taint,
            fmt::format("predicted ({}), real ({})", prediction.taints.letters, outcome.taints)};
  for (const auto& line : expected_beside(prediction))
    if (!contains(outcome.log, line) &&
        !may_be_missing(prediction.taints, line, outcome.taint_before))
      return {Agreement::wrong_log,
              fmt::format("predicted \"{}\", real {}", line, quote(outcome.log))};
  const Lines extra = without(of_the_loader(outcome.log), expected_beside(prediction));
  if (silent_module && has_letters && !extra.empty())
    return {Agreement::wrong_log, fmt::format("not predicted: {}", quote(extra))};
  return {};
}

}  // namespace

std::string_view to_string(Agreement agreement) {
  constexpr std::array<std::string_view, 7> names{"agree",        "unknown",     "false accept",
                                                  "false reject", "wrong errno", "wrong log",
                                                  "wrong taint"};
  return names.at(static_cast<std::size_t>(agreement));
}

Prediction predict(const GateInput& input) {
  return {judge(input), forecast_taint(input.module, input.kernel, input.assumptions,
                                       input.signature, inherits_taint(input))};
}

Comparison compare(const Prediction& prediction, const LoadOutcome& outcome, bool silent_module) {
  const Verdict& verdict = prediction.verdict;
  if (verdict.answer == Answer::unknown) {
    std::string why;
    for (const auto& row : verdict.rows)
      if (row.result.status == GateStatus::unknown)
        why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", row.gate->id, row.result.reason);
    return {Agreement::unknown, why + "; real " + describe(outcome)};
  }
  const bool accepted = outcome.state == LoadState::loaded || outcome.init_called;
  if (verdict.answer == Answer::reject) {
    if (accepted)
      return {Agreement::false_reject,
              fmt::format("predicted {} {}, real {}", errno_name(verdict.error), quote(verdict.log),
                          describe(outcome))};
    return compare_rejection(prediction, outcome);
  }
  if (!accepted)
    return {Agreement::false_accept,
            fmt::format("real {} {}", describe(outcome), quote(outcome.log))};
  return compare_acceptance(prediction, outcome, silent_module);
}

Assumptions assumptions_from(std::string_view command_line) {
  Assumptions assumptions;
  assumptions.crypto_modules = false;  // guests have no modprobe
  for (const KernelArgument& argument : parse_kernel_arguments(command_line).words) {
    std::string key = argument.name;
    std::ranges::replace(key, '-', '_');  // parameq()
    const std::string value = argument.value.value_or("");
    // kstrtobool(): no value means yes. The parameter can only be switched on.
    const bool yes = value.empty() || value.starts_with("on") ||
                     std::string_view("1yYtT").find(value[0]) != std::string_view::npos;
    if (key == "module.sig_enforce" && yes) assumptions.sig_enforce = true;
    if (key == "lockdown" && (value == "integrity" || value == "confidentiality"))
      assumptions.lockdown = true;                // it is never lifted
    constexpr std::size_t longest_string = 1024;  // param_set_charp()
    if (key == "module_blacklist" && argument.value && value.size() <= longest_string) {
      assumptions.blacklist.clear();
      std::istringstream names(value);
      for (std::string name; std::getline(names, name, ',');)
        if (!name.empty()) assumptions.blacklist.push_back(name);
    }
  }
  return assumptions;
}

}  // namespace kovet::vm
