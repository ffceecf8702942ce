#pragma once

#include <string>
#include <vector>

#include "module/module.h"

namespace kovet {

/// Everything the loader reads from one module, for people.
std::string info_text(const Module& module);

/// The same as JSON, schema kovet.info/1.
std::string info_json(const std::vector<Module>& modules, const std::vector<Error>& errors);

}  // namespace kovet
