#include "tests/unit/host/modprobe_words.h"

#include "host/modprobe_config.h"

namespace kovet::testing {

std::vector<std::string> our_steps(const FakeMachine& machine, const HostReport& report) {
  std::vector<std::string> lines;
  for (const auto& target : report.targets)
    for (const auto& step : target.steps) {
      std::string line;
      if (!step.install.empty())
        line = "install " + step.install + " " + step.option_text;
      else if (step.builtin)
        line = "builtin " + step.name;
      else if (step.path.empty())
        continue;  // a name from a remove line alone: modprobe prints nothing, and fails
      else
        line = "insmod " + machine.root().string() + step.path + " " + step.option_text;
      const auto words = split_words(line);
      line.clear();
      for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
      lines.push_back(line);
    }
  return lines;
}

std::vector<std::string> modprobes_steps(const std::string& output) {
  std::vector<std::string> lines;
  for (const auto& text : split_at(output, '\n')) {
    std::string line;
    for (const auto& word : split_words(text)) line += (line.empty() ? "" : " ") + word;
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace kovet::testing
