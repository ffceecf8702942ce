#pragma once

#include <string>
#include <vector>

#include "tests/unit/host/fake_machine.h"

namespace kovet::testing {

/// Our steps in the words of `modprobe -n -v`.
std::vector<std::string> our_steps(const FakeMachine& machine, const HostReport& report);
/// modprobe's output line by line, white space made one space.
std::vector<std::string> modprobes_steps(const std::string& output);

}  // namespace kovet::testing
