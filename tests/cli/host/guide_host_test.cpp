#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "tests/support/run_kovet.h"
#include "tests/unit/host/fake_machine.h"

// What the guide "My module does not load" shows of `kovet host` is what it prints, on this
// machine: hello was blacklisted against its device, and is wanted at boot.

namespace kovet {
namespace {

using testing::FakeMachine;

constexpr const char* shown_release = "6.12.117+deb12-amd64";

void replace(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

TEST(GuideOfHost, ShowsWhatIsPrinted) {
  KOVET_NEEDS_KMOD();
  FakeMachine machine;
  auto hello = FakeMachine::tiny("hello");
  hello.modinfo("alias", "pci:v00001234d000011E9sv*sd*bc*sc*i*");
  machine.module("updates/hello.ko", hello);
  machine.module("kernel/drivers/misc/hello.ko", FakeMachine::tiny("hello"));
  machine.write("/etc/modprobe.d/local.conf", "blacklist hello\n");
  machine.write("/etc/modules-load.d/hello.conf", "hello\n");
  machine.depmod();

  std::ifstream in(std::string(KOVET_TEST_SOURCE_DIR) +
                   "/validator/doc/my-module-does-not-load.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  static const std::regex typed(R"re(^\$ kovet host hello( --quiet)?( --cmdline "([^"]*)")?$)re");
  int shown = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch found;
    if (!std::regex_match(lines[i], found, typed)) continue;
    std::string output;
    for (std::size_t j = i + 1; j < lines.size() && lines[j] != "```"; ++j)
      output += lines[j] + "\n";
    std::vector<std::string> arguments{"host", "--root", machine.root().string(), "hello"};
    if (found[1].matched) arguments.emplace_back("--quiet");
    if (found[2].matched) arguments.insert(arguments.end(), {"--cmdline", found[3]});
    std::string real = testing::run_kovet(arguments).out;
    replace(real, machine.root().string(), "/");
    replace(real, FakeMachine::release, shown_release);
    EXPECT_EQ(output, real) << lines[i];
    ++shown;
  }
  EXPECT_EQ(shown, 2);
}

}  // namespace
}  // namespace kovet
