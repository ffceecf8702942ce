#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <string_view>

#include "explain/explain.h"

namespace kovet::explain {

/// What the explainer makes of a log, without a module or a kernel at hand.
inline Explanations explain(std::string_view log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return explainer.finish(size);
}

}  // namespace kovet::explain
