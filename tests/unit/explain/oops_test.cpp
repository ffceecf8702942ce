#include "explain/oops.h"

#include <gmock/gmock.h>

#include "explain/explain.h"

namespace kovet::explain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Explanations explain(std::string_view log) {
  Explainer explainer;
  const auto size = split_lines(
      log, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  return explainer.finish(size);
}

constexpr std::string_view oops_in_init =
    R"([  101.000001] hello: loading out-of-tree module taints kernel.
[  101.200001] BUG: kernel NULL pointer dereference, address: 0000000000000000
[  101.200010] #PF: supervisor write access in kernel mode
[  101.200020] #PF: error_code(0x0002) - not-present page
[  101.200030] PGD 0 P4D 0
[  101.200040] Oops: 0002 [#1] PREEMPT SMP NOPTI
[  101.200050] CPU: 1 PID: 312 Comm: insmod Tainted: G           OE      6.1.0-21-amd64 #1  Debian 6.1.90-1
[  101.200060] Hardware name: QEMU Standard PC (i440FX + PIIX, 1996)
[  101.200070] RIP: 0010:hello_init+0x15/0x1000 [hello]
[  101.200080] Code: Unable to access opcode bytes at RIP 0xffffffffc0604feb.
[  101.200090] RSP: 0018:ffffb4a0c03a7c60 EFLAGS: 00010246
[  101.200100] Call Trace:
[  101.200110]  <TASK>
[  101.200120]  ? __die_body.cold+0x1a/0x1f
[  101.200130]  ? page_fault_oops+0xd2/0x2b0
[  101.200140]  ? 0xffffffffc0605000
[  101.200150]  do_one_initcall+0x56/0x220
[  101.200160]  do_init_module+0x4a/0x1f0
[  101.200170]  __do_sys_finit_module+0xac/0x120
[  101.200180]  do_syscall_64+0x55/0xb0
[  101.200190]  </TASK>
[  101.200200] Modules linked in: hello(OE+) ext4(E)
[  101.200210] ---[ end trace 0000000000000000 ]---
)";

TEST(Oops, InsideInitNamesModuleAndFunction) {
  const auto result = explain(oops_in_init);
  ASSERT_THAT(result.items, SizeIs(2));
  const Explanation& item = result.items[1];
  EXPECT_EQ(item.message->id, "init-crashed");
  EXPECT_EQ(item.message->gate, "init");
  EXPECT_EQ(item.stage, Stage::init_failed);
  EXPECT_EQ(item.module, "hello");
  EXPECT_EQ(item.number, 2U);
  EXPECT_EQ(item.time, "101.200001");
  ASSERT_TRUE(item.crash);
  EXPECT_EQ(item.crash->init_function, "");  // where it happened need not be init itself
  EXPECT_EQ(item.crash->fault_function, "hello_init");
  EXPECT_EQ(item.crash->fault_module, "hello");
  EXPECT_EQ(item.crash->taint, "GOE");
  EXPECT_THAT(item.details, ElementsAre(HasSubstr("the init of module hello was running"),
                                        HasSubstr("happened in hello_init() of module hello"),
                                        HasSubstr("kovet taint GOE")));
}

TEST(Oops, InTheKernelBelowInitClaimsNoMore) {
  const auto result = explain(
      R"(Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Internal error: Oops: 0000000096000004 [#1] SMP
CPU: 0 PID: 99 Comm: modprobe Not tainted 6.12.9-arm64 #1
pc : strlen+0x10/0x90
lr : kobject_set_name_vargs+0x20/0x100
Call trace:
 strlen+0x10/0x90
 class_create+0x2c/0x88
 setup_class+0x10/0x40 [gadget]
 gadget_init+0x38/0x1000 [gadget]
 do_one_initcall+0x60/0x2d0
 do_init_module+0x5c/0x220
---[ end trace 0000000000000000 ]---
)");
  ASSERT_THAT(result.items, SizeIs(1));
  ASSERT_TRUE(result.items[0].crash);
  EXPECT_EQ(result.items[0].module, "gadget");
  EXPECT_EQ(result.items[0].crash->init_function, "gadget_init");
  EXPECT_EQ(result.items[0].crash->fault_function, "strlen");
  EXPECT_EQ(result.items[0].crash->fault_module, "");
  EXPECT_EQ(result.items[0].crash->taint, "");
}

TEST(Oops, OutsideInitIsLeftAlone) {
  EXPECT_THAT(explain(R"(BUG: unable to handle page fault for address: ffffc90000ffd000
RIP: 0010:hello_read+0x15/0x40 [hello]
Call Trace:
 vfs_read+0x95/0x190
---[ end trace 0000000000000000 ]---
)")
                  .items,
              IsEmpty());
}

TEST(Oops, AWarningInInitIsAWarning) {
  const auto result =
      explain(R"([ 5.0] WARNING: CPU: 1 PID: 88 at /tmp/hello.c:12 hello_init+0x12/0x1000 [hello]
[ 5.0] RIP: 0010:hello_init+0x12/0x1000 [hello]
[ 5.0] Call Trace:
[ 5.0]  do_one_initcall+0x56/0x220
)");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].message->id, "init-warning");
  EXPECT_EQ(result.items[0].stage, Stage::running);  // what init returned is not in the trace
  EXPECT_EQ(result.items[0].module, "hello");
}

TEST(Oops, TheNewFormOfAWarningIsOneToo) {
  const auto result = explain(
      R"([ 5.0] WARNING: /build/hello.c:12 at hello_init+0x12/0x1000 [hello], CPU#1: insmod/88
[ 5.0] RIP: 0010:hello_init+0x12/0x1000 [hello]
[ 5.0] Call Trace:
[ 5.0]  do_one_initcall+0x56/0x220
)");
  ASSERT_THAT(result.items, SizeIs(1));
  EXPECT_EQ(result.items[0].message->id, "init-warning");
  EXPECT_EQ(result.items[0].module, "hello");
}

TEST(Oops, AnEndlessOneEnds) {
  std::string log = "BUG: kernel NULL pointer dereference, address: 0\n";
  for (int i = 0; i < 10000; ++i) log += " x+0x1/0x2 [hello]\n";
  log += " do_one_initcall+0x1/0x2\n";
  EXPECT_THAT(explain(log).items, IsEmpty());
}

}  // namespace
}  // namespace kovet::explain
