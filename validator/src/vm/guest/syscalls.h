/* Raw system calls: the guest's init has no C library. */
#pragma once

#include <asm/unistd.h>

#if defined(__x86_64__)
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  and $-16, %rsp\n"
    "  call guest_main\n"
    "  ud2\n");
#else
#error "no system calls for this machine: the build must leave the guest's init out"
#endif

#define SYSCALL(number, a, b, c, d, e) \
  syscall6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
