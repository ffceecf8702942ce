#include "gates/elf_of_any_kernel.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gates/evaluate.h"

namespace kovet::gate {

namespace {

/// One of each way in which kernels have looked at the file; the newest first, whose words are
/// used.
constexpr std::array ways{KernelVersion{7, 1, 0},    KernelVersion{6, 18, 0},
                          KernelVersion{6, 12, 117}, KernelVersion{6, 12, 115},
                          KernelVersion{6, 6, 0},    KernelVersion{6, 1, 0},
                          KernelVersion{5, 15, 0},   KernelVersion{4, 19, 0}};

/// The module's own machine first, then one of each word size that is another.
std::vector<Arch> machines(const GateInput& input) {
  if (input.kernel.arch) return {*input.kernel.arch};
  std::vector<Arch> all{Arch::x86_64, Arch::x86, Arch::arm64, Arch::arm};
  const Arch own = input.module.arch;
  if (own == Arch::unknown) return all;
  std::erase(all, own);
  all.insert(all.begin(), own);
  return all;
}

/// Whether a kernel for a machine that Kovet does not know might go on with it.
bool of_unknown_machine(const GateInput& input) {
  const auto& header = input.module.header;
  return !input.kernel.arch && input.module.arch == Arch::unknown && header && header->magic_ok &&
         header->type == ET_REL;
}

/// What each kernel that it may be answers.
template <class Ask>
std::vector<GateResult> ask_all(const GateInput& input, const Ask& ask) {
  std::vector<GateResult> answers;
  for (const Arch arch : machines(input)) {
    for (const KernelVersion& way : ways) {
      if (input.kernel.version && way != ways.front()) break;
      Kernel kernel;
      kernel.arch = Fact<Arch>::known(arch, {});
      kernel.version = input.kernel.version.value_or(way);
      kernel.release = input.kernel.release;
      kernel.distribution = input.kernel.distribution;
      if (arch == Arch::ppc64) kernel.config = input.kernel.config;  // its ABI is in there
      answers.push_back(ask(GateInput{input.module, kernel, input.assumptions, {}, {}, {}}));
    }
  }
  return answers;
}

bool all_are(const std::vector<GateResult>& answers, GateStatus status) {
  return std::ranges::all_of(answers, [&](const auto& answer) { return answer.status == status; });
}

/// One refusal for all of them: with its errno always, which is ENOEXEC here, and with its lines
/// where they are the same.
GateResult refused_by_all(const std::vector<GateResult>& answers) {
  GateResult result = answers.front();
  result.log_known = std::ranges::all_of(answers, [&](const GateResult& answer) {
    return answer.log_known && answer.log == result.log;
  });
  if (!result.log_known) result.log.clear();
  return result;
}

GateResult depends_on_release(const GateInput& input, const std::vector<GateResult>& answers) {
  const auto objection = std::ranges::find_if(
      answers, [](const GateResult& answer) { return answer.status != GateStatus::pass; });
  return GateResult::unknown(
      "what this kernel says of it depends on its release, which is not "
      "known: " +
          objection->reason,
      input.kernel.release.supply);
}

}  // namespace

GateResult elf_of_any_kernel(const GateInput& input) {
  const std::vector<GateResult> answers = ask_all(input, elf);
  const bool unknown_machine = of_unknown_machine(input);
  if (!unknown_machine) {
    if (all_are(answers, GateStatus::fail)) return refused_by_all(answers);
    if (all_are(answers, GateStatus::pass)) return GateResult::pass();
    const std::vector<GateResult> with_symbols = ask_all(input, [](const GateInput& one) {
      GateResult result = elf(one);
      return result.status == GateStatus::pass ? elf_symbols(one) : result;
    });
    if (all_are(with_symbols, GateStatus::fail)) return refused_by_all(with_symbols);
  }
  if (!input.kernel.arch)
    return GateResult::unknown("the kernel's architecture is not known", input.kernel.arch.supply);
  return depends_on_release(input, answers);
}

GateResult elf_symbols_of_any_kernel(const GateInput& input) {
  const std::vector<GateResult> answers = ask_all(input, elf_symbols);
  if (all_are(answers, GateStatus::fail)) return refused_by_all(answers);
  if (all_are(answers, GateStatus::pass)) return GateResult::pass();
  return depends_on_release(input, answers);
}

}  // namespace kovet::gate
