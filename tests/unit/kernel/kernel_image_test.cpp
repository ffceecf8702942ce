#include "kernel/kernel_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "kernel/image_payload.h"
#include "tests/support/compress.h"
#include "tests/support/elf_builder.h"

namespace kovet::testing {
namespace {

using namespace std::string_literals;

KernelImage open_image(const std::string& content) {
  return KernelImage::open(Bytes::copy(content), "vmlinuz").value();
}

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += static_cast<char>(value);
    value >>= 8;
  }
  return text;
}

std::string small_btf() {
  const std::string type =
      number(1, 4) + number(std::uint32_t{1} << 24, 4) + number(4, 4) + number(32, 4);
  return "\x9f\xeb\1\0"s + number(24, 4) + number(0, 4) + number(16, 4) + number(16, 4) +
         number(5, 4) + type + "\0int\0"s;
}

/// A vmlinux: names of parameters at an address, and __param that points there.
std::string vmlinux(bool with_pointers = true) {
  constexpr std::uint64_t names_at = 0xffffffff82000000;
  ElfBuilder builder;
  builder.add_section({.name = ".rodata",
                       .content = "rcutree.dump\0early\0quiet.hidden\0tcp_cubic\0"s,
                       .addr = names_at});
  const auto entry = [&](std::uint64_t name, std::uint16_t permissions) {
    return number(with_pointers ? names_at + name : 0, 8) + number(0, 16) + number(permissions, 2) +
           number(0, 14);
  };
  builder.add_section(
      {.name = "__param", .content = entry(0, 0444) + entry(13, 0444) + entry(19, 0)});
  builder.add_section(
      {.name = "__modver", .content = number(0, 56) + number(names_at + 32, 8) + number(0, 8)});
  builder.add_section({.name = ".BTF", .content = small_btf()});
  return builder.build();
}

TEST(KernelImage, FoldersOfSysModule) {
  EXPECT_THAT(open_image(vmlinux()).sysfs_modules(),
              ::testing::Optional(::testing::ElementsAre("kernel", "rcutree", "tcp_cubic")));
  EXPECT_FALSE(open_image(vmlinux(false)).sysfs_modules());  // pointers come with relocation
  EXPECT_FALSE(open_image("no ELF at all").sysfs_modules());
}

TEST(KernelImage, BtfOfElfAndOfFlatImages) {
  EXPECT_EQ(open_image(vmlinux()).btf().size(), small_btf().size());
  const std::string flat = std::string(5000, 'x') + "\x9f\xeb\1\0\x18\0\0\0"s +
                           std::string(99, 'y') + small_btf() + std::string(5000, 'z');
  EXPECT_EQ(open_image(flat).btf().size(), small_btf().size());
  EXPECT_TRUE(open_image(std::string(5000, 'x')).btf().empty());
}

std::string bzimage(const std::string& payload) {
  std::string image(0x400, '\0');
  image[0x1f1] = 1;
  image.replace(0x202, 4, "HdrS");
  image.replace(0x248, 4, number(0, 4));
  image.replace(0x24c, 4, number(payload.size(), 4));
  return image + payload + "what follows";
}

std::string zboot(const std::string& payload) {
  std::string image = "MZ\0\0zimg"s + number(4096, 4) + number(payload.size(), 4);
  image.resize(4096);
  return image + payload + number(payload.size(), 4);
}

TEST(KernelImage, OfEveryWrapping) {
  const std::string kernel = vmlinux(), size = number(kernel.size(), 4);
  const auto btf_of = [](const std::string& content) { return open_image(content).btf().size(); };
  for (const auto& packed :
       {gzip(kernel), xz(kernel), zstd(kernel), lz4_legacy(kernel), lzma_alone(kernel)}) {
    const bool sized = packed[0] != '\x1f';
    EXPECT_EQ(btf_of(packed), small_btf().size());
    EXPECT_EQ(btf_of(zboot(packed)), small_btf().size());
    EXPECT_EQ(btf_of(bzimage(sized ? packed + size : packed)), small_btf().size());
    const auto cut = bzimage(packed.substr(0, packed.size() / 2));
    EXPECT_FALSE(KernelImage::open(Bytes::copy(cut), "vmlinuz"));
  }
  EXPECT_EQ(btf_of(lz4_legacy(kernel) + size), small_btf().size());
  EXPECT_FALSE(KernelImage::open(Bytes::copy(bzimage("BZh91AY&SY")), "vmlinuz"));
  EXPECT_FALSE(KernelImage::open(Bytes::copy(bzimage("")), "vmlinuz"));
}

TEST(KernelImage, OfManyChunksOfLz4) {
  const std::string kernel = vmlinux() + std::string(std::size_t{20} << 20, 'x');
  const std::string packed = lz4_legacy(kernel);
  EXPECT_EQ(open_image(packed).bytes().size(), kernel.size());
  std::string damaged = packed;
  damaged[9] = '\xff';
  const auto image = KernelImage::open(Bytes::copy(damaged), "vmlinuz");
  EXPECT_TRUE(!image || text_of(image->bytes()) != kernel);
}

TEST(KernelImage, VermagicOfThatRelease) {
  const std::string image = "Linux version 6.12.1 (me)\0"s + "6.12.1 is not it\0"s +
                            "6.12.1 SMP preempt mod_unload modversions \0 6.12.10 SMP \0"s;
  const KernelImage kernel = open_image(std::string(100, 'x') + "\0"s + image);
  EXPECT_EQ(kernel.vermagic("6.12.1"), "6.12.1 SMP preempt mod_unload modversions ");
  EXPECT_FALSE(kernel.vermagic("6.12"));
  EXPECT_FALSE(kernel.vermagic(""));
}

TEST(KernelImage, ConfigurationOfIkconfig) {
  const std::string text = "CONFIG_MODVERSIONS=y\n";
  const KernelImage kernel =
      open_image(std::string(64, 'x') + "IKCFG_ST" + gzip(text) + "IKCFG_ED" + std::string(9, 'x'));
  ASSERT_TRUE(kernel.configuration());
  EXPECT_EQ(kernel.configuration()->text(), text);
  EXPECT_FALSE(open_image(std::string(64, 'x') + "IKCFG_ST" + gzip(text)).configuration());
}

}  // namespace
}  // namespace kovet::testing
