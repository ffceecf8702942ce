#include "gates/peers.h"

#include "tests/unit/gates/judging.h"

namespace kovet::testing {
namespace {

Module make(const std::string& name, const std::vector<std::string>& exports,
            const std::vector<std::string>& imports) {
  ElfBuilder builder = honest_builder();
  builder.set_modinfo("name", name);
  for (const std::string& symbol : exports) builder.export_symbol(symbol, {.crc = 1});
  for (const std::string& symbol : imports) builder.import(symbol);
  return read_built(builder, name + ".ko");
}

std::vector<std::string> names(const std::vector<const Module*>& modules) {
  std::vector<std::string> out;
  for (const Module* module : modules) out.push_back(module->name);
  return out;
}

TEST(Peers, DeepestFirst) {
  std::vector<Module> modules;
  modules.push_back(make("top", {}, {"middle_call"}));
  modules.push_back(make("middle", {"middle_call"}, {"base_call"}));
  modules.push_back(make("base", {"base_call"}, {}));
  const auto peers = peers_of(modules, honest_kernel());
  EXPECT_THAT(names(peers[0]), ::testing::ElementsAre("base", "middle"));
  EXPECT_THAT(names(peers[1]), ::testing::ElementsAre("base"));
  EXPECT_THAT(peers[2], ::testing::IsEmpty());
}

TEST(Peers, CyclesEnd) {
  std::vector<Module> modules;
  modules.push_back(make("one", {"one_call"}, {"two_call"}));
  modules.push_back(make("two", {"two_call"}, {"one_call"}));
  const auto peers = peers_of(modules, honest_kernel());
  EXPECT_THAT(names(peers[0]), ::testing::ElementsAre("two"));
  EXPECT_THAT(names(peers[1]), ::testing::ElementsAre("one"));
}

TEST(Peers, WhatTheKernelExportsNeedsNobody) {
  std::vector<Module> modules;
  modules.push_back(make("user", {}, {"kmalloc_noprof"}));
  modules.push_back(make("thief", {"kmalloc_noprof"}, {}));
  EXPECT_THAT(peers_of(modules, honest_kernel())[0], ::testing::IsEmpty());
}

}  // namespace
}  // namespace kovet::testing
