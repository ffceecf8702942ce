#pragma once

#include <string>
#include <vector>

#include "support/error.h"

namespace kovet {

/// Replaces folders by the .ko, .ko.gz, .ko.xz and .ko.zst files below them, sorted. Files stay
/// as they are, whatever they are called. Errors: a folder that cannot be read or has no modules.
Result<std::vector<std::string>> find_modules(const std::vector<std::string>& arguments);

}  // namespace kovet
