#include "explain/machine_state.h"

#include <gmock/gmock.h>

#include "tests/support/facts.h"

// What depends on the machine (what is loaded, who had taken memory or a name, policies): that the
// file passes the check for itself must not be called a proof that the line is about another file.

namespace kovet::explain {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::honest_builder;
using testing::honest_kernel;
using testing::honest_module;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::read_built;

Explanation proven(std::string_view line, const Module& module) {
  const Kernel kernel = honest_kernel();
  Explainer explainer;
  explainer.line(line, 1);
  auto items = explainer.finish({}).items;
  EXPECT_EQ(items.size(), 1U) << line;
  prove(items, {.module = &module, .kernel = &kernel});
  return items.at(0);
}

Module uses_usb_storage() {
  return read_built(honest_builder()
                        .import("usb_stor_probe1")
                        .version("usb_stor_probe1", 0x0b0bf5f1)
                        .modinfo("import_ns", "USB_STORAGE"));
}

TEST(MachineState, AnotherModuleExportsTheSameAndWasLoaded) {
  const Module module = read_built(honest_builder().export_symbol("shared", {.crc = 1}));
  const auto item = proven("honest: exports duplicate symbol shared (owned by rival)", module);
  EXPECT_EQ(item.proof.status, Proof::Status::proven);
  EXPECT_EQ(item.proof.text, "this file exports shared, and so does rival, which was loaded then");
  EXPECT_THAT(item.proof.hint, HasSubstr("unload rival"));
  EXPECT_THAT(item.symbols.at(0).provider, IsEmpty());
  const auto other = proven("honest: exports duplicate symbol another (owned by rival)", module);
  EXPECT_EQ(other.proof.status, Proof::Status::refuted);
  EXPECT_THAT(other.proof.text, HasSubstr("does not export another"));
  // What the kernel itself exports its Module.symvers tells.
  const auto kernels = proven("honest: exports duplicate symbol shared (owned by kernel)", module);
  EXPECT_EQ(kernels.proof.status, Proof::Status::refuted);
}

TEST(MachineState, AnOwnerWhoseInitHadNotFinished) {
  for (const char* line : {"honest: Unknown symbol usb_stor_probe1 (err -16)",
                           "honest: gave up waiting for init of module usb_storage."}) {
    const auto item = proven(line, uses_usb_storage());
    EXPECT_EQ(item.proof.status, Proof::Status::proven) << line;
    EXPECT_THAT(item.proof.text, HasSubstr("its init had not finished")) << line;
    EXPECT_THAT(item.proof.hint, Not(HasSubstr("modprobe"))) << line;
  }
  const auto stranger =
      proven("honest: gave up waiting for init of module nobody.", honest_module());
  EXPECT_EQ(stranger.proof.status, Proof::Status::refuted);
}

TEST(MachineState, AnotherBuildOfTheOwnerMayHaveBeenLoaded) {
  for (const char* line : {"honest: disagrees about version of symbol usb_stor_probe1",
                           "honest: Unknown symbol usb_stor_probe1 (err -22)"}) {
    const auto item = proven(line, uses_usb_storage());
    EXPECT_EQ(item.proof.status, Proof::Status::refuted) << line;
    EXPECT_THAT(item.proof.text, HasSubstr("they fit the usb-storage of this kernel")) << line;
    EXPECT_THAT(item.proof.hint, HasSubstr("modinfo -n usb-storage")) << line;
  }
}

TEST(MachineState, WhatNoFileTellsIsNotRefuted) {
  const Module module = honest_module();
  for (const char* line :
       {"LoadPin: kernel-module denied obj=\"/tmp/honest.ko\" pid=123 cmdline=\"insmod honest.ko\"",
        "avc:  denied  { module_load } for  pid=1 comm=\"insmod\" path=\"/tmp/honest.ko\"",
        "modprobe: ERROR: could not insert 'honest': Module already in kernel",
        "execmem: unable to allocate memory", "honest: option 'width' enabled irq's!",
        "honest: parameters 'x=1' after `--' ignored", "dyndbg: query parse failed"})
    EXPECT_EQ(proven(line, module).proof.status, Proof::Status::not_run) << line;
  const auto taken = proven("honest: module is already loaded", module);
  EXPECT_NE(taken.proof.status, Proof::Status::refuted);
  EXPECT_NE(taken.proof.status, Proof::Status::proven);
}

TEST(MachineState, HowMuchOfTheReserveIsLeftNoFileTells) {
  const auto without = proven("honest: Could not allocate 4096 bytes percpu data", honest_module());
  EXPECT_EQ(without.proof.status, Proof::Status::refuted);
  const Module module = read_built(honest_builder().add_section(
      {.name = ".data..percpu", .flags = 3, .content = std::string(4096, '\0')}));
  const auto with = proven("honest: Could not allocate 4096 bytes percpu data", module);
  EXPECT_EQ(with.proof.status, Proof::Status::unknown);
  EXPECT_THAT(with.proof.text, HasSubstr("asks for 4096 bytes"));
}

}  // namespace
}  // namespace kovet::explain
