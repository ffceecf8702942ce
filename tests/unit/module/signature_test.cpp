#include "module/signature.h"

#include <gmock/gmock.h>

#include "module/verify_signature.h"
#include "tests/support/facts.h"
#include "tests/support/signing_kit.h"

namespace kovet::testing {
namespace {

using ::testing::HasSubstr;

TrailerScan scan(std::string_view text) {
  return scan_signature(std::as_bytes(std::span(text)));
}

TEST(ScanSignature, FindsTheTrailerOfASignedFile) {
  const std::string file = honest_builder().signature("0123456789").build();
  const TrailerScan found = scan(file);
  ASSERT_TRUE(found.trailer);
  EXPECT_EQ(found.trailer->sig_len, 10U);
  EXPECT_EQ(found.trailer->signature.size(), 10U);
  EXPECT_EQ(found.elf_size, file.size() - 28 - 12 - 10);
  EXPECT_FALSE(found.marker_misplaced);
}

TEST(ScanSignature, SeesNoSignatureWithoutTheMarker) {
  const std::string file = honest_builder().build();
  const TrailerScan found = scan(file);
  EXPECT_FALSE(found.trailer);
  EXPECT_EQ(found.elf_size, file.size());
  EXPECT_FALSE(found.marker_misplaced);
}

TEST(ScanSignature, SeesAMarkerThatIsNotAtTheVeryEnd) {
  for (const std::string& tail : {std::string("\n"), std::string(4096, '\0')}) {
    const std::string file = honest_builder().signature("0123456789").tail(tail).build();
    EXPECT_FALSE(scan(file).trailer);
    EXPECT_TRUE(scan(file).marker_misplaced);
  }
}

TEST(ScanSignature, DoesNotReadLargeFilesForAMarker) {
  const std::string file =
      honest_builder().signature("0123456789").tail(std::string(70000, 'x')).build();
  EXPECT_FALSE(scan(file).marker_misplaced);
}

TEST(ScanSignature, LeavesALengthThatDoesNotFitToTheGate) {
  const std::string file = honest_builder().signature("0123", {.sig_len = 0xffffffff}).build();
  const TrailerScan found = scan(file);
  ASSERT_TRUE(found.trailer);
  EXPECT_EQ(found.trailer->sig_len, 0xffffffffU);
  EXPECT_TRUE(found.trailer->signature.empty());
  EXPECT_EQ(found.elf_size, file.size() - 28);
}

TEST(ScanSignature, LeavesAnotherFormatInWhatTheKernelParses) {
  const std::string file = honest_builder().signature("0123", {.id_type = 1}).build();
  EXPECT_EQ(scan(file).elf_size, file.size() - 28);
}

// module_sig_check() wants more than the marker before it looks for one.
TEST(ScanSignature, AMarkerAloneIsNoSignature) {
  const TrailerScan found = scan(signature_marker);
  EXPECT_FALSE(found.trailer);
  EXPECT_EQ(found.elf_size, signature_marker.size());
}

TEST(ScanSignature, TakesAnEmptyFile) {
  EXPECT_FALSE(scan({}).trailer);
}

}  // namespace
}  // namespace kovet::testing
