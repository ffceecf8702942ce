#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "support/error.h"

namespace kovet {

/// What could not be read or done: [{"where": ..., "message": ..., "hint": ...}, ...], in every
/// JSON report under "errors".
nlohmann::ordered_json errors_json(std::span<const Error> errors);

/// The whole report of a command that found out nothing: its schema, Kovet's version, and "errors".
/// `command` is the name as users type it; empty where none was recognised.
std::string failure_json(std::string_view command, std::span<const Error> errors);

}  // namespace kovet
