#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "support/error.h"

namespace kovet {

/// The error for a file in which no X.509 certificate was found: what it is instead, by its
/// content, and how to come by the certificate. `origin` is for messages.
Error not_a_certificate(std::span<const std::byte> content, const std::string& origin);

}  // namespace kovet
