#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "tests/cli/cli_test.h"

// The guides name commands that exist, and show what they really print.

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(std::string(KOVET_TEST_SOURCE_DIR) + "/" + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Every "kovet COMMAND ..." in backquotes or behind a "$ ".
std::vector<std::string> commands_in(const std::string& file) {
  static const std::regex quoted("`(kovet [a-z][^`]*)`"),
      typed(R"(^(?:\$ )?(?:[a-z ]*\| )?(kovet [a-z]+.*)$)");
  std::vector<std::string> commands;
  for (const auto& line : lines_of(file)) {
    for (auto at = std::sregex_iterator(line.begin(), line.end(), quoted);
         at != std::sregex_iterator(); ++at)
      commands.push_back((*at)[1]);
    if (std::smatch found; std::regex_match(line, found, typed)) commands.push_back(found[1]);
  }
  return commands;
}

class Guide : public ::testing::TestWithParam<const char*> {};

TEST_P(Guide, NamesCommandsAndOptionsThatExist) {
  const auto commands = commands_in(GetParam());
  ASSERT_GT(commands.size(), 5U);
  for (const auto& text : commands) {
    std::istringstream words(text);
    std::string kovet, command;
    words >> kovet >> command;
    const auto help = run_kovet({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << text;
    for (std::string word; words >> word;)
      if (word.starts_with("--")) {
        EXPECT_THAT(help.out, HasSubstr(word.substr(0, word.find('=')))) << text;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Documents, Guide,
                         ::testing::Values("validator/doc/my-module-does-not-load.md",
                                           "validator/doc/folklore.md", "README.md"),
                         [](const auto& name) {
                           return std::filesystem::path(name.param).stem().string() == "README"
                                      ? std::string("readme")
                                  : std::string(name.param).ends_with("folklore.md")
                                      ? std::string("folklore")
                                      : std::string("guide");
                         });

class GuideOutput : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(GuideOutput, IsWhatTheCommandPrints) {
  const auto [document, least] = GetParam();
  const auto lines = lines_of(document);
  static const std::regex typed(R"re(^\$ kovet (explain|taint) "([^"]*)"$)re");
  int shown = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch found;
    if (!std::regex_match(lines[i], found, typed)) continue;
    std::string output;
    for (std::size_t j = i + 1; j < lines.size() && lines[j] != "```" && lines[j][0] != '$'; ++j)
      output += lines[j] + "\n";
    if (output.empty()) continue;
    auto real = run_kovet({found[1], found[2]}).out;
    while (real.ends_with("\n\n")) real.pop_back();
    EXPECT_EQ(output, real) << lines[i];
    ++shown;
  }
  EXPECT_GE(shown, least);
}

INSTANTIATE_TEST_SUITE_P(Documents, GuideOutput,
                         ::testing::Values(std::pair{"validator/doc/my-module-does-not-load.md", 4},
                                           std::pair{"validator/doc/folklore.md", 2}),
                         [](const auto& name) {
                           return std::string(name.param.first).ends_with("folklore.md")
                                      ? std::string("folklore")
                                      : std::string("guide");
                         });

}  // namespace
}  // namespace kovet::testing
