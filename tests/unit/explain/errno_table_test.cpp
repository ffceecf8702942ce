#include "explain/errno_table.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace kovet::explain {
namespace {

TEST(ErrnoTable, TakesNamesNumbersAndTexts) {
  for (const char* text : {"ENOEXEC", "enoexec", "-ENOEXEC", "8", "-8", "Invalid module format",
                           "invalid module format", "Exec format error", " Exec format error. "}) {
    const auto* meaning = find_errno(text);
    ASSERT_NE(meaning, nullptr) << text;
    EXPECT_EQ(meaning->number, ENOEXEC) << text;
  }
}

TEST(ErrnoTable, ToolsTextsLeadToTheirErrno) {
  const std::pair<const char*, int> texts[] = {
      {"Unknown symbol in module", ENOENT},
      {"Unknown symbol in module, or unknown parameter (see dmesg)", ENOENT},
      {"Invalid parameters", EINVAL},
      {"Module has wrong symbol version", ESRCH},
      {"Module already in kernel", EEXIST},
      {"Required key not available", ENOKEY},
      {"Key was rejected by service", EKEYREJECTED},
      {"Bad message", EBADMSG},
      {"kernel does not support requested operation", ENOSYS}};
  for (const auto& [text, number] : texts) {
    const auto* meaning = find_errno(text);
    ASSERT_NE(meaning, nullptr) << text;
    EXPECT_EQ(meaning->number, number) << text;
  }
}

TEST(ErrnoTable, FirstTextIsTheSystems) {
  for (const auto& meaning : errno_meanings())
    EXPECT_EQ(meaning.texts[0], std::strerror(meaning.number)) << meaning.name;
}

TEST(ErrnoTable, NumbersAreUniqueAndHaveCauses) {
  std::set<int> numbers;
  for (const auto& meaning : errno_meanings()) {
    EXPECT_TRUE(numbers.insert(meaning.number).second) << meaning.name;
    EXPECT_FALSE(meaning.causes[0].text.empty()) << meaning.name;
    EXPECT_FALSE(meaning.next.empty()) << meaning.name;
  }
}

TEST(ErrnoTable, TakesNumbersAsProgramsAndRegistersShowThem) {
  for (const char* text : {"8", "-8", "0x8", "-0x8", "0xfffffff8", "0xFFFFFFF8", "4294967288",
                           "0xfffffffffffffff8", "18446744073709551608"})
    EXPECT_EQ(errno_number(text), ENOEXEC) << text;
  for (const char* text : {"0", "0x", "0x0", "0xfffff000", "0x1000", "0xdeadbeef",
                           "0xffffffffc0000000", "0x1ffffffffffffffff"})
    EXPECT_EQ(errno_number(text), std::nullopt) << text;
}

TEST(ErrnoTable, RejectsWhatIsNone) {
  EXPECT_EQ(find_errno("hello"), nullptr);
  EXPECT_EQ(find_errno(""), nullptr);
  EXPECT_EQ(find_errno("-"), nullptr);
  EXPECT_EQ(find_errno("0"), nullptr);
  EXPECT_EQ(errno_number("99999999999999999999"), std::nullopt);
  EXPECT_EQ(errno_number("4096"), std::nullopt);
  EXPECT_EQ(errno_number("-517"), 517);
  EXPECT_EQ(errno_number("8x"), std::nullopt);
}

TEST(ErrnoTable, KnowsWhatTheCLibraryKnows) {
  EXPECT_EQ(errno_of_text("Level 2 not synchronized"), EL2NSYNC);
  EXPECT_EQ(errno_of_text("enotty"), ENOTTY);
  EXPECT_EQ(errno_of_text("Unknown error 512"), 512);
  EXPECT_EQ(errno_of_text("Invalid module format"), ENOEXEC);
  EXPECT_FALSE(errno_of_text("no words of an errno"));
  EXPECT_FALSE(errno_of_text("errno 41x"));
}

TEST(ErrnoTable, TakesSynonyms) {
  EXPECT_EQ(errno_of_text("EWOULDBLOCK"), EAGAIN);
  EXPECT_EQ(errno_of_text("-ewouldblock"), EAGAIN);
  EXPECT_EQ(errno_of_text("EDEADLOCK"), EDEADLK);
  EXPECT_EQ(errno_of_text("-EINTR"), EINTR);
  ASSERT_NE(find_errno("ENOTSUP"), nullptr);
  EXPECT_EQ(find_errno("ENOTSUP")->number, EOPNOTSUPP);
}

TEST(ErrnoTable, TakesWhatAnnouncesAnErrno) {
  for (const char* text : {"err -22", "(err -22)", "err=-22", "errno 22", "errno: 22", "error -22",
                           "failed with error -22", "hello: probe returned -22", "rc=-22",
                           "ret = -22", "error: EINVAL", "err 0xffffffea", "status -22."})
    EXPECT_EQ(errno_announced(text), EINVAL) << text;
  for (const char* text : {"", "err", "err ", "-22", "line 22", "page 22", "err 0", "err x",
                           "err -22x", "err -22 of many", "version 2.6.22"})
    EXPECT_FALSE(errno_announced(text)) << text;
}

TEST(ErrnoTable, LeadingZerosAreDecimal) {
  EXPECT_EQ(errno_number("022"), EINVAL);
  EXPECT_EQ(errno_number("-0022"), EINVAL);
}

}  // namespace
}  // namespace kovet::explain
