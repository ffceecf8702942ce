#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace kovet {

/// The lines that dmesg shows for messages: printk() cuts long ones, and what follows a newline
/// in a text that a module brought along begins a line of its own.
std::vector<std::string> as_printed(const std::vector<std::string>& messages, const Kernel& kernel);

}  // namespace kovet
