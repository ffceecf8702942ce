#include "vm/cpio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/temp_dir.h"

namespace kovet::vm {
namespace {

struct Member {
  unsigned long mode = 0, links = 0, major = 0, minor = 0;
  std::string content;
};

unsigned long field(const std::string& text, std::size_t header, int index) {
  return std::stoul(text.substr(header + 6 + 8 * index, 8), nullptr, 16);
}

/// Reads an archive by the documented layout: 13 fields of 8 hexadecimal digits after the magic.
std::map<std::string, Member> read_archive(const std::string& text) {
  std::map<std::string, Member> members;
  std::size_t at = 0;
  for (;;) {
    EXPECT_EQ(at % 4, 0u);
    EXPECT_EQ(text.substr(at, 6), "070701");
    const auto size = field(text, at, 6), name_size = field(text, at, 11);
    const std::string name = text.c_str() + at + 110;
    EXPECT_EQ(name.size() + 1, name_size);
    const std::size_t content = (at + 110 + name_size + 3) / 4 * 4;
    if (name == "TRAILER!!!") return members;
    members[name] = {field(text, at, 1), field(text, at, 4), field(text, at, 9),
                     field(text, at, 10), text.substr(content, size)};
    at = (content + size + 3) / 4 * 4;
    if (at >= text.size()) return {};
  }
}

TEST(CpioWriter, WritesWhatTheKernelUnpacks) {
  testing::TempDir dir;
  const auto file = dir.path() / "archive";
  CpioWriter writer(file);
  writer.add_directory("dev");
  writer.add_character_device("dev/console", 5, 1);
  writer.add_file("init", "12345", 0755);
  writer.add_file("empty", "");
  ASSERT_TRUE(writer.finish().has_value());
  EXPECT_EQ(writer.size(), std::filesystem::file_size(file));
  const auto members = read_archive(testing::read_text(file));
  ASSERT_EQ(members.size(), 4u);
  EXPECT_EQ(members.at("dev").mode, 0040755u);
  EXPECT_EQ(members.at("dev/console").mode, 0020600u);
  EXPECT_EQ(members.at("dev/console").major, 5u);
  EXPECT_EQ(members.at("dev/console").minor, 1u);
  EXPECT_EQ(members.at("init").mode, 0100755u);
  EXPECT_EQ(members.at("init").content, "12345");
  EXPECT_EQ(members.at("empty").content, "");
}

TEST(CpioWriter, SaysWhatCannotBeWritten) {
  CpioWriter writer("/nonexistent/archive");
  writer.add_file("a", "b");
  const auto finished = writer.finish();
  ASSERT_TRUE(finished.has_error());
  EXPECT_EQ(finished.error().where, "/nonexistent/archive");
}

}  // namespace
}  // namespace kovet::vm
