#include "explain/message.h"

// dkms; initramfs-tools, dracut and mkinitcpio

namespace kovet::explain {

namespace {

constexpr Message table[] = {
    {.id = "dkms-headers",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Your kernel headers for kernel {release} cannot be found",
               "Your kernel source for kernel {release} cannot be found",
               "Please install the linux-headers-{release} package"},
     .meaning =
         "DKMS found no headers for the kernel {release}, so the module was not built for it.",
     .causes = {"the headers package of that kernel is not installed",
                "the package that follows the newest kernel's headers is missing "
                "(linux-headers-amd64, kernel-devel)"},
     .next =
         "kovet kernels; apt install linux-headers-{release}, then dkms autoinstall -k {release}"},
    {.id = "dkms-skipped",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Module build for kernel {release} was skipped since the",
               "autoinstall for kernel {release} was skipped since the kernel headers",
               "Module build for the currently running kernel was skipped since the"},
     .meaning = "DKMS found no headers for that kernel, so the module was not built for it.",
     .causes = {"the headers package of that kernel is not installed",
                "the package that follows the newest kernel's headers is missing "
                "(linux-headers-amd64, kernel-devel)"},
     .next = "kovet kernels; install that kernel's headers, then dkms autoinstall -k {release}"},
    {.id = "dkms-source",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Error! Could not find module source directory.",
               "Error! Could not locate dkms.conf file."},
     .meaning = "DKMS has no source of that name and version.",
     .causes = {"the source is not in /usr/src/NAME-VERSION", "a misspelt name or version",
                "the package was removed and its module not (dkms remove)"},
     .next = "ls -d /usr/src/*-*; dkms status; dkms add FOLDER"},
    {.id = "dkms-added",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Error! DKMS tree already contains: {name}"},
     .meaning = "DKMS has {name} already. That says nothing of whether it was built or installed.",
     .causes = {"dkms add ran before, or the package's scripts did it"},
     .next = "dkms status; dkms install NAME/VERSION -k RELEASE; dkms remove it first for changed "
             "sources"},
    {.id = "dkms-build-failed",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Bad return status for module build on kernel: {release} (",
               "Build of {path} failed for: {release} ("},
     .meaning = "The build itself failed; its output is in make.log.",
     .causes = {"the driver's source does not fit this kernel's interfaces",
                "another compiler than the kernel's", "half-installed headers"},
     .next = "grep -nE 'error|undefined' /var/lib/dkms/*/*/build/make.log; kovet kernels"},
    {.id = "dkms-excluded",
     .gate = "",
     .stage = Stage::build,
     .texts = {"for module {name} includes a BUILD_EXCLUSIVE directive which does not match this "
               "kernel"},
     .meaning = "The driver's dkms.conf says that it is not for this kernel.",
     .causes = {"the driver was not ported to it, or the kernel has one of its own"},
     .next = "grep BUILD_EXCLUSIVE /usr/src/{name}-*/dkms.conf; look for a newer version"},
    {.id = "dkms-not-newer",
     .gate = "",
     .stage = Stage::build,
     .texts = {"is not newer than what is already found in kernel {release}",
               "exactly matches what is already found in kernel {release}"},
     .meaning = "The kernel's own module has the same version or a newer one, so DKMS did not "
                "install its build: the kernel's is loaded.",
     .causes = {"the driver is part of the kernel by now"},
     .next = "kovet host NAME; dkms install --force, if the other one is wanted"},
    {.id = "dkms-obsolete",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Module has been obsoleted due to being included"},
     .meaning = "dkms.conf says that the kernel has the driver by now; DKMS did not install it.",
     .causes = {"OBSOLETE_BY in dkms.conf"},
     .next = "kovet host NAME"},
    {.id = "dkms-not-signed",
     .gate = "signature",
     .stage = Stage::build,
     .texts = {"not found, modules won't be signed",
               "not found and can't be generated, modules won't be signed"},
     .meaning = "DKMS could not sign what it built. Kernels that enforce signatures, or are locked "
                "down (Secure Boot), refuse it.",
     .causes = {"sign-file of the kernel's headers is missing", "openssl is not installed"},
     .next = "kovet signature M.ko; mokutil --sb-state"},
    {.id = "dkms-autoinstall",
     .gate = "",
     .stage = Stage::build,
     .texts = {"One or more modules failed to install during autoinstall.",
               "Problems with depmod detected.  Automatically uninstalling this module.",
               "Problems with depmod detected. Automatically uninstalling this module."},
     .meaning = "A module was not installed for a new kernel; the lines before it say which.",
     .causes = {"its build failed", "depmod failed"},
     .next = "dkms status; cat /var/lib/dkms/*/*/build/make.log"},
    {.id = "initramfs-firmware",
     .gate = "",
     .stage = Stage::build,
     .texts = {"Possible missing firmware {file} for module {word}",
               "Possible missing firmware {file} for kernel module {word}",
               "Possibly missing firmware for module: '{word}'"},
     .meaning = "{word} names a firmware file that is not installed. It matters only if a device "
                "here needs it before the root file system is there.",
     .causes = {"the firmware package is not installed, or there is none for that device"},
     .next = "modinfo -F firmware {word}; nothing, if no device of that driver is in the machine"},
    {.id = "initramfs-module",
     .gate = "",
     .stage = Stage::build,
     .texts = {"ERROR: module not found: '{name}'", "ERROR: installing module '{name}'",
               "FATAL: Failed to install module {name}"},
     .meaning = "The initramfs was built without {name}: there is no such module for that kernel.",
     .causes = {"depmod did not run for that kernel", "the module is built in, or not built",
                "a misspelt name in the configuration of the initramfs"},
     .next = "kovet host {name}"},
};

}  // namespace

std::span<const Message> packaging_messages() {
  return table;
}

}  // namespace kovet::explain
