#pragma once

#include <string>
#include <string_view>

namespace kovet {

/// One sentence on how two vermagic strings differ: which token, and how that comes about.
/// `release_ignored`: the kernel does not compare the first word of these two.
std::string explain_vermagic_difference(std::string_view module, std::string_view kernel,
                                        bool release_ignored);

}  // namespace kovet
