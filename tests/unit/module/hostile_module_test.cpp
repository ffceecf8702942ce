#include <elf.h>
#include <gmock/gmock.h>

#include <random>

#include "module/read_module.h"
#include "tests/support/facts.h"

// Nothing a file holds may crash the reader or read outside the file: meant for the sanitizers,
// though without them the walk over all facts below still notices a lot.

namespace kovet {
namespace {

using testing::ElfBuilder;
using testing::honest_builder;

/// Touches every byte that the facts point to; returns something the compiler cannot leave out.
std::size_t touch(const Module& module) {
  std::size_t sum = 0;
  const auto take = [&sum](std::string_view text) {
    for (const char c : text) sum += static_cast<unsigned char>(c);
  };
  for (const Section& section : module.sections) {
    take(section.name);
    for (const std::byte byte : section.bytes) sum += std::to_integer<std::size_t>(byte);
  }
  for (const ModinfoEntry& entry : module.modinfo) take(entry.key), take(entry.value);
  for (const auto* symbols : {&module.imports, &module.commons, &module.bad_section_symbols})
    for (const Symbol& symbol : *symbols) take(symbol.name);
  for (const auto* table : {&module.versions, &module.extended_versions})
    if (*table)
      for (const SymbolVersion& version : (*table)->entries) take(version.name);
  for (const Export& exported : module.exports)
    take(exported.name), take(exported.symbol_namespace);
  for (const Parameter& parameter : module.parameters)
    take(parameter.name), take(parameter.type), take(parameter.description);
  if (module.this_module) take(module.this_module->name);
  if (module.signature)
    for (const std::byte byte : module.signature->signature)
      sum += std::to_integer<std::size_t>(byte);
  take(module.display_name());
  return sum;
}

void survives(std::string_view content) {
  const auto read = read_module(Bytes::copy(content), "hostile.ko");
  if (read)
    touch(*read);
  else
    EXPECT_FALSE(read.error().what.empty());
}

ElfBuilder rich_builder(Arch arch = Arch::x86_64) {
  return honest_builder(arch)
      .export_symbol("width_of", {.crc = 1, .symbol_namespace = "NS"})
      .extended_version("_printk", 2)
      .common("c", 8)
      .signature("not a signature");
}

TEST(HostileModule, CutAtEveryLength) {
  for (const Arch arch : {Arch::x86_64, Arch::arm, Arch::s390x}) {
    const std::string whole = rich_builder(arch).build();
    for (std::size_t length = 0; length < whole.size(); ++length)
      survives(std::string_view(whole).substr(0, length));
  }
}

TEST(HostileModule, EveryHeaderByteReplaced) {
  for (const Arch arch : {Arch::x86_64, Arch::mips, Arch::s390x}) {
    const std::string whole = rich_builder(arch).build();
    for (std::size_t at = 0; at < 64; ++at)
      for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'})
        survives(testing::patched(whole, at, {&value, 1}));
  }
}

TEST(HostileModule, EveryWordOfTheSectionTableReplaced) {
  const std::string whole = rich_builder().build();
  const Module module = testing::read_bytes(whole);
  const std::size_t table = module.header->shoff;
  const std::size_t size = std::size_t{module.header->shnum} * module.header->shentsize;
  const std::vector<std::string> values{std::string(8, '\xff'), std::string(8, '\0'),
                                        ElfBuilder().number(whole.size(), 8),
                                        ElfBuilder().number(~std::uint64_t{0} - 7, 8)};
  for (std::size_t at = table; at + 8 <= table + size; at += 4)
    for (const std::string& value : values) survives(testing::patched(whole, at, value));
}

TEST(HostileModule, RandomDamage) {
  const std::string whole = rich_builder().build();
  std::mt19937 random(20261123);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 8; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    survives(damaged);
  }
}

// A table of unterminated names must not cost the square of the file's size.
TEST(HostileModule, ManyNamesWithoutEndTakeLinearTime) {
  const std::string endless(std::size_t{16} << 20, 'n');
  ElfBuilder versions;
  versions.section("__versions").content = endless;
  EXPECT_EQ(testing::read_built(versions).versions->entries.size(), endless.size() / 64);

  ElfBuilder symbols;
  std::string table(24, '\0');
  while (table.size() < endless.size()) table += symbols.number(1, 4) + std::string(20, '\0');
  symbols.add_section({.name = "names", .type = SHT_STRTAB, .flags = 0, .content = endless});
  symbols.add_section(
      {.name = ".symtab", .type = SHT_SYMTAB, .flags = 0, .content = table, .link = 1});
  EXPECT_EQ(testing::read_built(symbols).imports.size(), table.size() / 24 - 1);
}

}  // namespace
}  // namespace kovet
