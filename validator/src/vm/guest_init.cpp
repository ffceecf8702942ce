#include "vm/guest_init.h"

#ifdef KOVET_GUEST_INIT
__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    "kovet_guest_init_start:\n"
    ".incbin \"" KOVET_GUEST_INIT
    "\"\n"
    "kovet_guest_init_end:\n"
    ".popsection\n");

extern "C" const char kovet_guest_init_start[];
extern "C" const char kovet_guest_init_end[];
#endif

namespace kovet::vm {

std::string_view guest_init() {
#ifdef KOVET_GUEST_INIT
  return {kovet_guest_init_start,
          static_cast<std::size_t>(kovet_guest_init_end - kovet_guest_init_start)};
#else
  return {};
#endif
}

}  // namespace kovet::vm
