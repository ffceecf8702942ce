#include "vm/qemu.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <mutex>

#include "support/bytes.h"
#include "support/scratch_dir.h"

namespace kovet::vm {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> bare_machine{
    "-nodefaults", "-no-user-config", "-machine", "pc", "-display", "none", "-no-reboot"};

/// mov $0xf4, %dx; mov $0x10, %al; out %al, %dx; hlt; jmp back. The debug-exit device at that port
/// ends QEMU with (0x10 << 1) | 1.
constexpr std::array<unsigned char, 9> exit_code_program{0xba, 0xf4, 0x00, 0xb0, 0x10,
                                                         0xee, 0xf4, 0xeb, 0xfd};
constexpr int expected_exit = (0x10 << 1) | 1;

bool probe_kvm(const std::string& qemu) {
  const int device = ::open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (device < 0) return false;
  ::close(device);
  const auto scratch = ScratchDir::make("probe");
  if (!scratch) return false;
  constexpr std::size_t sector_size = 512;
  std::string sector(exit_code_program.begin(), exit_code_program.end());
  sector.resize(sector_size);
  sector[sector_size - 2] = '\x55';
  sector[sector_size - 1] = '\xaa';
  const fs::path file = scratch->path() / "sector";
  std::ofstream(file, std::ios::binary) << sector;
  ProcessRequest request{.program = qemu, .arguments = bare_machine};
  request.arguments.insert(request.arguments.end(), {"-accel", "kvm", "-m", "16", "-drive",
                                                     "if=floppy,format=raw,file=" + file.string(),
                                                     "-device", "isa-debug-exit,iobase=0xf4"});
  request.timeout = std::chrono::seconds(3);
  const auto outcome = run_process(request);
  return outcome && outcome->exit_code == expected_exit;
}

}  // namespace

Result<std::string> find_qemu() {
  auto found = find_program("qemu-system-x86_64");
  if (found) return found;
  return Error{"qemu-system-x86_64", "is not installed, and nothing can be booted without it",
               "apt install qemu-system-x86"};
}

Result<void> check_image(const fs::path& image) {
  const auto content = Bytes::map(image);
  if (!content) return content.error();
  // Documentation/arch/x86/boot.rst: "HdrS" at 0x202, xloadflags at 0x236, bit 0: 64-bit entry.
  constexpr std::size_t magic_at = 0x202, flags_at = 0x236, arm64_magic_at = 56;
  const auto text = (*content)->text();
  if (text.size() > flags_at && text.substr(magic_at, 4) == "HdrS") {
    if (text[flags_at] & 1) return {};
    return Error{image.string(), "is a 32-bit kernel; only x86-64 kernels can be booted here"};
  }
  if (text.size() > arm64_magic_at && text.substr(arm64_magic_at, 4) == "ARM\x64")
    return Error{image.string(), "is an arm64 kernel; only x86-64 kernels can be booted here"};
  return Error{image.string(), "is no x86-64 kernel image, and others cannot be booted here",
               "name a vmlinuz with --image"};
}

bool kvm_works(const std::string& qemu) {
  static std::once_flag once;
  static bool works = false;
  std::call_once(once, [&] { works = probe_kvm(qemu); });
  return works;
}

ProcessRequest guest_command(const Guest& guest) {
  ProcessRequest request{.program = guest.qemu, .arguments = bare_machine};
  const bool kvm = guest.accelerator == Accelerator::kvm;
  // panic=-1: reboot at once, which -no-reboot turns into an end. initcall_debug: the kernel says
  // when it calls a module's init, which tells a refusal from an init that failed.
  std::string line =
      "console=ttyS0 loglevel=4 printk.time=1 panic=-1 rdinit=/init initcall_debug "
      "log_buf_len=4M 8250.nr_uarts=4";
  if (!guest.append.empty()) line += " " + guest.append;
  request.arguments.insert(request.arguments.end(), {"-accel",   kvm ? "kvm" : "tcg",
                                                     "-cpu",     kvm ? "host" : "qemu64",
                                                     "-m",       std::to_string(guest.memory),
                                                     "-kernel",  guest.image,
                                                     "-initrd",  guest.initramfs,
                                                     "-append",  line,
                                                     "-chardev", "file,id=console,path=/dev/stderr",
                                                     "-serial",  "chardev:console",
                                                     "-chardev", "file,id=report,path=/dev/stdout",
                                                     "-serial",  "chardev:report"});
  constexpr std::size_t own_words = std::size_t{64} << 10;
  request.capture_limit = own_words;
  return request;
}

}  // namespace kovet::vm
