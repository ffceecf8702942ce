#include <fmt/format.h>
#include <gmock/gmock.h>

#include "host/cpio.h"
#include "host/machine.h"
#include "module/read_module.h"
#include "tests/support/compress.h"
#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using testing::FakeMachine;
using testing::gzip;
using ::testing::HasSubstr;
using testing::lz4_legacy;
using testing::lzma_alone;
using testing::xz;
using testing::zstd;

std::string padded(std::string text) {
  text.resize((text.size() + 3) & ~std::size_t{3}, '\0');
  return text;
}

std::string cpio_file(const std::string& name, const std::string& content,
                      std::uint32_t mode = 0100644) {
  std::string header = "070701";
  for (const std::size_t field :
       {std::size_t{1}, std::size_t{mode}, std::size_t{0}, std::size_t{0}, std::size_t{1},
        std::size_t{0}, content.size(), std::size_t{0}, std::size_t{0}, std::size_t{0},
        std::size_t{0}, name.size() + 1, std::size_t{0}})
    header += fmt::format("{:08X}", field);
  return padded(header + name + '\0') + padded(content);
}

std::string cpio_end() {
  return cpio_file("TRAILER!!!", "");
}

Initramfs read(const std::string& image, const Module* file = nullptr) {
  return read_initramfs(Bytes::copy(image), "initrd", "foo", file);
}

std::string microcode() {
  return cpio_file("kernel/x86/microcode/AuthenticAMD.bin", "microcode") + cpio_end() +
         std::string(508, '\0');
}

TEST(ReadInitramfs, MicrocodeThenACompressedPart) {
  const auto current = FakeMachine::tiny("foo").build();
  auto older = FakeMachine::tiny("foo");
  older.modinfo("version", "0.9");
  const auto module = read_module(Bytes::copy(current), "foo.ko").value();
  const auto main = cpio_file("usr/lib/modules/6/kernel/foo.ko", current) +
                    cpio_file("usr/lib/modules/6/updates/foo.ko.gz", gzip(older.build())) +
                    cpio_file("conf/modules", "bar\nfoo\n") +
                    cpio_file("./etc/modprobe.d/x.conf", "blacklist foo\noptions bar a=1\n") +
                    cpio_file("usr/lib/modules/6/kernel", "", 040755) + cpio_end();
  for (const auto& image : {microcode() + gzip(main), gzip(main), main, microcode() + zstd(main),
                            microcode() + xz(main), microcode() + lz4_legacy(main),
                            lz4_legacy(main), microcode() + lzma_alone(main)}) {
    const auto result = read(image, &module);
    EXPECT_EQ(result.problem, "");
    ASSERT_EQ(result.copies.size(), 2u);
    EXPECT_EQ(result.copies[0].relation, "same");
    EXPECT_EQ(result.copies[1].relation, "another build");
    EXPECT_THAT(result.copies[1].note, HasSubstr("version 0.9"));
    ASSERT_EQ(result.loads.size(), 1u);
    EXPECT_EQ(result.loads[0].line, 2u);
    ASSERT_EQ(result.lines.size(), 1u);
    EXPECT_EQ(result.lines[0].kind, ConfigKind::blacklist);
  }
}

std::string archive(const std::string& folder) {
  return cpio_file(folder + "/foo.ko", FakeMachine::tiny("foo").build()) + cpio_end();
}

TEST(ReadInitramfs, PartsOfAnyKindOneAfterTheOther) {
  const std::string zeros(512, '\0');
  const std::string image =
      microcode() + archive("early/lib/modules/6") + zstd(archive("lib/modules/6")) + zeros +
      gzip(archive("usr/lib/modules/6")) + zeros + xz(archive("lib/modules/6/a")) +
      lzma_alone(archive("lib/modules/6/b")) + zeros + archive("lib/modules/6/c") +
      lz4_legacy(archive("lib/modules/6/d")) + zeros;
  const auto result = read(image);
  EXPECT_EQ(result.problem, "");
  std::vector<std::string> paths;
  for (const auto& copy : result.copies) paths.push_back(copy.path);
  EXPECT_THAT(paths, ::testing::ElementsAre("/early/lib/modules/6/foo.ko", "/lib/modules/6/foo.ko",
                                            "/usr/lib/modules/6/foo.ko", "/lib/modules/6/a/foo.ko",
                                            "/lib/modules/6/b/foo.ko", "/lib/modules/6/c/foo.ko",
                                            "/lib/modules/6/d/foo.ko"));
}

TEST(ReadInitramfs, ADamagedPartDoesNotHideTheOnesBefore) {
  for (const auto& part : {gzip(archive("b/lib/modules/6")), xz(archive("b/lib/modules/6")),
                           zstd(archive("b/lib/modules/6")), lz4_legacy(archive("b/lib/modules/6")),
                           lzma_alone(archive("b/lib/modules/6"))})
    for (const std::size_t size : {std::size_t{14}, part.size() / 2, part.size() - 1}) {
      const auto result = read(archive("lib/modules/6") + part.substr(0, size));
      EXPECT_EQ(result.copies.size(), 1u);
      EXPECT_THAT(result.problem, HasSubstr("damaged"));
    }
}

TEST(ReadInitramfs, SaysWhatItCannotRead) {
  using namespace std::string_literals;
  EXPECT_THAT(read("\x02\x21\x4c\x18 lz4 is damaged"s).problem, HasSubstr("lz4"));
  EXPECT_THAT(read("\x04\x22\x4d\x18 frame"s).problem, HasSubstr("lz4 -l"));
  EXPECT_THAT(read("BZh91AY&SY"s).problem, HasSubstr("bzip2"));
  EXPECT_THAT(read("\x89LZO\0\r\n"s).problem, HasSubstr("lzop -dc"));
  EXPECT_THAT(read(gzip("no archive")).problem, HasSubstr("more than cpio"));
  EXPECT_THAT(read("garbage").problem, HasSubstr("unknown data"));
  EXPECT_THAT(read("070707octal").problem, HasSubstr("old kind"));
  EXPECT_THAT(read("\x1f\x8b\x08 broken"s).problem, ::testing::Not(::testing::IsEmpty()));
  EXPECT_EQ(read("").problem, "");
}

TEST(ReadInitramfs, NoPrefixOfAnImageBreaksIt) {
  const auto whole = cpio_file("usr/lib/modules/6/foo.ko", "not elf") + cpio_end();
  for (std::size_t size = 0; size < whole.size(); ++size) read(whole.substr(0, size));
  auto huge = whole;
  huge.replace(6 + 6 * 8, 8, "FFFFFFFF");
  EXPECT_THAT(read(huge).problem, HasSubstr("damaged"));
}

TEST(ReadInitramfs, OfThisReleaseIsFoundInBoot) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  machine.module("kernel/foo.ko");
  machine.depmod();
  auto older = FakeMachine::tiny("foo");
  older.modinfo("version", "0.9");
  const auto image = cpio_file("lib/modules/6/foo.ko", older.build()) + cpio_end();
  machine.write(std::string("/boot/initrd.img-") + FakeMachine::release, image);
  machine.write("/boot/initrd.img-5.10.0", image);
  const auto report = machine.ask("foo");
  ASSERT_EQ(report.targets[0].initramfs.size(), 1u);
  const auto* finding = FakeMachine::finding(report, "initramfs-other-build");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->message.find("()"), std::string::npos) << finding->message;
  EXPECT_EQ(report.answer, HostAnswer::would_load);
}

}  // namespace
}  // namespace kovet
