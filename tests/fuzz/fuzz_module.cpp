#include <cstdint>

#include "gates/verdict.h"
#include "module/read_module.h"
#include "module/verify_signature.h"
#include "report/info_report.h"
#include "rules/finding.h"
#include "tests/support/facts.h"

// Any bytes: the facts of a module, what every gate and rule makes of them, alone and after an
// honest module of the same call, what becomes of its signature, and both reports.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kovet;
  static const Kernel kernel = testing::honest_kernel();
  static const Module honest = testing::honest_module();
  const auto read =
      read_module(Bytes::copy({reinterpret_cast<const char*>(data), size}), "fuzz.ko");
  if (!read) return 0;
  const Module* const peers[] = {&honest};
  for (const bool strict : {false, true}) {
    Assumptions assumptions;
    if (strict) assumptions = {.sig_enforce = true, .lockdown = true, .compressed_input = true};
    const Verdict verdict =
        judge({.module = *read, .kernel = kernel, .assumptions = assumptions, .peers = peers});
    apply_rules({.module = *read, .kernel = kernel, .verdict = verdict, .peers = peers});
  }
  describe_signature(*read);
  verify_signature(*read, {});
  info_text(*read);
  info_json({*read}, {});
  return 0;
}
