#include <limits>

#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

void add_header_cases(CaseList& list, const std::string& plain) {
  list.add_bytes("elf-empty", "");
  list.add_bytes("elf-one-byte", "\x7f");
  list.add_bytes("elf-text", std::string(200, 'x'));
  list.add(
      "elf-63-bytes", plain, [](KoEditor& ko) { ko.resize(sizeof(Elf64_Ehdr) - 1); }, true);
  list.add(
      "elf-64-bytes", plain, [](KoEditor& ko) { ko.resize(sizeof(Elf64_Ehdr)); }, true);
  for (std::size_t i = 0; i < 4; ++i)
    list.add(
        "elf-magic-" + std::to_string(i), plain, [i](KoEditor& ko) { ko.patch(i, "x"); }, i == 0);
  for (std::size_t i = EI_CLASS; i < EI_NIDENT; ++i)
    list.add(
        "elf-ident-" + std::to_string(i), plain, [i](KoEditor& ko) { ko.patch(i, "\x09"); },
        i == EI_CLASS);
  const auto header = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "elf-" + name, plain,
        [change](KoEditor& ko) {
          auto head = ko.header();
          change(head, ko);
          ko.set_header(head);
        },
        ci);
  };
  for (const int type : {0, 2, 3, 4, 0xff01})
    header(
        "type-" + std::to_string(type),
        [type](auto& head, auto&) { head.e_type = static_cast<Elf64_Half>(type); }, type == 2);
  for (const int machine : {0, 3, 61, 63, 183, 40, 243})
    header(
        "machine-" + std::to_string(machine),
        [machine](auto& head, auto&) { head.e_machine = static_cast<Elf64_Half>(machine); },
        machine == 183);
  header("version", [](auto& head, auto&) { head.e_version = 9; });
  header("entry", [](auto& head, auto&) { head.e_entry = 9; });
  header("phoff", [](auto& head, auto&) { head.e_phoff = 9; });
  header("phnum", [](auto& head, auto&) { head.e_phnum = 9; });
  header("flags", [](auto& head, auto&) { head.e_flags = 9; });
  header("ehsize", [](auto& head, auto&) { head.e_ehsize = 9; });
  for (const int size : {0, 40, 63, 65, 128})
    header(
        "shentsize-" + std::to_string(size),
        [size](auto& head, auto&) { head.e_shentsize = static_cast<Elf64_Half>(size); },
        size == 65);
}

void add_table_place_cases(CaseList& list, const std::string& plain) {
  const auto at_end = [&](const std::string& name, auto change, bool ci = false) {
    list.add(
        "elf-table-" + name, plain,
        [change](KoEditor& ko) {
          ko.table_to_end();
          auto head = ko.header();
          change(head, ko);
        },
        ci);
  };
  at_end("fits", [](auto&, auto&) {});
  at_end(
      "byte-too-few", [](auto&, auto& ko) { ko.resize(ko.bytes().size() - 1); }, true);
  at_end("byte-to-spare", [](auto&, auto& ko) { ko.append("x"); });
  const auto offset = [&](const std::string& name, auto value, bool ci = false) {
    at_end(
        "offset-" + name,
        [value](auto& head, auto& ko) {
          head.e_shoff = value(ko.bytes().size());
          ko.set_header(head);
        },
        ci);
  };
  offset("zero", [](std::uint64_t) { return std::uint64_t{0}; });
  offset("at-end", [](std::uint64_t size) { return size; });
  offset("before-end", [](std::uint64_t size) { return size - 1; });
  offset(
      "huge", [](std::uint64_t) { return std::numeric_limits<std::uint64_t>::max(); }, true);
  offset("wraps", [](std::uint64_t) { return std::numeric_limits<std::uint64_t>::max() - 63; });
  const auto number = [&](const std::string& name, auto value, bool ci = false) {
    at_end(
        name,
        [value](auto& head, auto& ko) {
          value(head);
          ko.set_header(head);
        },
        ci);
  };
  number("one-more", [](auto& head) { ++head.e_shnum; });
  number("none", [](auto& head) { head.e_shnum = 0; });
  // As linkers write it where there are more sections than e_shnum can tell.
  at_end("none-but-in-section-0", [](auto& head, auto& ko) {
    auto first = ko.section(0);
    first.sh_size = head.e_shnum;
    ko.set_section(0, first);
    head.e_shnum = 0;
    ko.set_header(head);
  });
  number("only-null", [](auto& head) { head.e_shnum = 1; });
  number("names-0", [](auto& head) { head.e_shstrndx = 0; });
  number(
      "names-at-count", [](auto& head) { head.e_shstrndx = head.e_shnum; }, true);
  number("names-extended", [](auto& head) { head.e_shstrndx = 0xffff; });
}

void add_section_cases(CaseList& list, const std::string& plain) {
  const auto section = [&](const std::string& name, const std::string& which, auto change,
                           bool ci = false) {
    list.add(
        "elf-section-" + name, plain,
        [which, change](KoEditor& ko) {
          const std::size_t index = which.empty() ? 0 : ko.index_of(which);
          auto entry = ko.section(index);
          change(entry, ko);
          ko.set_section(index, entry);
        },
        ci);
  };
  section(
      "null-type", "", [](auto& entry, auto&) { entry.sh_type = SHT_PROGBITS; }, true);
  section("null-size", "", [](auto& entry, auto&) { entry.sh_size = 1; });
  section("null-addr", "", [](auto& entry, auto&) { entry.sh_addr = 1; });
  section("null-offset", "", [](auto& entry, auto&) { entry.sh_offset = 1 << 30; });
  section("null-flags", "", [](auto& entry, auto&) { entry.sh_flags = SHF_ALLOC; });
  section("to-the-end", ".comment",
          [](auto& entry, auto& ko) { entry.sh_size = ko.bytes().size() - entry.sh_offset; });
  section(
      "past-the-end", ".comment",
      [](auto& entry, auto& ko) { entry.sh_size = ko.bytes().size() - entry.sh_offset + 1; }, true);
  section("offset-at-end", ".comment", [](auto& entry, auto& ko) {
    entry.sh_offset = ko.bytes().size();
    entry.sh_size = 0;
  });
  section("offset-past-end", ".comment", [](auto& entry, auto& ko) {
    entry.sh_offset = ko.bytes().size() + 1;
    entry.sh_size = 0;
  });
  section("wraps", ".comment", [](auto& entry, auto&) {
    entry.sh_offset = std::numeric_limits<std::uint64_t>::max();
    entry.sh_size = 2;
  });
  section("allocated-past-end", ".note.gnu.build-id",
          [](auto& entry, auto& ko) { entry.sh_size = ko.bytes().size() - entry.sh_offset + 1; });
  section("nobits-far-away", ".bss", [](auto& entry, auto&) { entry.sh_offset = 1 << 30; });
  section("null-far-away", ".comment", [](auto& entry, auto&) {
    entry.sh_type = SHT_NULL;
    entry.sh_offset = 1 << 30;
  });
  section("name-last-byte", ".comment", [](auto& entry, auto& ko) {
    entry.sh_name = static_cast<Elf64_Word>(ko.section(ko.header().e_shstrndx).sh_size - 1);
  });
  section(
      "name-past-end", ".comment",
      [](auto& entry, auto& ko) {
        entry.sh_name = static_cast<Elf64_Word>(ko.section(ko.header().e_shstrndx).sh_size);
      },
      true);
  section("name-past-end-allocated", ".note.gnu.build-id", [](auto& entry, auto& ko) {
    entry.sh_name = static_cast<Elf64_Word>(ko.section(ko.header().e_shstrndx).sh_size);
  });
  section(
      "names-empty", ".shstrtab", [](auto& entry, auto&) { entry.sh_size = 0; }, true);
  section("names-one-byte-less", ".shstrtab", [](auto& entry, auto&) { --entry.sh_size; });
  section("names-nobits", ".shstrtab", [](auto& entry, auto&) { entry.sh_type = SHT_NOBITS; });
  section("names-progbits", ".shstrtab", [](auto& entry, auto&) { entry.sh_type = SHT_PROGBITS; });
}

}  // namespace

void add_elf_cases(CaseList& list, const Honest& honest) {
  add_header_cases(list, honest["agree_plain"]);
  add_table_place_cases(list, honest["agree_plain"]);
  add_section_cases(list, honest["agree_plain"]);
}

}  // namespace kovet::testing
