#pragma once

#include <cstdint>
#include <string>

#include "support/error.h"
#include "support/process.h"
#include "vm/vm.h"

namespace kovet::vm {

/// Finds QEMU for this machine. Errors: not installed; the hint names the package.
Result<std::string> find_qemu();

/// Whether KVM runs a guest at all: a boot sector is tried once per process, and given 3 seconds.
/// False also once a kernel was seen not to come up under it.
bool kvm_works(const std::string& qemu);

/// For the rest of this process KVM does not work: it ran the boot sector, but no kernel.
void give_up_kvm();

/// One guest to start.
struct Guest {
  std::string qemu;
  std::string image;
  std::string initramfs;
  std::string append;
  Accelerator accelerator = Accelerator::software;
  unsigned memory = 256;  ///< MiB
};

/// The command: console on standard error, the guest's reports on standard output, no devices, no
/// network, no disk; it ends when the guest reboots or panics.
ProcessRequest guest_command(const Guest& guest);

}  // namespace kovet::vm
