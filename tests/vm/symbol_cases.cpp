#include <stdexcept>

#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

void set_binding(KoEditor& ko, std::string_view name, unsigned char binding) {
  const std::size_t index = ko.symbol_index(name);
  auto symbol = ko.symbols().at(index);
  symbol.st_info =
      static_cast<unsigned char>(ELF64_ST_INFO(binding, ELF64_ST_TYPE(symbol.st_info)));
  ko.set_symbol(index, symbol);
}

std::string proprietary(const std::string& module) {
  return changed(module, [](KoEditor& ko) { ko.set_modinfo("license", "Proprietary"); });
}

void add_import_cases(CaseList& list, const std::string& plain) {
  list.add(
      "symbol-unknown", plain, [](KoEditor& ko) { ko.add_symbol("agree_nowhere", STB_GLOBAL); },
      true);
  list.add(
      "symbol-two-unknown", plain,
      [](KoEditor& ko) {
        ko.add_symbol("agree_nowhere", STB_GLOBAL).add_symbol("agree_neither", STB_GLOBAL);
      },
      true);
  list.add(
      "symbol-unknown-weak", plain, [](KoEditor& ko) { ko.add_symbol("agree_nowhere", STB_WEAK); },
      true);
  list.add("symbol-unknown-local", plain,
           [](KoEditor& ko) { ko.add_symbol("agree_nowhere", STB_LOCAL); });
  list.add("symbol-unknown-unique", plain,
           [](KoEditor& ko) { ko.add_symbol("agree_nowhere", 10); });
  list.add("symbol-unknown-no-name", plain, [](KoEditor& ko) { ko.add_symbol("", STB_GLOBAL); });
  list.add("symbol-offset-table", plain,
           [](KoEditor& ko) { ko.add_symbol("_GLOBAL_OFFSET_TABLE_", STB_GLOBAL); });
  list.add("symbol-unversioned-import", plain,
           [](KoEditor& ko) { ko.add_symbol("jiffies", STB_GLOBAL); });
  list.add(
      "symbol-weak-wrong-crc", plain,
      [](KoEditor& ko) {
        set_binding(ko, "kfree", STB_WEAK);
        ko.set_crc("kfree", 1);
      },
      true);
  list.add("symbol-weak-no-crc", plain, [](KoEditor& ko) {
    set_binding(ko, "kfree", STB_WEAK);
    ko.remove_version("kfree");
  });
  list.add(
      "symbol-wrong-crc-then-unknown", plain,
      [](KoEditor& ko) { ko.set_crc("kfree", 1).add_symbol("agree_nowhere", STB_GLOBAL); }, true);
  list.add(
      "symbol-unknown-then-wrong-crc", plain,
      [](KoEditor& ko) {
        const auto names = ko.versions();
        ko.add_symbol("agree_nowhere", STB_GLOBAL).add_symbol("jiffies", STB_GLOBAL);
        auto all = names;
        all.push_back({1, "jiffies"});
        ko.set_versions(all);
      },
      true);
  list.add("symbol-unknown-then-no-crc", plain, [](KoEditor& ko) {
    ko.add_symbol("agree_nowhere", STB_GLOBAL).add_symbol("jiffies", STB_GLOBAL);
  });
  list.add("symbol-kernel-internal", plain,
           [](KoEditor& ko) { ko.add_symbol("kallsyms_lookup_name", STB_GLOBAL); });
  list.add(
      "symbol-common", plain,
      [](KoEditor& ko) { ko.add_symbol("agree_common", STB_GLOBAL, SHN_COMMON, 8, 8); }, true);
  list.add("symbol-common-lto", plain,
           [](KoEditor& ko) { ko.add_symbol("__gnu_lto_slim", STB_GLOBAL, SHN_COMMON, 1, 1); });
  list.add("symbol-common-then-unknown", plain, [](KoEditor& ko) {
    ko.add_symbol("agree_common", STB_GLOBAL, SHN_COMMON, 8, 8)
        .add_symbol("agree_nowhere", STB_GLOBAL);
  });
  list.add("symbol-unknown-then-common", plain, [](KoEditor& ko) {
    ko.add_symbol("agree_nowhere", STB_GLOBAL)
        .add_symbol("agree_common", STB_GLOBAL, SHN_COMMON, 8, 8);
  });
  list.add("symbol-absolute", plain,
           [](KoEditor& ko) { ko.add_symbol("agree_absolute", STB_GLOBAL, SHN_ABS, 8); });
}

void add_namespace_cases(CaseList& list, const std::string& exports, const std::string& imports) {
  const auto with = [&](const CaseList::Change& change) { return changed(imports, change); };
  list.add_group("namespace-not-imported",
                 {exports, with([](KoEditor& ko) { ko.remove_modinfo("import_ns"); })}, true);
  list.add_group("namespace-other-imported",
                 {exports, with([](KoEditor& ko) { ko.set_modinfo("import_ns", "AGRE"); })});
  list.add_group("namespace-longer-imported",
                 {exports, with([](KoEditor& ko) { ko.set_modinfo("import_ns", "AGREED"); })});
  list.add_group("namespace-second-imported",
                 {exports, with([](KoEditor& ko) {
                    ko.set_modinfo("import_ns", "OTHER").add_modinfo("import_ns", "AGREE");
                  })});
  list.add_group("namespace-and-crc", {exports, with([](KoEditor& ko) {
                                         ko.remove_modinfo("import_ns").set_crc("agree_spaced", 1);
                                       })});
  list.add_group("namespace-and-unknown",
                 {exports, with([](KoEditor& ko) {
                    ko.remove_modinfo("import_ns").add_symbol("agree_nowhere", STB_GLOBAL);
                  })});
  list.add_group("namespace-of-kernel-symbol",
                 {exports, with([](KoEditor& ko) { ko.add_symbol("dma_buf_get", STB_GLOBAL); })});
}

/// P goes from module to module, and takes GPL-only symbols away as it does.
void add_inheritance_cases(CaseList& list, const Honest& honest) {
  const auto& exports = honest["agree_exports"];
  const auto& hands_on = honest["agree_hands_on"];
  const auto& takes = honest["agree_takes"];
  const auto with_gpl_only = [&](bool first) {
    return changed(takes, [&](KoEditor& ko) {
      auto versions = ko.versions();
      versions.push_back({KoEditor(honest["agree_plain"]).crc("kernel_kobj"), "kernel_kobj"});
      ko.set_versions(versions).add_symbol(first ? "agree_handed" : "kernel_kobj", STB_GLOBAL);
      if (first) ko.rename_symbol("agree_handed", "kernel_kobj");
    });
  };
  list.add_group("inherited-none", {exports, hands_on, takes});
  list.add_group("inherited-twice", {proprietary(exports), hands_on, takes}, true);
  list.add_group("inherited-from-the-second", {exports, proprietary(hands_on), takes});
  list.add_group("inherited-then-gpl-only", {proprietary(exports), hands_on, with_gpl_only(false)});
  list.add_group("inherited-after-gpl-only", {proprietary(exports), hands_on, with_gpl_only(true)});
  list.add_group("inherited-weak", {proprietary(exports), changed(hands_on, [](KoEditor& ko) {
                                      set_binding(ko, "agree_open", STB_WEAK);
                                    })});
}

void add_export_cases(CaseList& list, const std::string& exports, const std::string& imports) {
  const auto renamed = [&](const std::string& name) {
    return changed(exports, [&](KoEditor& ko) { ko.rename_module(name); });
  };
  list.add_group("exports-missing", {imports}, true);
  list.add_group(
      "exports-of-refused",
      {changed(exports, [](KoEditor& ko) { ko.set_modinfo("vermagic", "1.0 "); }), imports}, true);
  list.add_group("exports-twice", {exports, renamed("agree_again")}, true);
  list.add_group("exports-proprietary", {proprietary(exports), imports}, true);
  list.add_group("exports-used-by-proprietary", {exports, proprietary(imports)}, true);
  list.add_group("exports-all-proprietary", {proprietary(exports), proprietary(imports)});
  list.add_group("exports-wrong-crc",
                 {exports, changed(imports, [](KoEditor& ko) { ko.set_crc("agree_open", 1); })});
  for (const auto* table : {"__kcrctab", "__kcrctab_gpl"}) {
    list.add(std::string("exports-no-") + table, exports,
             [table](KoEditor& ko) { ko.rename_section(table, "__gone"); });
    list.add(std::string("exports-not-allocated-") + table, exports,
             [table](KoEditor& ko) { ko.flags(table, 0, SHF_ALLOC); });
  }
  for (const auto* table : {"__ksymtab", "__ksymtab_gpl"})
    list.add(std::string("exports-not-allocated-") + table, exports,
             [table](KoEditor& ko) { ko.flags(table, 0, SHF_ALLOC); });
  // The names of exports live in __ksymtab_strings; both are of one length.
  list.add(
      "exports-a-kernel-symbol", exports,
      [](KoEditor& ko) {
        auto text = ko.content("__ksymtab_strings");
        const auto at = text.find("agree_open");
        if (at == std::string::npos) throw std::runtime_error("no name of an export");
        std::string name("kfree");
        name.resize(std::string_view("agree_open").size());
        ko.patch(ko.offset("__ksymtab_strings") + at, name);
      },
      true);
}

KoEditor& resize_table(KoEditor& ko, std::string_view name, long change) {
  auto entry = ko.section(ko.index_of(name));
  entry.sh_size += static_cast<std::uint64_t>(change);
  return ko.set_section(ko.index_of(name), entry);
}

/// The tables of exports themselves, which the kernel reads as they are.
void add_export_table_cases(CaseList& list, const Honest& honest) {
  const auto& exports = honest["agree_exports"];
  const auto& imports = honest["agree_imports"];
  const auto& stripped = honest["agree_exports_stripped"];
  list.add_group("exports-stripped", {stripped, imports}, true);
  list.add_group(
      "exports-strings-renamed",
      {changed(exports, [](KoEditor& ko) { ko.rename_section("__ksymtab_strings", ".strings"); }),
       imports},
      true);
  list.add_group(
      "exports-stripped-twice",
      {exports, changed(stripped, [](KoEditor& ko) { ko.rename_module("agree_again"); })}, true);
  for (const std::string table : {"__ksymtab", "__ksymtab_gpl"}) {
    list.add_group(
        "exports-not-allocated-used-" + table,
        {changed(exports, [&](KoEditor& ko) { ko.flags(table, 0, SHF_ALLOC); }), imports});
    list.add_group("exports-and-zeros-" + table,
                   {changed(exports,
                            [&](KoEditor& ko) {
                              ko.replace(table, ko.content(table) + std::string(12, '\0'));
                            }),
                    imports});
    list.add("exports-and-part-of-one-" + table, exports,
             [&](KoEditor& ko) { resize_table(ko, table, 11); });
    list.add(
        "exports-and-one-more-" + table, exports,
        [&](KoEditor& ko) { ko.replace(table, ko.content(table) + std::string(12, '\x55')); },
        table == "__ksymtab_gpl");
  }
  for (const std::string table : {"__kcrctab", "__kcrctab_gpl"}) {
    list.add_group("exports-less-" + table,
                   {changed(exports, [&](KoEditor& ko) { resize_table(ko, table, -4); }), imports});
    list.add_group(
        "exports-no-crcs-used-" + table,
        {changed(exports, [&](KoEditor& ko) { ko.flags(table, 0, SHF_ALLOC); }), imports});
  }
  list.add_group("exports-in-a-circle", {honest["agree_one_way"], honest["agree_other_way"]}, true);
  list.add_group("exports-out-of-order",
                 {changed(exports,
                          [](KoEditor& ko) {
                            const auto at = ko.content("__ksymtab_strings").find("agree_open");
                            if (at == std::string::npos) throw std::runtime_error("no such name");
                            ko.patch(ko.offset("__ksymtab_strings") + at, "z");
                          }),
                  changed(imports, [](KoEditor& ko) {
                    auto versions = ko.versions();
                    for (auto& entry : versions)
                      if (entry.name == "agree_open") entry.name = "zgree_open";
                    ko.set_versions(versions).rename_symbol("agree_open", "zgree_open");
                  })});
}

}  // namespace

void add_symbol_cases(CaseList& list, const Honest& honest) {
  add_import_cases(list, honest["agree_plain"]);
  add_namespace_cases(list, honest["agree_exports"], honest["agree_imports"]);
  add_export_cases(list, honest["agree_exports"], honest["agree_imports"]);
  add_inheritance_cases(list, honest);
  add_export_table_cases(list, honest);
}

}  // namespace kovet::testing
