#include <utility>

#include "tests/vm/variants.h"

// What insmod hands over with a module that has a parameter of every type: for each the limits and
// their neighbours, what is no such value, and none.

namespace kovet::testing {

namespace {

using Values = std::vector<std::string>;

const std::vector<std::pair<std::string, Values>>& values_by_parameter() {
  static const std::vector<std::pair<std::string, Values>> all{
      {"p_byte", {"0", "255", "256", "-1", "0xff", "x"}},
      {"p_short", {"32767", "32768", "-32768", "-32769", "07"}},
      {"p_ushort", {"65535", "65536", "-1"}},
      {"p_int", {"2147483647", "2147483648", "-2147483648", "-2147483649", "1k"}},
      {"p_uint", {"4294967295", "4294967296", "-1", "+1"}},
      {"p_hexint", {"ff", "0xff", "255", "0x", "x"}},
      {"p_long", {"9223372036854775807", "9223372036854775808", "-9223372036854775808"}},
      {"p_ulong", {"18446744073709551615", "18446744073709551616", "-1"}},
      {"p_ullong", {"18446744073709551615", "18446744073709551616", "y"}},
      {"p_bool", {"y", "N", "1", "0", "on", "off", "of", "o", "yes", "true", "x", "2", ""}},
      {"p_invbool", {"y", "0", "maybe"}},
      {"p_bint", {"1", "n", "2"}},
      {"p_once", {"1", "x"}},
      {"p_charp", {"", "text", "\"two words\"", std::string(600, 'c')}},
      {"p_string", {"", "seven77", "eight888", "\"a b\""}},
      {"p_array", {"1", "1,2,3", "1,2,3,4", "1,x", "1,", ",1", ""}},
      {"p_names", {"a", "a,b", "a,b,c", ","}},
      {"p_hardware", {"0x3f8", "x"}},
      {"p_unsafe", {"1", "x"}},
  };
  return all;
}

/// Odd characters do not belong into a case's name.
std::string word_for(const std::string& value) {
  constexpr std::size_t longest = 20;
  return value.empty()            ? "empty"
         : value.size() > longest ? std::to_string(value.size()) + "-long"
                                  : value;
}

}  // namespace

void add_typed_parameter_cases(CaseList& list, const Honest& honest) {
  const auto& types = honest["agree_types"];
  const auto add = [&](const std::string& name, const std::string& text, bool ci = false) {
    list.add_bytes("typed-" + name, types, ci, 0, text);
  };
  for (const auto& [parameter, values] : values_by_parameter()) {
    add(parameter + "-none", parameter);
    for (const auto& value : values)
      add(parameter + "-" + word_for(value), parameter + "=" + value, &value == &values.back());
  }
  add("two-bad", "p_byte=256 p_bool=x");
  add("good-and-bad", "p_int=1 p_bool=x p_charp=text");
  add("unsafe-and-bad", "p_unsafe=1 p_int=x");
}

void add_parameter_policy_cases(CaseList& list, const Honest& honest) {
  list.add_bytes("policy-hardware-parameter", honest["agree_types"], true, 0, "p_hardware=1");
  list.add_bytes("policy-unsafe-parameter", honest["agree_types"], false, 0, "p_unsafe=1");
}

}  // namespace kovet::testing
