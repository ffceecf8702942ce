#include "tests/vm/agreement_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "check/image_evidence.h"
#include "module/read_module.h"
#include "tests/vm/peer_rule.h"

namespace kovet::testing {

namespace {

namespace fs = std::filesystem;

/// A file's name says which case it is; odd characters of the name are replaced.
std::string file_name(const Case& which, std::size_t part) {
  std::string name = which.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) &&
        std::string_view("-_.+").find(c) == std::string_view::npos)
      c = '_';
  return which.parts.size() == 1 ? name + ".ko" : fmt::format("{}.{}.ko", name, part + 1);
}

/// The gate that the predicted rejection comes from; empty for others.
std::string deciding_gate(const Verdict& verdict) {
  if (verdict.answer != Answer::reject) return {};
  for (const auto& row : verdict.rows)
    if (row.result.status == GateStatus::fail) return std::string(row.gate->id);
  return {};
}

}  // namespace

Result<std::vector<CaseResult>> run_cases(const TestKernel& target, const Kernel& kernel,
                                          const std::vector<Case>& cases,
                                          const std::string& boot_line, const fs::path& work) {
  fs::remove_all(work);
  fs::create_directories(work);
  vm::VmRequest request{.image = target.image().string(),
                        .modules_dir = target.modules_dir().string(),
                        .append = boot_line,
                        .boot_timeout = std::chrono::seconds(600),
                        .module_timeout = std::chrono::seconds(20)};
  for (const auto& which : cases) {
    auto& group = request.groups.emplace_back();
    for (std::size_t i = 0; i < which.parts.size(); ++i) {
      const fs::path file = work / file_name(which, i);
      std::ofstream(file, std::ios::binary) << which.parts[i].bytes;
      group.push_back({.file = file.string(),
                       .parameters = which.parts[i].parameters,
                       .flags = which.parts[i].flags});
    }
  }
  const auto report = vm::run_in_vm(request);
  if (!report) return report.error();

  std::vector<std::vector<std::optional<Module>>> modules;  // empty: a damaged stream
  std::vector<const Module*> all;
  for (const auto& group : request.groups) {
    auto& parts = modules.emplace_back();
    for (const auto& job : group) {
      auto module = read_module(fs::path(job.file), max_decompressed_size,
                                job.flags ? Extent::first : Extent::all);
      if (!module && job.flags == 0) return module.error();
      parts.push_back(module ? std::optional<Module>(std::move(*module)) : std::nullopt);
    }
    for (const auto& module : parts)
      if (module) all.push_back(&*module);
  }
  const ImageEvidence image(kernel, all, ImageReading::everything);

  std::vector<CaseResult> results;
  const Assumptions assumptions = vm::assumptions_from(boot_line);
  std::size_t id = 0;
  for (const auto& which : cases) {
    const auto& parts = modules[&which - cases.data()];
    std::vector<const Module*> peers, refused, uncertain;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const vm::LoadOutcome& outcome = report->outcomes[id++];
      const bool loads = outcome.state == vm::LoadState::loaded || outcome.init_called;
      const auto name = parts.size() == 1 ? which.name : fmt::format("{}.{}", which.name, i + 1);
      CaseResult result{target.release, boot_line, name, {}, loads};
      if (!parts[i]) {
        result.comparison = {vm::Agreement::unknown, "the compressed file is damaged"};
        results.push_back(std::move(result));
        continue;
      }
      const Module& module = *parts[i];
      std::vector<const Module*> absent = refused;
      for (std::size_t later = i + 1; later < parts.size(); ++later)
        if (parts[later]) absent.push_back(&*parts[later]);
      Assumptions with_parameters = assumptions;
      with_parameters.compressed_input = which.parts[i].flags != 0;
      if (!which.parts[i].parameters.empty())
        with_parameters.parameters.push_back({"", which.parts[i].parameters});
      const auto prediction = vm::predict({module,
                                           kernel,
                                           with_parameters,
                                           peers,
                                           {},
                                           image.signature_of(module),
                                           image.facts(),
                                           absent,
                                           uncertain});
      result.comparison = vm::compare(prediction, outcome, !which.talks);
      result.peer_rule = peer_rule_accepts(module, kernel, peers);
      result.gate = deciding_gate(prediction.verdict);
      results.push_back(std::move(result));
      (prediction.verdict.answer == Answer::reject ? refused : peers).push_back(&module);
      if (prediction.verdict.answer == Answer::unknown) uncertain.push_back(&module);
    }
  }
  return results;
}

std::string peer_line(const std::vector<CaseResult>& results) {
  std::size_t right = 0, false_accept = 0, false_reject = 0;
  for (const auto& result : results) {
    right += result.peer_rule == result.loads;
    false_accept += result.peer_rule && !result.loads;
    false_reject += !result.peer_rule && result.loads;
  }
  return fmt::format(
      "for comparison, every symbol there with an equal CRC: right {} of {}, false accept {}, "
      "false reject {}; errno, log and taint are not foretold",
      right, results.size(), false_accept, false_reject);
}

std::string summary_line(const std::vector<CaseResult>& results) {
  const auto count = [&](vm::Agreement kind) {
    return std::ranges::count_if(
        results, [&](const auto& result) { return result.comparison.agreement == kind; });
  };
  std::string line = fmt::format("{} modules loaded: ", results.size());
  std::string_view separator;
  for (const auto kind :
       {vm::Agreement::agree, vm::Agreement::false_accept, vm::Agreement::false_reject,
        vm::Agreement::wrong_errno, vm::Agreement::wrong_log, vm::Agreement::wrong_taint,
        vm::Agreement::unknown}) {
    line += fmt::format("{}{} {}", separator, vm::to_string(kind), count(kind));
    separator = ", ";
  }
  return line;
}

}  // namespace kovet::testing
