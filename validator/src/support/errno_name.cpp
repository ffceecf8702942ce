#include "support/errno_name.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace kovet {

std::string errno_name(int error) {
  if (error == EOPNOTSUPP) return "EOPNOTSUPP";  // the C library prefers its synonym
  const char* name = ::strerrorname_np(error);
  return name ? name : fmt::format("errno {}", error);
}

}  // namespace kovet
