#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "host/kernel_cmdline.h"
#include "host/modprobe_config.h"
#include "support/process.h"
#include "tests/unit/host/fake_machine.h"

// Every kind of module of an unpacked Debian kernel, held against modprobe.

namespace kovet {
namespace {

namespace fs = std::filesystem;

/// A folder with lib/modules/R and its indexes, as tests/support/kernels.sh unpacks it.
struct Image {
  fs::path root;
  std::string release;
};

std::optional<Image> find_image() {
  const char* named = std::getenv("KOVET_TEST_IMAGES");
  const fs::path folder = named && *named ? named : KOVET_TEST_IMAGES_DIR;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder, error)) {
    const auto release = item.path().filename().string();
    if (fs::exists(item.path() / "lib/modules" / release / "modules.dep.bin"))
      return Image{item.path(), release};
  }
  return std::nullopt;
}

TEST(DebianImage, StepsAreModprobes) {
  KOVET_NEEDS_KMOD();
  const auto image = find_image();
  if (!image) KOVET_SKIP_OR_FAIL("no unpacked kernel image: run tests/support/kernels.sh images");
  const auto words = [](const std::string& output) {
    std::vector<std::vector<std::string>> lines;
    for (const auto& line : split_at(output, '\n'))
      if (auto list = split_words(line); !list.empty()) lines.push_back(std::move(list));
    return lines;
  };
  int compared = 0;
  for (const char* name :
       {"e1000e", "snd-hda-intel", "nvme", "btrfs", "dummy", "iwlwifi", "xfs", "usb_storage",
        "fs-ext4", "pci:v00008086d000010D3sv0sd0bc02sc00i00", "no_such_module"}) {
    const auto report = ask_host(
        {.subject = name, .root = image->root.string(), .release = image->release, .cmdline = ""});
    ASSERT_TRUE(report) << to_string(report.error());
    EXPECT_TRUE(report->agrees_with_libkmod) << ::testing::PrintToString(report->disagreements);
    std::string ours;
    for (const auto& target : report->targets)
      for (const auto& step : target.steps)
        ours += step.path.empty()
                    ? "builtin " + step.name + "\n"
                    : "insmod " + image->root.string() + step.path + " " + step.option_text + "\n";
    // An empty configuration folder, so that this machine's own is not mixed in.
    testing::TempDir empty;
    const auto modprobe =
        run_process({.program = testing::kmod_tool("modprobe"),
                     .arguments = {"-C", empty.path().string(), "-d", image->root.string(), "-S",
                                   image->release, "--show-depends", name}});
    ASSERT_TRUE(modprobe);
    EXPECT_EQ(words(ours), words(modprobe->out)) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 11);
}

}  // namespace
}  // namespace kovet
