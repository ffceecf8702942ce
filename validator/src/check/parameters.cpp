#include "check/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/kernel_cmdline.h"
#include "host/parameter_fit.h"

namespace kovet {

namespace {

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string parameters_of(const Module& module) {
  std::string all;
  for (const Parameter& parameter : module.parameters)
    all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", parameter.name,
                       parameter.type.empty() ? "type unknown" : parameter.type);
  return all.empty() ? "none" : all;
}

void judge(const Argument& argument, CheckResult& result) {
  const Module& module = *result.module;
  const ParameterFit fit = fit_parameter(module, argument);
  Finding finding{
      .rule = "parameter-mismatch", .severity = Severity::error, .message = {}, .hint = {}};
  if (fit.kind == ParameterFit::Kind::unknown_parameter) {
    finding.message = fmt::format("{} has no parameter {}; it has {}", module.display_name(),
                                  argument.name, parameters_of(module));
    finding.hint = "correct the name: the kernel logs an unknown parameter and ignores it";
  } else if (fit.kind == ParameterFit::Kind::bad_value) {
    finding.message = fmt::format("'{}' is no value for {}, which is of type {}: {}",
                                  argument.value, argument.name, fit.type, fit.note);
    finding.hint = "correct the value: the kernel refuses to load the module with this one";
  } else {
    return;
  }
  result.findings.push_back(std::move(finding));
}

}  // namespace

Result<void> apply_parameters(const std::vector<std::string>& given, CheckReport& report) {
  for (const std::string& text : given) {
    const auto colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
      return Error{"--param " + text, "is not of the form MODULE:PARAMETER=VALUE",
                   "write for example --param hello:debug=1"};
    }
    const std::string name = with_underscores(text.substr(0, colon));
    const auto arguments = split_arguments(std::string_view(text).substr(colon + 1));
    bool known = false;
    for (CheckResult& result : report.results) {
      if (with_underscores(std::string(result.module->display_name())) != name) continue;
      known = true;
      for (const Argument& argument : arguments) judge(argument, result);
    }
    if (!known && report.failures.empty()) {
      return Error{"--param " + text, fmt::format("no given module is named '{}'", name),
                   "name one of the modules that are checked, without .ko"};
    }
  }
  return {};
}

}  // namespace kovet
