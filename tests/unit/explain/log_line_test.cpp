#include "explain/log_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace kovet::explain {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

struct Prefix {
  const char* line;
  const char* time;
};

class StripPrefix : public ::testing::TestWithParam<Prefix> {};

TEST_P(StripPrefix, LeavesTheMessage) {
  const LogLine line = strip_prefix(GetParam().line);
  EXPECT_EQ(line.text, "hello: Unknown symbol x (err -2)");
  EXPECT_EQ(line.time, GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    Sources, StripPrefix,
    ::testing::Values(
        Prefix{"hello: Unknown symbol x (err -2)", ""},
        Prefix{"[   12.345678] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"[   12.345678][  T123] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"[   12.345678] [    C1] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"[Mon Nov 23 21:00:17 2026] hello: Unknown symbol x (err -2)",
               "Mon Nov 23 21:00:17 2026"},
        Prefix{"2026-11-23T21:00:17,123456+01:00 hello: Unknown symbol x (err -2)",
               "2026-11-23T21:00:17,123456+01:00"},
        Prefix{"kern  :warn  : [   12.345678] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"<4>[   12.345678] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"Nov 23 21:00:17 box kernel: hello: Unknown symbol x (err -2)", "Nov 23 21:00:17"},
        Prefix{"Nov  3 01:00:17 box kernel: [   12.345678] hello: Unknown symbol x (err -2)",
               "12.345678"},
        Prefix{"Nov 23 21:00:17.123456 box kernel: hello: Unknown symbol x (err -2)",
               "Nov 23 21:00:17.123456"},
        Prefix{"2026-11-23T21:00:17+0000 box kernel: hello: Unknown symbol x (err -2)",
               "2026-11-23T21:00:17+0000"},
        Prefix{"Mon 2026-11-23 21:00:17 UTC box kernel: hello: Unknown symbol x (err -2)",
               "Mon 2026-11-23 21:00:17"},
        Prefix{"1795467617.123456 box kernel: hello: Unknown symbol x (err -2)",
               "1795467617.123456"},
        Prefix{"[   12.345678] box kernel: hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"4,1234,5678901,-;hello: Unknown symbol x (err -2)", "5.678901"},
        Prefix{"4,1234,5678901,-,caller=T1;hello: Unknown symbol x (err -2)", "5.678901"},
        Prefix{"> [   12.345678] hello: Unknown symbol x (err -2)", "12.345678"},
        Prefix{"    > > [   12.345678] hello: Unknown symbol x (err -2)  ", "12.345678"}));

TEST(StripPrefix, KeepsBackquotesOfMessages) {
  EXPECT_EQ(strip_prefix("[ 1.0] `hello' likely not compiled with -mcmodel=kernel").text,
            "`hello' likely not compiled with -mcmodel=kernel");
}

TEST(StripPrefix, KeepsToolsNames) {
  EXPECT_EQ(strip_prefix("insmod: ERROR: could not insert module x.ko: File exists").text,
            "insmod: ERROR: could not insert module x.ko: File exists");
}

TEST(StripPrefix, SurvivesAnything) {
  for (const char* line :
       {"", "[", "<", "[]", "<1", "1,2,3", ",,,;", "Nov", "kern ", "2026-11-23T21:00:1", "[Mon ",
        "Mon 2", ">>>>", "[12.5", "99999999999999999999,1,1,-;x"})
    strip_prefix(line);
}

TEST(Clean, RemovesAnsiAndControlCharacters) {
  std::string scratch;
  EXPECT_EQ(clean("\033[0;31m[    1.0]\033[0m\thello\x07: x\033(B", scratch), "[    1.0] hello: x");
  EXPECT_EQ(clean("plain", scratch), "plain");
  EXPECT_EQ(clean("cut \033[", scratch), "cut ");
}

std::vector<std::pair<std::string, std::uint64_t>> split(std::string_view text) {
  std::vector<std::pair<std::string, std::uint64_t>> lines;
  split_lines(
      text, [&](std::string_view line, std::uint64_t number) { lines.emplace_back(line, number); });
  return lines;
}

TEST(SplitLines, CountsEmptyLinesAndCarriageReturns) {
  EXPECT_THAT(split("a\r\n\nb\rc\nlast"),
              ElementsAre(Pair("a", 1), Pair("b", 3), Pair("c", 3), Pair("last", 4)));
}

TEST(ReadLines, JoinsPiecesAndCutsOverlongLines) {
  testing::TempDir dir;
  std::string content =
      "first\n" + std::string(300 * 1024, 'x') + "\n" + std::string(1, '\0') + "\nend";
  const auto file = dir.write("log", content);
  const int descriptor = ::open(file.c_str(), O_RDONLY);
  std::vector<std::size_t> lengths;
  const auto size = read_lines(descriptor, "log", [&](std::string_view line, std::uint64_t) {
    lengths.push_back(line.size());
  });
  ::close(descriptor);
  ASSERT_TRUE(size.has_value());
  EXPECT_THAT(lengths, ElementsAre(5, longest_line, 1, 3));
  EXPECT_EQ(size->lines, 4U);
  EXPECT_EQ(size->cut_lines, 1U);
  EXPECT_EQ(size->bytes, content.size());
}

TEST(SplitLines, ALogWithCarriageReturnsAloneIsNotOneCutLine) {
  std::string log;
  for (int i = 0; i < 10000; ++i) log += "line of a console\r";
  const auto lines = split(log);
  EXPECT_EQ(lines.size(), 10000U);
  for (const auto& [line, number] : lines) EXPECT_EQ(line, "line of a console");
}

TEST(ReadLines, NamesWhatCannotBeRead) {
  const int directory = ::open("/", O_RDONLY);
  const auto size = read_lines(directory, "/", [](std::string_view, std::uint64_t) {});
  ::close(directory);
  ASSERT_TRUE(size.has_error());
  EXPECT_EQ(size.error().where, "/");
}

}  // namespace
}  // namespace kovet::explain
