#include "tests/unit/explain/kernel_formats.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include "explain/explain.h"
#include "host/kernel_cmdline.h"
#include "host/modprobe_config.h"

// Every message of the files that load modules, in Linux 6.1 and 6.12, is explained, or stands in
// kernel_formats.txt as one that says nothing about a module's failure.
//
//   KOVET_KERNEL_SOURCES="TREE TREE" test_explain --gtest_filter='KernelFormats.*'
//     asks the source trees themselves too (Debian's linux-source-6.1, -6.12, unpacked);
//     with KOVET_UPDATE=1 kernel_formats.txt is written anew: read what changed.

namespace kovet::explain {
namespace {

std::string id_of(const std::string& format) {
  Explainer explainer;
  explainer.line("[   12.345678] " + instance(format), 1);
  const auto result = explainer.finish({});
  return result.items.empty() ? "-" : std::string(result.items.front().message->id);
}

const std::string recorded_file = std::string(KOVET_TEST_SOURCE_DIR) + "/kernel_formats.txt";

std::map<KernelFormat, std::string> recorded() {
  std::map<KernelFormat, std::string> formats;
  std::ifstream in(recorded_file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto parts = split_at(line, '\t');
    if (parts.size() == 3) formats[{parts[1], parts[2]}] = parts[0];
  }
  return formats;
}

std::vector<KernelFormat> from_sources() {
  std::vector<KernelFormat> all;
  const char* trees = std::getenv("KOVET_KERNEL_SOURCES");
  for (const auto& tree : split_words(trees ? trees : "")) {
    auto formats = formats_of_tree(tree);
    EXPECT_GT(formats.size(), 100U) << tree << ": is that a kernel's source?";
    all.insert(all.end(), formats.begin(), formats.end());
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

TEST(KernelFormats, AreExtracted) {
  const auto formats = formats_of_source("kernel/livepatch/core.c", R"(
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
/* pr_err("not this one, it is a comment\n"); */
	pr_err("module %s is not marked "
	       "as \"live\"\n", name);
	printk(KERN_ERR "plain: value %" PRIx64 " here\n", v);
	pr_debug("not this one\n");
)");
  EXPECT_THAT(formats, ::testing::ElementsAre(
                           KernelFormat{"kernel/livepatch/core.c",
                                        "livepatch: module %s is not marked as \"live\""},
                           KernelFormat{"kernel/livepatch/core.c", "plain: value %x here"}));
  EXPECT_EQ(instance("%s: %5.2lu of %#llx at %pS, 100%%"), "hello: 7 of 0xff12 at 0xff12, 100%");
}

TEST(KernelFormats, RecordedOnesAreExplainedAsRecorded) {
  const auto formats = recorded();
  ASSERT_GT(formats.size(), 150U) << recorded_file;
  std::size_t explained = 0;
  for (const auto& [format, id] : formats) {
    EXPECT_EQ(id_of(format.format), id) << format.file << ": " << format.format;
    explained += id == "-" ? 0 : 1;
  }
  EXPECT_GT(explained, 120U);
}

TEST(KernelFormats, SourceTreesHaveNoOthers) {
  const auto found = from_sources();
  if (std::getenv("KOVET_UPDATE") && !found.empty()) {
    std::ofstream out(recorded_file);
    out << "# id, file, format: what loads modules in Linux 6.1 and 6.12 prints. \"-\": says "
           "nothing "
           "about a module's failure.\n";
    for (const auto& format : found)
      out << id_of(format.format) << '\t' << format.file << '\t' << format.format << '\n';
  }
  const auto known = recorded();
  for (const auto& format : found)
    EXPECT_TRUE(known.contains(format))
        << format.file << ": " << format.format << " is " << id_of(format.format)
        << "; record it with KOVET_UPDATE=1";
}

}  // namespace
}  // namespace kovet::explain
