#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace kovet {

/// What went wrong, for a driver author: where, what, and the next command to type.
struct Error {
  std::string where;  ///< file, directory, option or kernel it is about; may be empty
  std::string what;   ///< one sentence, no full stop at the end
  std::string hint;   ///< what to do next; may be empty

  // Not an aggregate: in C++20 those can be made from one string in parentheses, and Result<T>
  // could not tell a string that is its value from one that is its error.
  Error() = default;
  Error(std::string where_, std::string what_, std::string hint_ = {})
      : where(std::move(where_)), what(std::move(what_)), hint(std::move(hint_)) {}
};

/// The error as text: "WHERE: WHAT", then "  HINT" on a line of its own.
std::string to_string(const Error& error);

/// The one exception type, for what cannot be recovered from. Caught once, in main.
class Fatal : public std::runtime_error {
 public:
  explicit Fatal(const Error& error) : std::runtime_error(to_string(error)) {}
};

/// Called by boost::system::result when value() is asked of a result that holds an error.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw Fatal(error);
}

/// A value or an Error. Recoverable failures are returned, not thrown.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace kovet
