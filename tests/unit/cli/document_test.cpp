#include "cli/document.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace kovet::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::StartsWith;

class Documentation : public ::testing::Test {
 protected:
  Documentation() {
    add_commands(app_, action_);
    files_ = documentation(app_, "2026-01-31");
  }
  CLI::App app_;
  Action action_;
  std::map<std::string, std::string> files_;
};

TEST_F(Documentation, HasAPageForEveryCommand) {
  EXPECT_THAT(files_, Contains(Key("man/man1/kovet.1")));
  for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string name = command->get_name();
    ASSERT_THAT(files_, Contains(Key("man/man1/kovet-" + name + ".1")));
    EXPECT_THAT(files_["man/man1/kovet.1"], HasSubstr("kovet\\-" + name));
    for (const char* shell : {"bash-completion/completions/kovet", "zsh/site-functions/_kovet",
                              "fish/vendor_completions.d/kovet.fish"})
      EXPECT_THAT(files_[shell], HasSubstr(name)) << shell;
  }
}

TEST_F(Documentation, ShowsOptionsAndWhatTheyTake) {
  const std::string& page = files_["man/man1/kovet-signature.1"];
  EXPECT_THAT(page, StartsWith(".TH KOVET\\-SIGNATURE 1 2026-01-31"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-cert\\fR \\fIFILE\\fR"));
  EXPECT_THAT(page, HasSubstr("\\fIM.ko\\fR..."));
  EXPECT_THAT(page, HasSubstr("2 no certificate matches"));
}

TEST_F(Documentation, HiddenOptionsStayHidden) {
  EXPECT_THAT(files_["man/man1/kovet-explain.1"], HasSubstr("\\fB\\-\\-module\\fR"));
  EXPECT_THAT(files_["man/man1/kovet-explain.1"], Not(HasSubstr("\\fB\\-E\\fR")));
}

TEST_F(Documentation, CompletesOptionsOfEachCommand) {
  EXPECT_THAT(bash_completion(app_), HasSubstr("sign) words='"));
  EXPECT_THAT(bash_completion(app_), HasSubstr("--sign-file"));
  EXPECT_THAT(fish_completion(app_), HasSubstr("__fish_seen_subcommand_from sign' -l hash -r"));
}

}  // namespace
}  // namespace kovet::cli
