#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

constexpr const char* symbol = "kfree";
constexpr std::uint64_t high_bit = std::uint64_t{1} << 32;

}  // namespace

void add_version_cases(CaseList& list, const Honest& honest) {
  const auto& plain = honest["agree_plain"];
  for (const auto* name : {"module_layout", symbol}) {
    const std::string prefix = std::string("crc-") + name;
    list.add(
        prefix + "-low-bit", plain, [name](KoEditor& ko) { ko.set_crc(name, ko.crc(name) ^ 1); },
        true);
    list.add(
        prefix + "-high-bits", plain,
        [name](KoEditor& ko) { ko.set_crc(name, ko.crc(name) | high_bit); }, true);
    list.add(prefix + "-zero", plain, [name](KoEditor& ko) { ko.set_crc(name, 0); });
    list.add(
        prefix + "-entry-missing", plain, [name](KoEditor& ko) { ko.remove_version(name); }, true);
    list.add(prefix + "-second-entry-wrong", plain, [name](KoEditor& ko) {
      auto all = ko.versions();
      all.push_back({1, name});
      ko.set_versions(all);
    });
    list.add(prefix + "-first-entry-wrong", plain, [name](KoEditor& ko) {
      auto all = ko.versions();
      all.insert(all.begin(), {1, name});
      ko.set_versions(all);
    });
  }
  list.add(
      "crc-all-wrong", plain,
      [](KoEditor& ko) {
        auto all = ko.versions();
        for (auto& version : all)
          if (version.name != "module_layout") version.crc ^= 1;
        ko.set_versions(all);
      },
      true);
  list.add("crc-two-missing", plain,
           [](KoEditor& ko) { ko.remove_version("kfree").remove_version("get_random_bytes"); });
  list.add("crc-one-missing-one-wrong", plain,
           [](KoEditor& ko) { ko.remove_version("kfree").set_crc("get_random_bytes", 1); });
  list.add(
      "versions-empty", plain, [](KoEditor& ko) { ko.replace("__versions", ""); }, true);
  list.add("versions-only-layout", plain, [](KoEditor& ko) {
    ko.set_versions({{ko.crc("module_layout"), "module_layout"}});
  });
  list.add(
      "versions-not-allocated", plain, [](KoEditor& ko) { ko.flags("__versions", 0, SHF_ALLOC); },
      true);
  list.add("versions-renamed", plain,
           [](KoEditor& ko) { ko.rename_section("__versions", "__gone"); });
  list.add("versions-extra-entry", plain, [](KoEditor& ko) {
    auto all = ko.versions();
    all.push_back({1, "nobody_uses_this"});
    ko.set_versions(all);
  });
  for (const int cut : {1, 63, 64, 65})
    list.add(
        "versions-cut-" + std::to_string(cut), plain,
        [cut](KoEditor& ko) {
          auto text = ko.content("__versions");
          text.resize(text.size() - static_cast<std::size_t>(cut));
          ko.replace("__versions", text);
        },
        cut == 1);
  list.add("versions-one-byte-more", plain, [](KoEditor& ko) {
    ko.replace("__versions", ko.content("__versions") + std::string(1, '\0'));
  });
  list.add("versions-unsorted", plain, [](KoEditor& ko) {
    auto all = ko.versions();
    ko.set_versions({all.rbegin(), all.rend()});
  });
  list.add("versions-nobits", plain, [](KoEditor& ko) {
    auto entry = ko.section(ko.index_of("__versions"));
    entry.sh_type = SHT_NOBITS;
    ko.set_section(ko.index_of("__versions"), entry);
  });
  list.add("versions-missing-and-vermagic-missing", plain, [](KoEditor& ko) {
    ko.rename_section("__versions", "__gone").remove_modinfo("vermagic");
  });
}

}  // namespace kovet::testing
