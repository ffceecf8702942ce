#pragma once

#include <string_view>

namespace kovet::vm {

/// The guest's init, an executable for this machine; empty when Kovet was built for a machine
/// that it does not support.
std::string_view guest_init();

}  // namespace kovet::vm
