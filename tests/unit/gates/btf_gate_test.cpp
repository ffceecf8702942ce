#include <linux/btf.h>

#include <cstring>

#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

std::string u32(std::uint32_t value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

/// BTF of one type whose name is at `name`, with strings of its own.
std::string btf_with(std::uint32_t name, std::uint32_t kind = BTF_KIND_TYPEDEF,
                     const std::string& tail = "") {
  const std::string type = u32(name) + u32(kind << 24) + u32(1) + tail;
  const std::string names("own\0", 4);
  const auto size = static_cast<std::uint32_t>(type.size());
  return std::string("\x9f\xeb\1\0", 4) + u32(24) + u32(0) + u32(size) + u32(size) + u32(4) + type +
         names;
}

/// A kernel with three types whose strings are "", "int" and "two words".
ImageFacts image() {
  BtfBase base{.origin = "vmlinux", .names = {}, .types = 3};
  for (const char c : std::string("\0int\0two words\0", 15)) base.names.push_back(std::byte(c));
  ImageFacts facts;
  facts.btf = std::make_shared<const BtfBase>(base);
  return facts;
}

constexpr std::uint32_t kernel_int = 1, kernel_words = 5, own = 15;

Verdict judge_btf(const std::string& btf, const ImageFacts* facts, const std::string& config = "") {
  Case test;
  test.config(config);
  test.builder.add_section({.name = ".BTF", .flags = 0, .content = btf});
  const Module module = read_built(test.builder);
  return judge({module, test.kernel, test.assumptions, {}, {}, {}, facts});
}

TEST(Btf, NamesOfTheKernelAndOfItsOwn) {
  const ImageFacts facts = image();
  EXPECT_EQ(to_string(judge_btf(btf_with(kernel_int), &facts).answer), "accept");
  EXPECT_EQ(to_string(judge_btf(btf_with(own), &facts).answer), "accept");
}

TEST(Btf, ANameThatIsNoneInThisKernel) {
  const ImageFacts facts = image();
  expect_reject(judge_btf(btf_with(kernel_words), &facts), EINVAL,
                {"BPF: [3] TYPEDEF two words ", "BPF: type_id=1", "BPF:  ", "BPF: Invalid name",
                 "BPF: ", "failed to validate module [honest] BTF: -22"});
  expect_reject(judge_btf(btf_with(own + 4), &facts), EINVAL,
                {"BPF: [3] Invalid name_offset:19", "failed to validate module [honest] BTF: -22"});
}

TEST(Btf, WithoutTheKernelsOwnOnlyTheFrameIsKnown) {
  EXPECT_EQ(to_string(judge_btf(btf_with(own), nullptr).answer), "unknown");
  expect_reject(judge_btf("this", nullptr), EINVAL,
                {"BPF: hdr_len not found", "failed to validate module [honest] BTF: -22"});
  std::string other = btf_with(own);
  other[2] = '\2';
  expect_reject(judge_btf(other, nullptr), 524,
                {"BPF: Unsupported version", "failed to validate module [honest] BTF: -524"});
  other = btf_with(own) + "more";
  expect_reject(judge_btf(other, nullptr), EINVAL,
                {"BPF: Unsupported section found", "failed to validate module [honest] BTF: -22"});
}

TEST(Btf, ToleratedWithALine) {
  const ImageFacts facts = image();
  const Verdict verdict =
      judge_btf(btf_with(kernel_words), &facts, "CONFIG_MODULE_ALLOW_BTF_MISMATCH=y\n");
  EXPECT_EQ(to_string(verdict.answer), "accept");
  EXPECT_EQ(row(verdict, "btf").log,
            std::vector<std::string>{"Kernel module BTF mismatch detected, BTF debug info may be "
                                     "unavailable for some modules"});
}

TEST(Btf, ABaseOfItsOwnThatIsCutShort) {
  for (const std::size_t size : {0U, 7U}) {
    Case test;
    test.config("CONFIG_MODULE_ALLOW_BTF_MISMATCH=y\n");
    test.builder.add_section({.name = ".BTF", .flags = 0, .content = btf_with(own)});
    test.builder.add_section({.name = ".BTF.base", .flags = 0, .content = std::string(size, '\0')});
    EXPECT_EQ(row(test.judge(), "btf").log.front(), "BPF: hdr_len not found") << size;
  }
}

TEST(Btf, KindsAreChecked) {
  const ImageFacts facts = image();
  const auto last = [&](const std::string& btf) {
    const Verdict verdict = judge_btf(btf, &facts);
    return verdict.log.size() < 3 ? std::string() : verdict.log[verdict.log.size() - 3];
  };
  EXPECT_EQ(last(btf_with(own, BTF_KIND_PTR)), "BPF: Invalid name");
  EXPECT_EQ(last(btf_with(own, BTF_KIND_FLOAT)), "BPF: Invalid type_size");
  EXPECT_EQ(last(btf_with(own, BTF_KIND_INT, u32(0x01000020))), "BPF: nr_bits exceeds type_size");
  EXPECT_EQ(last(btf_with(own, BTF_KIND_VAR, u32(7))), "BPF: Linkage not supported");
  EXPECT_EQ(last(btf_with(0, BTF_KIND_ARRAY, u32(0) + u32(1) + u32(1))), "BPF: size != 0");
  EXPECT_EQ(judge_btf(btf_with(own, 25), &facts).log.front(), "BPF: [3] Invalid kind:25");
}

}  // namespace
}  // namespace kovet::testing
