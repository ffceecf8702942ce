#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/kernel_tree.h"
#include "tests/support/run_kovet.h"
#include "tests/support/temp_dir.h"

namespace kovet::testing {

/// A folder with a kernel's build directory, and the program to ask about modules for it.
class CliTest : public ::testing::Test {
 protected:
  /// Writes a module below the folder; returns its path.
  std::string write(const ElfBuilder& builder, const std::string& name = "honest.ko") {
    return dir_.write(name, builder.build()).string();
  }
  std::string honest() { return write(tree_.module()); }
  /// `kovet check --kernel BUILD ARGUMENTS...`
  ProcessOutcome check(std::vector<std::string> arguments) {
    std::vector<std::string> all{"check", "--kernel", build_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_kovet(all);
  }
  /// The only result of `kovet check --format json`.
  nlohmann::json check_one(const std::string& module, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--format", "json", module});
    return json_of(check(arguments)).at("results").at(0);
  }

  TempDir dir_;
  KernelTree tree_;
  std::string build_ = tree_.write(dir_).string();
};

}  // namespace kovet::testing
