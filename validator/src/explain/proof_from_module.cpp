#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "explain/machine_state.h"
#include "explain/proof_steps.h"
#include "host/parameter_fit.h"

namespace kovet::explain {

namespace {

char letter_of(std::string_view id) {
  if (id == "taint-out-of-tree") return 'O';
  if (id == "taint-unsigned") return 'E';
  if (id == "taint-licence" || id == "taint-proprietary" || id == "taint-inherited") return 'P';
  if (id == "taint-staging") return 'C';
  if (id == "taint-livepatch") return 'K';
  if (id == "taint-test") return 'N';
  if (id.starts_with("taint-forced")) return 'F';
  return 0;
}

}  // namespace

Proof from_parameters(const Module& module, const Explanation& item) {
  const std::string_view wanted = fact(item, "parameter");
  if (wanted.empty()) return {};
  const auto found = std::ranges::find_if(
      module.parameters, [&](const Parameter& p) { return same_module(p.name, wanted); });
  const bool unknown_line = item.message->id.starts_with("parameter-unknown");
  if (found == module.parameters.end()) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : module.parameters) names.push_back(parameter.name);
    return {unknown_line ? Proof::Status::proven : Proof::Status::refuted,
            names.empty() ? fmt::format("{} has no parameters", module.display_name())
                          : fmt::format("{} has no parameter {}; it has: {}", module.display_name(),
                                        wanted, fmt::join(names, ", ")),
            "correct the name where it is set", module.path};
  }
  if (unknown_line)
    return {Proof::Status::refuted,
            fmt::format("this file has the parameter {}: another build of it was loaded", wanted),
            "modinfo -n, to see which file modprobe takes", module.path};
  const auto given = std::ranges::find(item.facts, "text", [](const auto& f) { return f.first; });
  if (item.message->stage != Stage::refused) return {};
  const std::string type = found->type.empty() ? "not declared" : std::string(found->type);
  if (given == item.facts.end())  // how many, or how long: the line says it
    return {Proof::Status::proven, fmt::format("{} has type {}", wanted, type),
            "give a value that there is room for", module.path};
  const ParameterFit fit = fit_parameter(
      module, {.name = std::string(wanted), .value = given->second, .has_value = true});
  if (fit.kind == ParameterFit::Kind::bad_value)
    return {Proof::Status::proven,
            fmt::format("{} has type {}; '{}' was given", wanted, type, given->second),
            "give a value of that type", module.path};
  return {Proof::Status::unknown,
          fmt::format(
              "{} has type {}, and '{}' {}: its setter wants something else, or another build of "
              "the module was loaded",
              wanted, type, given->second,
              fit.kind == ParameterFit::Kind::fits ? "is such a value" : "was given"),
          "read its setter in the source; modinfo -n, to see which file modprobe takes",
          module.path};
}

Proof from_taint(const TaintForecast& forecast, const Explanation& item, const Module& module) {
  const char letter = letter_of(item.message->id);
  for (const auto& cause : forecast.causes)
    if (letter ? cause.letter == letter : cause.log == item.line)
      return {Proof::Status::proven, cause.why, cause.how_to_avoid, module.path};
  for (const auto& reason : forecast.unknown)
    if (letter && reason.starts_with(fmt::format("{}: ", letter)))
      return {Proof::Status::unknown, reason, "", ""};
  return {};
}

}  // namespace kovet::explain
