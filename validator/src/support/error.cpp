#include "support/error.h"

namespace kovet {

std::string to_string(const Error& error) {
  std::string text = error.where.empty() ? error.what : error.where + ": " + error.what;
  if (!error.hint.empty()) text += "\n  " + error.hint;
  return text;
}

}  // namespace kovet
