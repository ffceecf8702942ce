#pragma once

#include "rules/finding.h"

// The evaluating function of every rule, one file each. See table.cpp for what they stand for.

namespace kovet::rule {

std::vector<Finding> release_mismatch(const RuleInput& input);
std::vector<Finding> version_table(const RuleInput& input);
std::vector<Finding> symvers_state(const RuleInput& input);
std::vector<Finding> exports_in_step(const RuleInput& input);
std::vector<Finding> modinfo_hygiene(const RuleInput& input);
std::vector<Finding> file_name(const RuleInput& input);

}  // namespace kovet::rule
