#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "gates/verdict.h"
#include "tests/support/facts.h"

namespace kovet::testing {

/// A case of one test: an honest module and its kernel, to be altered, then judged.
struct Case {
  ElfBuilder builder = honest_builder();
  Kernel kernel = honest_kernel();
  Assumptions assumptions;
  std::optional<SignatureAnswer> signature;
  std::vector<const Module*> peers;
  std::vector<const Symvers*> extra;

  Case() { kernel.distribution = Distribution::debian; }

  Verdict judge() const { return judge_module(read_built(builder)); }
  Verdict judge_module(const Module& module) const {
    return kovet::judge({module, kernel, assumptions, peers, extra, signature});
  }
  void config(const std::string& more) {
    kernel.config = Fact<KernelConfig>::known(make_config(honest_config_text() + more), "test");
  }
  /// The honest configuration without one line.
  void without(const std::string& line) {
    std::string text = honest_config_text();
    const std::size_t at = text.find(line + "\n");
    if (at == std::string::npos) throw std::runtime_error("no such line: " + line);
    text.erase(at, line.size() + 1);
    kernel.config = Fact<KernelConfig>::known(make_config(text), "test");
  }
};

inline const GateResult& row(const Verdict& verdict, std::string_view gate) {
  for (const Verdict::Row& row : verdict.rows)
    if (row.gate->id == gate) return row.result;
  throw std::runtime_error("no gate " + std::string(gate));
}

/// Rejected with this errno and exactly these lines.
inline void expect_reject(const Verdict& verdict, int error, const std::vector<std::string>& log) {
  EXPECT_EQ(to_string(verdict.answer), "reject");
  EXPECT_EQ(errno_name(verdict.error), errno_name(error));
  EXPECT_EQ(verdict.log, log);
}

inline void expect_accept(const Verdict& verdict) {
  EXPECT_EQ(to_string(verdict.answer), "accept");
  for (const Verdict::Row& row : verdict.rows) {
    EXPECT_NE(row.result.status, GateStatus::fail) << row.gate->id << ": " << row.result.reason;
    EXPECT_NE(row.result.status, GateStatus::unknown) << row.gate->id << ": " << row.result.reason;
  }
}

}  // namespace kovet::testing
