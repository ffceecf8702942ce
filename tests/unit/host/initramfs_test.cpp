#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include "host/cpio.h"
#include "host/machine.h"
#include "module/read_module.h"
#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using testing::FakeMachine;
using ::testing::HasSubstr;

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

std::string gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
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
                    cpio_file("usr/lib/modules/6/updates/foo.ko.gz", gzipped(older.build())) +
                    cpio_file("conf/modules", "bar\nfoo\n") +
                    cpio_file("./etc/modprobe.d/x.conf", "blacklist foo\noptions bar a=1\n") +
                    cpio_file("usr/lib/modules/6/kernel", "", 040755) + cpio_end();
  for (const auto& image : {microcode() + gzipped(main), gzipped(main), main}) {
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

TEST(ReadInitramfs, SaysWhatItCannotRead) {
  using namespace std::string_literals;
  EXPECT_THAT(read("\x02\x21\x4c\x18 lz4"s).problem, HasSubstr("lz4"));
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
  EXPECT_TRUE(FakeMachine::finding(report, "initramfs-other-build"));
  EXPECT_EQ(report.answer, HostAnswer::would_load);
}

}  // namespace
}  // namespace kovet
