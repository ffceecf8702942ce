#include "host/parameter_fit.h"

#include <gtest/gtest.h>

#include "module/read_module.h"
#include "tests/unit/host/fake_machine.h"

namespace kovet {
namespace {

using Kind = ParameterFit::Kind;

Kind fit(std::string_view type, std::string value, bool wide = true) {
  return fit_value(type, {"p", std::move(value), true}, wide).kind;
}

TEST(FitValue, Integers) {
  EXPECT_EQ(fit("int", "-2147483648"), Kind::fits);
  EXPECT_EQ(fit("int", "2147483648"), Kind::bad_value);
  EXPECT_EQ(fit("int", "0x7fffffff"), Kind::fits);
  EXPECT_EQ(fit("int", "010"), Kind::fits);
  EXPECT_EQ(fit("int", "09"), Kind::bad_value);
  EXPECT_EQ(fit("int", "+5"), Kind::fits);
  EXPECT_EQ(fit("int", "0x-1"), Kind::bad_value);
  EXPECT_EQ(fit("int", ""), Kind::bad_value);
  EXPECT_EQ(fit("int", "5k"), Kind::bad_value);
  EXPECT_EQ(fit("uint", "-1"), Kind::bad_value);
  EXPECT_EQ(fit("byte", "255"), Kind::fits);
  EXPECT_EQ(fit("byte", "256"), Kind::bad_value);
  EXPECT_EQ(fit("short", "-32769"), Kind::bad_value);
  EXPECT_EQ(fit("ullong", "18446744073709551615"), Kind::fits);
  EXPECT_EQ(fit("ullong", "18446744073709551616"), Kind::bad_value);
  EXPECT_EQ(fit("ulong", "4294967296", true), Kind::fits);
  EXPECT_EQ(fit("ulong", "4294967296", false), Kind::bad_value);
  EXPECT_EQ(fit("long", "-9223372036854775808"), Kind::fits);
}

TEST(FitValue, BooleansNeedNoValue) {
  for (const char* value : {"y", "N", "1", "0", "on", "oFf", "true", "nonsense"})
    EXPECT_EQ(fit("bool", value), Kind::fits) << value;
  for (const char* value : {"", "maybe", "2", "o"})
    EXPECT_EQ(fit("bool", value), Kind::bad_value) << value;
  EXPECT_EQ(fit_value("bool", {"p", "", false}, true).kind, Kind::fits);
  EXPECT_EQ(fit_value("invbool", {"p", "", false}, true).kind, Kind::bad_value);
  EXPECT_EQ(fit_value("int", {"p", "", false}, true).kind, Kind::bad_value);
  EXPECT_EQ(fit_value("charp", {"p", "", false}, true).kind, Kind::bad_value);
}

TEST(FitValue, TextArraysAndOwnTypes) {
  EXPECT_EQ(fit("charp", "anything at all"), Kind::fits);
  EXPECT_EQ(fit("charp", std::string(1025, 'x')), Kind::bad_value);
  EXPECT_EQ(fit("array of int", "1,2,3"), Kind::fits);
  EXPECT_EQ(fit("array of int", "1,x"), Kind::bad_value);
  EXPECT_EQ(fit("array of charp", "a,b"), Kind::fits);
  EXPECT_EQ(fit("my_type", "1"), Kind::not_judged);
  EXPECT_EQ(fit("", "1"), Kind::not_judged);
}

TEST(FitParameter, LooksIntoTheModule) {
  auto builder = testing::FakeMachine::tiny("foo");
  builder.parameter("my_level", "int");
  const auto module = read_module(Bytes::copy(builder.build()), "foo.ko").value();
  EXPECT_EQ(fit_parameter(module, {"my-level", "3", true}).kind, Kind::fits);
  EXPECT_EQ(fit_parameter(module, {"my_level", "x", true}).kind, Kind::bad_value);
  EXPECT_EQ(fit_parameter(module, {"other", "3", true}).kind, Kind::unknown_parameter);
  EXPECT_EQ(fit_parameter(module, {"async_probe", "", false}).kind, Kind::fits);
}

TEST(JudgeCommand, WhatItsTextTells) {
  EXPECT_EQ(judge_command("/bin/false", "m"), CommandEffect::fails);
  EXPECT_EQ(judge_command("/bin/false # never", "m"), CommandEffect::fails);
  EXPECT_EQ(judge_command(" /usr/bin/true", "m"), CommandEffect::does_nothing);
  EXPECT_EQ(judge_command(":", "m"), CommandEffect::does_nothing);
  EXPECT_EQ(judge_command("/bin/true\r", "m"), CommandEffect::fails);
  EXPECT_EQ(judge_command("/bin/true x\r", "m"), CommandEffect::unknown);
  EXPECT_EQ(judge_command("\"/bin/false\"", "m"), CommandEffect::fails);
  EXPECT_EQ(judge_command("'/bin/true'  # quoted", "m"), CommandEffect::does_nothing);
  for (const char* odd : {"\"", "''", "\"/bin/false'", "\"/bin/false\" x", "\"/bin/fa\"lse\"",
                          "\"/bin/false || true\"", "'/bin/false;'"})
    EXPECT_EQ(judge_command(odd, "m"), CommandEffect::unknown) << odd;
  EXPECT_EQ(judge_command("/sbin/modprobe --ignore-install m $CMDLINE_OPTS", "m"),
            CommandEffect::loads);
  EXPECT_EQ(judge_command("/sbin/modprobe -i m x=1", "m"), CommandEffect::loads);
  EXPECT_EQ(judge_command("/sbin/modprobe -i other", "m"), CommandEffect::unknown);
  EXPECT_EQ(judge_command("/sbin/modprobe m", "m"), CommandEffect::repeats);
  EXPECT_EQ(judge_command("/sbin/modprobe -n m", "m"), CommandEffect::unknown);
  EXPECT_EQ(judge_command("/bin/true; /sbin/insmod x.ko", "m"), CommandEffect::unknown);
  EXPECT_EQ(judge_command("/sbin/insmod /opt/m.ko", "m"), CommandEffect::unknown);  // another file
  EXPECT_EQ(judge_command("/sbin/modprobe -q -i m", "m"), CommandEffect::loads);
  for (const char* option : {"-n", "-r", "--dry-run", "-S 5.10", "-D"})
    EXPECT_EQ(judge_command(std::string("/sbin/modprobe -i ") + option + " m", "m"),
              CommandEffect::unknown)
        << option;
  EXPECT_EQ(judge_command("/bin/false || modprobe -i m", "m"), CommandEffect::loads);
}

TEST(JudgeCommand, ListsAreFollowedAsTheShellDoes) {
  struct Case {
    const char* command;
    CommandEffect effect;
  };
  for (const auto& [command, effect] : std::initializer_list<Case>{
           {"true; false", CommandEffect::fails},
           {"/bin/false ; /bin/true;", CommandEffect::does_nothing},
           {"/bin/false || /bin/true", CommandEffect::does_nothing},
           {"true && false && modprobe -i m", CommandEffect::fails},
           {"true || modprobe -i m", CommandEffect::does_nothing},
           {"! true", CommandEffect::fails},
           {"exit 1; modprobe -i m", CommandEffect::fails},
           {"{ /bin/true; }; /bin/false", CommandEffect::fails},
           {"/bin/false >/dev/null 2>&1", CommandEffect::fails},
           {"/bin/true > /dev/null", CommandEffect::does_nothing},
           {"/sbin/modprobe --ignore-install m && /bin/true", CommandEffect::loads},
           {"/sbin/modprobe --ignore-install m $CMDLINE_OPTS && { /sbin/modprobe --quiet seq ; : ; "
            "}",
            CommandEffect::loads},
           {"/bin/echo hi; modprobe -i m", CommandEffect::loads},
           {"modprobe -i m; /bin/false", CommandEffect::unknown},  // loaded, but modprobe fails
           {"modprobe -i m; /sbin/modprobe other", CommandEffect::unknown},
           {"test -e /dev/x && modprobe -i m", CommandEffect::unknown},
           {"test -e /dev/x && /bin/false", CommandEffect::fails},
           {"test -e /dev/x || true", CommandEffect::does_nothing},
           {"/bin/load-it; true", CommandEffect::unknown},
           {"true; modprobe m", CommandEffect::repeats},
           {"test -e /dev/x && modprobe m", CommandEffect::unknown},
           {"if true; then false; fi", CommandEffect::unknown},
           {"false & true", CommandEffect::unknown},
           {"false | true", CommandEffect::unknown},
           {"(exit 0)", CommandEffect::unknown},
           {"true;; false", CommandEffect::unknown},
           {"&& false", CommandEffect::unknown},
           {"true &&", CommandEffect::unknown},
           {"{ true", CommandEffect::unknown},
           {"true }", CommandEffect::unknown},
           {"/bin/sh -c \"exit 1; x\"", CommandEffect::unknown},
           {"false#x", CommandEffect::unknown}})
    EXPECT_EQ(judge_command(command, "m"), effect) << command;
}

}  // namespace
}  // namespace kovet
