#include "tests/support/btf_maker.h"
#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

constexpr auto* tolerating = "CONFIG_MODULE_ALLOW_BTF_MISMATCH=y\n";

/// A kernel's own BTF.
ImageFacts kernel_types(BtfReading reading = BtfReading::named_types) {
  BtfMaker made;
  made.number("int", 4, BTF_INT_SIGNED);   // 1
  made.bare(BTF_KIND_STRUCT, "node", 16);  // 2
  made.bare(BTF_KIND_UNION, "both", 8);    // 3
  made.bare(BTF_KIND_ENUM64, "wide", 8);   // 4
  const std::uint32_t twice = made.name("twice");
  made.type(BTF_KIND_STRUCT, twice, 8);     // 5
  made.type(BTF_KIND_STRUCT, twice, 8);     // 6
  made.type(BTF_KIND_STRUCT, twice, 24);    // 7
  made.bare(BTF_KIND_FWD, "hidden", 0);     // 8
  made.pointer(2);                          // 9
  made.bare(BTF_KIND_ENUM, "mixed", 4);     // 10
  made.bare(BTF_KIND_STRUCT, "mixed", 72);  // 11
  const std::string btf = made.build();
  ImageFacts facts;
  auto base = read_btf_base(std::as_bytes(std::span(btf)), "vmlinux", reading);
  if (base) facts.btf = std::make_shared<const BtfBase>(std::move(*base));
  return facts;
}

/// A module with BTF that builds on a base of its own.
struct Subject {
  BtfMaker base;
  BtfMaker own;
  Subject() = default;
  explicit Subject(const BtfMaker& made) : base(made), own(BtfMaker::on(made)) {}

  Verdict judge(const ImageFacts* facts, const std::string& config = "") const {
    Case test;
    test.config(config);
    test.kernel.version = KernelVersion{6, 12, 0};
    test.builder.add_section({.name = ".BTF", .flags = 0, .content = own.build()});
    test.builder.add_section({.name = ".BTF.base", .flags = 0, .content = base.build()});
    const Module module = read_built(test.builder);
    return kovet::judge({module, test.kernel, test.assumptions, {}, {}, {}, facts});
  }
  GateResult of_btf(const ImageFacts* facts, const std::string& config = "") const {
    return row(judge(facts, config), "btf");
  }
};

/// One type of the base, and a pointer to it.
Subject pointer_to(std::uint32_t kind, std::string_view name, std::uint32_t size,
                   bool flag = false) {
  BtfMaker base;
  base.bare(kind, name, size, flag);
  Subject subject(base);
  subject.own.pointer(1);
  return subject;
}

Subject number(std::string_view name, std::uint32_t size, std::uint32_t encoding) {
  BtfMaker base;
  base.number(name, size, encoding);
  Subject subject(base);
  subject.own.pointer(1);
  return subject;
}

bool passes(const Subject& subject) {
  const ImageFacts facts = kernel_types();
  return subject.of_btf(&facts).status == GateStatus::pass;
}

/// The lines before the last, of a kernel that refuses.
Lines lines(const Subject& subject, int error = EINVAL) {
  const ImageFacts facts = kernel_types();
  GateResult result = subject.of_btf(&facts);
  EXPECT_EQ(result.status, GateStatus::fail) << result.reason;
  EXPECT_EQ(result.error, error);
  if (result.log.empty()) return {};
  EXPECT_THAT(result.log.back(), HasSubstr("failed to validate module [honest] BTF: -"));
  result.log.pop_back();
  return result.log;
}

std::string not_mapped(std::string_view name, int id = 1) {
  return "distilled base BTF type '" + std::string(name) + "' [" + std::to_string(id) +
         "] is not mapped to base BTF id";
}

TEST(RelocatedBtf, TypesAreFoundByNameAndSize) {
  EXPECT_TRUE(passes(number("int", 4, BTF_INT_SIGNED)));
  EXPECT_EQ(lines(number("int", 8, BTF_INT_SIGNED)), Lines{not_mapped("int")});
  EXPECT_EQ(lines(number("int", 4, 0)), Lines{not_mapped("int")});
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_ENUM, "wide", 8)));
  EXPECT_EQ(lines(pointer_to(BTF_KIND_ENUM, "wide", 4)), Lines{not_mapped("wide")});
  EXPECT_EQ(lines(pointer_to(BTF_KIND_STRUCT, "gone", 4)), Lines{not_mapped("gone")});
}

TEST(RelocatedBtf, AStructsSizeCountsWhereItIsHeldByValue) {
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_STRUCT, "node", 16)));
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_STRUCT, "node", 24)));
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_UNION, "node", 24)));
  for (const std::uint32_t size : {16U, 24U}) {
    BtfMaker base;
    base.bare(BTF_KIND_STRUCT, "node", size);
    Subject subject(base);
    subject.own.holder("holder", 64, subject.own.array(subject.own.alias("node_t", 1), 1, 2));
    if (size == 16)
      EXPECT_TRUE(passes(subject));
    else
      EXPECT_EQ(lines(subject), Lines{not_mapped("node")});
  }
}

TEST(RelocatedBtf, AStructHeldByValueHasOneCandidateWhateverTheSizeOfTheNext) {
  for (const std::uint32_t size : {4U, 72U}) {
    BtfMaker base;
    base.bare(BTF_KIND_STRUCT, "mixed", size);
    Subject subject(base);
    subject.own.holder("holder", 128, 1);
    if (size == 72)
      EXPECT_TRUE(passes(subject));
    else
      EXPECT_EQ(lines(subject), Lines{"distilled base BTF type 'mixed' [1], size 72 has multiple "
                                      "candidates of the same size (ids [11, 10]) in base BTF"});
  }
}

TEST(RelocatedBtf, WhetherKernelsOfAnUnknownReleaseReadTheBaseIsUnknown) {
  for (const std::string base : {"", "of no use"}) {
    Case test;
    test.config("");
    test.kernel.version.reset();
    BtfMaker own;
    own.number("mine", 4, BTF_INT_SIGNED);
    test.builder.add_section({.name = ".BTF", .flags = 0, .content = own.build()});
    test.builder.add_section({.name = ".BTF.base", .flags = 0, .content = base});
    EXPECT_EQ(row(test.judge(), "btf").status, GateStatus::unknown);
  }
}

TEST(RelocatedBtf, ForwardDeclarations) {
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_FWD, "node", 0)));
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_FWD, "hidden", 0)));
  EXPECT_EQ(lines(pointer_to(BTF_KIND_FWD, "hidden", 0, true)), Lines{not_mapped("hidden")});
  // The kernel asks the union's own flag, which says that it has bitfields.
  EXPECT_EQ(lines(pointer_to(BTF_KIND_FWD, "both", 0, true)), Lines{not_mapped("both")});
}

TEST(RelocatedBtf, SeveralOfAName) {
  EXPECT_EQ(lines(pointer_to(BTF_KIND_STRUCT, "twice", 8)),
            Lines{"distilled base BTF type 'twice' [1], size 8 has multiple candidates of the same "
                  "size (ids [6, 5]) in base BTF"});
  EXPECT_TRUE(passes(pointer_to(BTF_KIND_STRUCT, "twice", 24)));
  EXPECT_EQ(lines(pointer_to(BTF_KIND_STRUCT, "twice", 16)), Lines{not_mapped("twice")});
}

TEST(RelocatedBtf, WhichOfTwoAlikeIsNamedIsNotKnown) {
  BtfMaker base;
  base.bare(BTF_KIND_STRUCT, "twice", 8);
  base.bare(BTF_KIND_STRUCT, "twice", 8);
  Subject subject(base);
  subject.own.pointer(1);
  const ImageFacts facts = kernel_types();
  const GateResult result = subject.of_btf(&facts);
  EXPECT_EQ(result.status, GateStatus::fail);
  EXPECT_FALSE(result.log_known);
  EXPECT_TRUE(result.log.empty());
}

TEST(RelocatedBtf, KindsThatABaseCannotHave) {
  BtfMaker base;
  base.type(BTF_KIND_STRUCT, 0, 8);
  EXPECT_EQ(lines(Subject(base)),
            Lines{"type [1], kind [4] is invalid for distilled base BTF; it is anonymous"});
  BtfMaker other;
  other.number("int", 4, BTF_INT_SIGNED);
  other.pointer(1);
  EXPECT_EQ(lines(Subject(other)),
            Lines{"type [2] in distilled based BTF has unexpected kind [2]"});
}

TEST(RelocatedBtf, ABadBaseSaysWhatIsBadEvenWhereItIsTolerated) {
  const Subject subject = pointer_to(BTF_KIND_ENUM, "e", 3);
  EXPECT_EQ(lines(subject), (Lines{"BPF: [1] ENUM e ", "BPF: size=3 vlen=0",
                                   "BPF:  ", "BPF: Unexpected size", "BPF: "}));
  EXPECT_EQ(subject.of_btf(nullptr, tolerating).log.size(), 6U);
}

TEST(RelocatedBtf, ItsOwnTypesCountOnFromTheBase) {
  BtfMaker base;
  base.number("int", 4, BTF_INT_SIGNED);
  Subject subject(base);
  subject.own.alias("two words", 1);
  EXPECT_EQ(lines(subject).front(), "BPF: [2] TYPEDEF two words ");
}

TEST(RelocatedBtf, OnlyNamesOfTypesAreTakenFromTheBase) {
  BtfMaker base;
  base.number("int", 4, BTF_INT_SIGNED);
  Subject subject(base);
  subject.own.type(BTF_KIND_TYPEDEF, 1, 1);
  EXPECT_TRUE(passes(subject));
  subject.own.type(BTF_KIND_TYPEDEF, 2, 1);
  EXPECT_EQ(lines(subject, ENOENT), Lines{"string '' [offset 2] is not mapped to base BTF"});
}

TEST(RelocatedBtf, WhereTheKernelIsLedAstrayNothingIsForetold) {
  const ImageFacts facts = kernel_types();
  const auto unknown = [&](auto fill) {
    BtfMaker base;
    base.number("int", 4, BTF_INT_SIGNED);
    Subject subject(base);
    fill(subject.own);
    for (const std::string config : {"", tolerating})
      for (const ImageFacts* image : {&facts, static_cast<const ImageFacts*>(nullptr)})
        if (subject.of_btf(image, config).status != GateStatus::unknown) return false;
    return true;
  };
  EXPECT_TRUE(unknown([](BtfMaker& own) { own.pointer(3); }));
  EXPECT_TRUE(unknown([](BtfMaker& own) { own.array(2, 1, 1), own.holder("s", 8, 2); }));
  EXPECT_TRUE(
      unknown([](BtfMaker& own) { own.alias("a", 3), own.array(2, 1, 1), own.holder("s", 8, 2); }));
  EXPECT_TRUE(unknown([](BtfMaker& own) { own.holder("s", 8, 9); }));
}

TEST(RelocatedBtf, WithoutTheKernelsTypes) {
  const Subject subject = number("int", 8, BTF_INT_SIGNED);
  const ImageFacts frame = kernel_types(BtfReading::frame);
  for (const ImageFacts* facts : {&frame, static_cast<const ImageFacts*>(nullptr)}) {
    EXPECT_EQ(subject.of_btf(facts).status, GateStatus::unknown);
    EXPECT_EQ(subject.of_btf(facts, tolerating).status, GateStatus::pass);
    EXPECT_TRUE(subject.of_btf(facts, tolerating).log.empty());
  }
}

TEST(RelocatedBtf, ToleratedWithLines) {
  const ImageFacts facts = kernel_types();
  EXPECT_EQ(number("int", 8, BTF_INT_SIGNED).of_btf(&facts, tolerating).log,
            (Lines{not_mapped("int"),
                   "Kernel module BTF mismatch detected, BTF debug info may be unavailable for "
                   "some modules"}));
}

TEST(RelocatedBtf, CutAnywhereNeverReadsOutside) {
  const ImageFacts facts = kernel_types();
  const Subject subject = number("int", 4, BTF_INT_SIGNED);
  const std::string base = subject.base.build(), own = subject.own.build();
  const auto check = [&](const std::string& btf, const std::string& below) {
    return check_relocated_btf(std::as_bytes(std::span(btf)), std::as_bytes(std::span(below)),
                               false, facts.btf.get(), true);
  };
  EXPECT_EQ(check(own, base).error, 0);
  for (std::size_t size = 0; size < base.size(); ++size)
    EXPECT_NE(check(own, base.substr(0, size)).error, 0) << size;
  for (std::size_t size = 0; size < own.size(); ++size)
    EXPECT_NE(check(own.substr(0, size), base).error, 0) << size;
}

TEST(RelocatedBtf, AnyByteChangedNeverReadsOutside) {
  const ImageFacts facts = kernel_types();
  BtfMaker base;
  base.number("int", 4, BTF_INT_SIGNED);
  base.bare(BTF_KIND_STRUCT, "node", 16);
  Subject subject(base);
  subject.own.holder("holder", 64, subject.own.array(subject.own.alias("node_t", 2), 1, 2));
  const std::string whole = subject.base.build() + subject.own.build();
  const std::size_t base_size = subject.base.build().size();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const auto bytes = std::as_bytes(std::span(changed));
      const BtfAnswer answer = check_relocated_btf(bytes.subspan(base_size), bytes.first(base_size),
                                                   false, facts.btf.get(), true);
      EXPECT_TRUE(answer.complete || !answer.wild.empty()) << at;
      EXPECT_TRUE(answer.error == 0 || !answer.wild.empty() || !answer.log.empty() ||
                  answer.error == EINVAL)
          << at;
    }
}

}  // namespace
}  // namespace kovet::testing
