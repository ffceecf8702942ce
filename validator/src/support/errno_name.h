#pragma once

#include <string>

namespace kovet {

/// "ENOEXEC" for ENOEXEC; "errno 523" when it has no name in user space.
std::string errno_name(int error);

}  // namespace kovet
