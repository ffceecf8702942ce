#include <stdexcept>

#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

std::string without_word(std::string text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) throw std::runtime_error("vermagic has no '" + word + "'");
  return text.erase(at, word.size());
}

void add_vermagic_cases(CaseList& list, const std::string& plain) {
  const auto vermagic = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "vermagic-" + name, plain,
        [change](KoEditor& ko) {
          ko.set_modinfo("vermagic", change(ko.modinfo_value("vermagic")));
        },
        ci);
  };
  vermagic(
      "release", [](const std::string& text) { return "6.6.6" + text.substr(text.find(' ')); },
      true);
  vermagic(
      "no-final-blank", [](const std::string& text) { return text.substr(0, text.size() - 1); },
      true);
  vermagic("two-final-blanks", [](const std::string& text) { return text + " "; });
  vermagic("no-smp", [](const std::string& text) { return without_word(text, "SMP "); });
  vermagic("no-unload", [](const std::string& text) { return without_word(text, "mod_unload "); });
  vermagic("no-modversions",
           [](const std::string& text) { return without_word(text, "modversions "); });
  vermagic("preempt", [](const std::string& text) {
    return text.find("preempt_rt ") != std::string::npos ? without_word(text, "preempt_rt ")
           : text.find("preempt ") != std::string::npos
               ? without_word(text, "preempt ")
               : text.substr(0, text.find("SMP ") + 4) + "preempt " +
                     text.substr(text.find("SMP ") + 4);
  });
  vermagic("randstruct",
           [](const std::string& text) { return text + "RANDSTRUCT_PLUGIN_0123456789abcdef"; });
  vermagic("release-only", [](const std::string& text) { return text.substr(0, text.find(' ')); });
  vermagic("empty", [](const std::string&) { return std::string(); });
  vermagic("leading-blank", [](const std::string& text) { return " " + text; });
  vermagic("word-before", [](const std::string& text) { return "x " + text; });
  vermagic("newlines", [](const std::string&) { return std::string("a\n\nb\n"); });
  // printk() cuts its line: with the level and its final newline, at 992 bytes or, since 6.3, 1024.
  for (const std::size_t length : {988U, 989U, 990U, 1020U, 1021U, 1022U, 3000U})
    vermagic("of-" + std::to_string(length), [length](const std::string& text) {
      const std::string around = "agree_plain: version magic '' should be '" + text + "'";
      return std::string(length - around.size(), 'v');
    });
  list.add(
      "vermagic-missing", plain, [](KoEditor& ko) { ko.remove_modinfo("vermagic"); }, true);
  list.add("vermagic-second-is-ignored", plain,
           [](KoEditor& ko) { ko.add_modinfo("vermagic", "1.0 "); });
  list.add("vermagic-release-without-versions", plain, [](KoEditor& ko) {
    const auto text = ko.modinfo_value("vermagic");
    ko.set_modinfo("vermagic", "6.6.6" + text.substr(text.find(' ')));
    ko.rename_section("__versions", "__gone");
  });
}

void add_license_cases(CaseList& list, const Honest& honest) {
  // agree_bare needs no GPL-only symbol.
  const auto& bare = honest["agree_bare"];
  for (const auto* text :
       {"GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
        "GPLv2", "GPL-2.0", "gpl", "GPL ", "", "Proprietary", "BSD", "MIT"})
    list.add(
        std::string("license-") + text, bare,
        [text](KoEditor& ko) { ko.set_modinfo("license", text); },
        std::string_view(text) == "Proprietary");
  list.add("license-missing", bare, [](KoEditor& ko) { ko.remove_modinfo("license"); });
  list.add("license-second-proprietary", bare,
           [](KoEditor& ko) { ko.add_modinfo("license", "Proprietary"); });
  list.add(
      "license-proprietary-uses-gpl-only", honest["agree_plain"],
      [](KoEditor& ko) { ko.set_modinfo("license", "Proprietary"); }, true);
  for (const auto* name : {"driverloader", "lve", "ndiswrapper"}) {
    list.add(std::string("license-name-") + name, bare,
             [name](KoEditor& ko) { ko.rename_module(name); });
    list.add(std::string("license-name-gpl-user-") + name, honest["agree_plain"],
             [name](KoEditor& ko) { ko.rename_module(name); });
  }
}

/// What insmod hands over with a module whose one parameter is an int.
void add_parameter_cases(CaseList& list, const std::string& module) {
  const auto with = [&](const std::string& name, const std::string& text, bool ci = false) {
    list.add_bytes("parameter-" + name, module, ci, 0, text);
  };
  with("int", "result=0");
  with("int-hex", "result=0x0");
  with("int-octal-bad", "result=08");
  with("int-text", "result=many", true);
  with("int-empty", "result=");
  with("int-missing", "result", true);
  with("int-largest-plus-1", "result=2147483648");
  with("int-huge", "result=99999999999999999999");
  with("int-plus", "result=+0");
  with("int-minus", "result=-0");
  with("int-trailing", "result=0x");
  with("unknown", "other=1", true);
  with("unknown-then-bad", "other=1 result=x");
  with("range-then-bad", "result=2147483648 result=x");
  with("bad-then-range", "result=x result=2147483648");
  with("dash", "re-sult=1");
  with("quoted", "\"result=0\"");
  with("quoted-value", "result=\"0\"");
  with("quoted-space", "result=\"0 1\"");
  with("dashes", "result=0 -- more of it", true);
  with("dashes-alone", "--");
  with("dashes-after-bad", "result=x -- more");
  with("async-probe", "async_probe");
  with("equals-first", "=result");
}

}  // namespace

void add_modinfo_cases(CaseList& list, const Honest& honest) {
  const auto& plain = honest["agree_plain"];
  add_vermagic_cases(list, plain);
  add_license_cases(list, honest);
  add_parameter_cases(list, honest["agree_param"]);
  for (const auto* key : {"intree", "staging", "livepatch", "test"})
    list.add(
        std::string("modinfo-") + key, plain, [key](KoEditor& ko) { ko.add_modinfo(key, "Y"); },
        key == std::string("staging"));
  list.add("modinfo-intree-and-staging", plain,
           [](KoEditor& ko) { ko.add_modinfo("intree", "Y").add_modinfo("staging", "Y"); });
  list.add("modinfo-livepatch-and-proprietary", honest["agree_bare"], [](KoEditor& ko) {
    ko.add_modinfo("livepatch", "Y").set_modinfo("license", "Proprietary");
  });
  list.add("modinfo-no-retpoline", plain, [](KoEditor& ko) { ko.remove_modinfo("retpoline"); });
  list.add("modinfo-no-name", plain, [](KoEditor& ko) { ko.remove_modinfo("name"); });
  list.add("modinfo-other-name", plain, [](KoEditor& ko) { ko.set_modinfo("name", "other"); });
  list.add("modinfo-other-name-and-vermagic", plain,
           [](KoEditor& ko) { ko.set_modinfo("name", "other").set_modinfo("vermagic", "1.0 "); });
  list.add("modinfo-no-name-and-vermagic", plain,
           [](KoEditor& ko) { ko.remove_modinfo("name").set_modinfo("vermagic", "1.0 "); });
  list.add("modinfo-not-terminated", plain, [](KoEditor& ko) {
    auto text = ko.content(".modinfo");
    text.pop_back();
    ko.replace(".modinfo", text);
  });
  list.add("name-55-bytes", plain, [](KoEditor& ko) { ko.rename_module(std::string(55, 'n')); });
  list.add("name-56-bytes", plain, [](KoEditor& ko) { ko.rename_module(std::string(56, 'n')); });
  list.add("name-with-slash", plain, [](KoEditor& ko) { ko.rename_module("agree/slash"); });
  list.add("name-with-space", plain, [](KoEditor& ko) { ko.rename_module("agree space"); });
  list.add("name-with-dash", plain, [](KoEditor& ko) { ko.rename_module("agree-dash"); });
  // Folders of /sys/module: parameters, a version, a prefix of its own; and none.
  for (const auto* name : {"printk", "ipv6", "rcutree", "module", "kernel", "xz_dec", "tcp_cubic"})
    list.add(
        std::string("name-of-builtin-") + name, plain,
        [name](KoEditor& ko) { ko.rename_module(name); }, std::string_view(name) == "printk");
  list.add_group("name-twice", {plain, plain}, true);
  const auto named = [&](const std::string& name) {
    return changed(plain, [&](KoEditor& ko) { ko.rename_module(name); });
  };
  list.add_group("name-dash-and-underscore", {named("agree-1"), named("agree_1")});
  list.add_group("name-slash-and-mark", {named("agree/1"), named("agree!1")});
  list.add_group("name-mark-and-slash", {named("agree!1"), named("agree/1")});
  list.add_group("name-twice-and-vermagic",
                 {plain, changed(plain, [](KoEditor& ko) { ko.set_modinfo("vermagic", "1.0 "); })});
}

}  // namespace kovet::testing
