#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/read_kernel.h"
#include "tests/support/temp_dir.h"

namespace kovet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Symvers parse(std::string_view text) {
  auto symvers = parse_symvers(Bytes::copy(text), "Module.symvers");
  if (!symvers) throw Fatal(symvers.error());
  return std::move(*symvers);
}

TEST(Symvers, NamespaceLast) {
  const Symvers symvers = parse(
      "0xf7370f56\tsystem_state\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x0b0bf5f1\tusb_stor_probe1\tdrivers/usb/storage/usb-storage\tEXPORT_SYMBOL_GPL\t"
      "USB_STORAGE\n");
  EXPECT_EQ(symvers.layout, Symvers::Layout::namespace_last);
  ASSERT_EQ(symvers.symbols.size(), 2U);
  const auto plain = symvers.find("system_state");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->crc, 0xf7370f56U);
  EXPECT_EQ(plain->module, "vmlinux");
  EXPECT_EQ(plain->symbol_namespace, "");
  EXPECT_FALSE(plain->gpl_only);
  const auto probe = symvers.find("usb_stor_probe1");
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->module, "drivers/usb/storage/usb-storage");
  EXPECT_EQ(probe->symbol_namespace, "USB_STORAGE");
  EXPECT_TRUE(probe->gpl_only);
  EXPECT_FALSE(symvers.find("missing"));
}

TEST(Symvers, NamespaceThird) {
  const Symvers symvers = parse(
      "0x00000001\ta\t\tvmlinux\tEXPORT_SYMBOL\n"
      "0x00000002\tb\tNS\tdrivers/x\tEXPORT_SYMBOL_GPL\n");
  EXPECT_EQ(symvers.layout, Symvers::Layout::namespace_third);
  EXPECT_EQ(symvers.find("a")->module, "vmlinux");
  EXPECT_EQ(symvers.find("a")->symbol_namespace, "");
  EXPECT_EQ(symvers.find("b")->module, "drivers/x");
  EXPECT_EQ(symvers.find("b")->symbol_namespace, "NS");
}

TEST(Symvers, FourColumns) {
  const Symvers symvers = parse(
      "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\n"
      "0x00000002\tb\tvmlinux\tEXPORT_UNUSED_SYMBOL_GPL\n"
      "0x00000003\tc\tvmlinux\tEXPORT_SYMBOL_GPL_FUTURE\n"
      "0x00000004\td\tvmlinux\t(unknown)\n");
  EXPECT_EQ(symvers.layout, Symvers::Layout::four_columns);
  EXPECT_FALSE(symvers.find("a")->gpl_only);
  EXPECT_TRUE(symvers.find("b")->gpl_only);
  EXPECT_FALSE(symvers.find("c")->gpl_only);
  EXPECT_FALSE(symvers.find("d")->gpl_only);
}

TEST(Symvers, ALostTrailingTabDoesNotChangeTheLayout) {
  const Symvers symvers = parse(
      "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\n"
      "0x00000002\tb\tvmlinux\tEXPORT_SYMBOL\tNS\n");
  EXPECT_EQ(symvers.layout, Symvers::Layout::namespace_last);
  EXPECT_EQ(symvers.find("a")->symbol_namespace, "");
  EXPECT_EQ(symvers.find("b")->symbol_namespace, "NS");
}

TEST(Symvers, CarriageReturnsBlankLinesAndNoLastNewline) {
  const Symvers symvers = parse(
      "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\r\n\r\n\n0x00000002\tb\tvmlinux\tEXPORT_SYMBOL\tNS");
  EXPECT_EQ(symvers.symbols.size(), 2U);
  EXPECT_EQ(symvers.find("a")->symbol_namespace, "");
  EXPECT_EQ(symvers.find("b")->symbol_namespace, "NS");
  EXPECT_THAT(symvers.malformed_lines, IsEmpty());
}

TEST(Symvers, AModuleNamespaceIsKeptWhole) {
  const Symvers symvers =
      parse("0x00000001\ta\tvmlinux\tEXPORT_SYMBOL_GPL\tmodule:kvm,kvm-intel\n");
  EXPECT_EQ(symvers.find("a")->symbol_namespace, "module:kvm,kvm-intel");
}

TEST(Symvers, MalformedLinesAreNumbered) {
  const Symvers symvers = parse(
      "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\n"
      "hello\n"
      "0xg\tb\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x1ffffffff\tc\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000001\t\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000001\td\t\tEXPORT_SYMBOL\t\n"
      "0x00000001\te\tvmlinux\tEXPORT_SYMBOL\tNS\textra\n"
      "0x00000001\tf\tvmlinux\n"
      "0x00000001\tg\tvmlinux\tINTERN\t\n"
      "0x0000000000000002\th\tvmlinux\tEXPORT_SYMBOL\t\n");
  EXPECT_THAT(symvers.malformed_lines, ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(symvers.symbols.size(), 2U);
  EXPECT_EQ(symvers.find("h")->crc, 2U);
}

TEST(Symvers, MalformedLinesAreBounded) {
  std::string text = "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\n";
  for (int i = 0; i < 5000; ++i) text += "rubbish\n";
  EXPECT_EQ(parse(text).malformed_lines.size(), 100U);
}

TEST(Symvers, ContradictionsAreKeptAndTheFirstCounts) {
  const Symvers symvers = parse(
      "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000001\tsame\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000002\ta\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000001\tsame\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000001\ta\tdrivers/x\tEXPORT_SYMBOL\t\n");
  EXPECT_EQ(symvers.find("a")->crc, 1U);
  ASSERT_EQ(symvers.contradictions.size(), 2U);
  EXPECT_EQ(symvers.contradictions[0].symbol, "a");
  EXPECT_EQ(symvers.contradictions[0].first.crc, 1U);
  EXPECT_EQ(symvers.contradictions[0].second.crc, 2U);
  EXPECT_EQ(symvers.contradictions[0].line, 3U);
  EXPECT_EQ(symvers.contradictions[1].second.module, "drivers/x");
  EXPECT_EQ(symvers.contradictions[1].line, 5U);
}

TEST(Symvers, EmptyIsNoError) {
  EXPECT_EQ(parse("").symbols.size(), 0U);
  EXPECT_EQ(parse("\n\r\n").symbols.size(), 0U);
}

TEST(Symvers, TextOfAnotherKindIsAnError) {
  const auto symvers = parse_symvers(Bytes::copy("obj-m += hello.o\n"), "Makefile");
  ASSERT_FALSE(symvers.has_value());
  EXPECT_EQ(symvers.error().where, "Makefile");
  EXPECT_THAT(symvers.error().what, HasSubstr("not a Module.symvers"));
}

TEST(Symvers, SymbolsThatDifferInTheLastByteOrInLengthAreKeptApart) {
  std::string text;
  for (int length = 1; length < 40; ++length)
    for (const char last : {'a', 'b'})
      text += "0x00000001\t" + std::string(static_cast<std::size_t>(length), 'x') + last +
              "\tvmlinux\tEXPORT_SYMBOL\t\n";
  const Symvers symvers = parse(text);
  EXPECT_EQ(symvers.symbols.size(), 78U);
  EXPECT_THAT(symvers.contradictions, IsEmpty());
}

TEST(Symvers, LinesAreReadAgainAsTheyWereTheFirstTime) {
  std::string text = "0x00000001\tfirst\tvmlinux\tEXPORT_SYMBOL_GPL\tNS\r\n\n";
  for (unsigned i = 0; i < 3000; ++i)
    text += "0x0000" + std::to_string(1000 + i) + "\tsymbol" + std::to_string(i) +
            "\tdrivers/x\tEXPORT_SYMBOL\t\n";
  text += "0x00000002\tlast\tfs/y\tEXPORT_SYMBOL";
  const Symvers symvers = parse(text);
  ASSERT_EQ(symvers.symbols.size(), 3002U);
  EXPECT_EQ(symvers.find("first")->symbol_namespace, "NS");
  EXPECT_TRUE(symvers.find("first")->gpl_only);
  EXPECT_EQ(symvers.find("symbol2999")->crc, 0x3999U);
  EXPECT_EQ(symvers.find("last")->module, "fs/y");
  EXPECT_EQ(symvers.find("last")->crc, 2U);
  EXPECT_FALSE(symvers.find("symbol"));
  EXPECT_FALSE(symvers.find("symbol29999"));
  EXPECT_FALSE(symvers.find(""));
}

TEST(Symvers, NulsInALineAreNoEnd) {
  using namespace std::string_view_literals;
  const Symvers symvers = parse(
      "0x00000001\ta\0b\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x00000002\ta\tvmlinux\tEXPORT_SYMBOL\t\n"sv);
  EXPECT_EQ(symvers.find("a")->crc, 2U);
  EXPECT_EQ(symvers.find("a\0b"sv)->crc, 1U);
}

TEST(Symvers, AMissingFileIsAnError) {
  testing::TempDir dir;
  const auto symvers = read_symvers(dir.path() / "Module.symvers");
  ASSERT_FALSE(symvers.has_value());
  EXPECT_THAT(symvers.error().where, HasSubstr("Module.symvers"));
}

}  // namespace
}  // namespace kovet
