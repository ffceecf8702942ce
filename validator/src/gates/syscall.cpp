#include <cerrno>

#include "gates/evaluate.h"

// fs/kernel_read_file.c: what finit_module() reads must be a regular file that is not empty.
// Privileges and the machine's security modules are not looked at here.

namespace kovet::gate {

GateResult syscall(const GateInput& input) {
  if (input.module.stored_size != 0) return GateResult::pass();
  return GateResult::fail(EINVAL, {}, "the file is empty",
                          "a build or a copy of it was interrupted: build or copy it again");
}

}  // namespace kovet::gate
