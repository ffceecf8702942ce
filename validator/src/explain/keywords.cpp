#include "explain/keywords.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "support/error.h"

namespace kovet::explain {

Keywords::Keywords(std::span<const std::string_view> keywords) {
  constexpr State none = 0;
  const auto add_state = [&] {
    if (outputs_.size() > std::numeric_limits<State>::max())
      throw Fatal({"", "too many keywords for the table of messages", ""});
    next_.resize(next_.size() + 256, none);
    outputs_.emplace_back();
    return static_cast<State>(outputs_.size() - 1);
  };
  add_state();
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    State state = 0;
    for (const char c : keywords[i]) {
      const std::size_t edge = state * std::size_t{256} + static_cast<unsigned char>(c);
      if (next_[edge] == none) {
        const State fresh = add_state();  // may move next_
        next_[edge] = fresh;
      }
      state = next_[edge];
    }
    outputs_[state].push_back(static_cast<std::uint16_t>(i));
  }
  // Breadth first: a missing edge goes where the longest proper suffix would go.
  std::vector<State> suffix(outputs_.size(), 0);
  std::deque<State> queue;
  for (std::size_t c = 0; c < 256; ++c)
    if (next_[c] != none) queue.push_back(next_[c]);
  while (!queue.empty()) {
    const State state = queue.front();
    queue.pop_front();
    const auto& inherited = outputs_[suffix[state]];
    outputs_[state].insert(outputs_[state].end(), inherited.begin(), inherited.end());
    for (std::size_t c = 0; c < 256; ++c) {
      State& edge = next_[state * std::size_t{256} + c];
      const State fallback = next_[suffix[state] * std::size_t{256} + c];
      if (edge == none) {
        edge = fallback;
      } else {
        suffix[edge] = fallback;
        queue.push_back(edge);
      }
    }
  }
  for (const auto& output : outputs_) accepts_.push_back(output.empty() ? 0 : 1);
}

void Keywords::find(std::string_view line, std::vector<std::uint16_t>& found) const {
  found.clear();
  std::size_t state = 0;
  for (const char c : line) {
    state = next_[state * 256 + static_cast<unsigned char>(c)];
    if (accepts_[state]) [[unlikely]] {
      found.insert(found.end(), outputs_[state].begin(), outputs_[state].end());
      // A line made of keywords alone must not grow this without bound.
      if (found.size() > 4096) {
        std::ranges::sort(found);
        found.erase(std::unique(found.begin(), found.end()), found.end());
      }
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

}  // namespace kovet::explain
