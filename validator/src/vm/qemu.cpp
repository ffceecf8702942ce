#include "vm/qemu.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <fstream>
#include <mutex>

#include "support/scratch_file.h"

namespace kovet::vm {

namespace {

const std::vector<std::string> bare_machine{
    "-nodefaults", "-no-user-config", "-machine", "pc", "-display", "none", "-no-reboot"};

/// mov $0xf4, %dx; mov $0x10, %al; out %al, %dx; hlt; jmp back. The debug-exit device at that port
/// ends QEMU with (0x10 << 1) | 1.
constexpr std::array<unsigned char, 9> exit_code_program{0xba, 0xf4, 0x00, 0xb0, 0x10,
                                                         0xee, 0xf4, 0xeb, 0xfd};
constexpr int expected_exit = (0x10 << 1) | 1;

std::atomic<bool> given_up{false};

bool probe_kvm(const std::string& qemu) {
  const auto file = ScratchFile::make("probe");
  if (!file) return false;
  constexpr std::size_t sector_size = 512;
  std::string sector(exit_code_program.begin(), exit_code_program.end());
  sector.resize(sector_size);
  sector[sector_size - 2] = '\x55';
  sector[sector_size - 1] = '\xaa';
  std::ofstream(file->path(), std::ios::binary) << sector;
  ProcessRequest request{.program = qemu, .arguments = bare_machine};
  request.arguments.insert(
      request.arguments.end(),
      {"-accel", "kvm", "-m", "16", "-drive", "if=floppy,format=raw,file=" + file->path().string(),
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

bool kvm_works(const std::string& qemu) {
  static std::once_flag once;
  static bool works = false;
  std::call_once(once, [&] { works = probe_kvm(qemu); });
  return works && !given_up;
}

void give_up_kvm() {
  given_up = true;
}

ProcessRequest guest_command(const Guest& guest) {
  ProcessRequest request{.program = guest.qemu, .arguments = bare_machine};
  const bool kvm = guest.accelerator == Accelerator::kvm;
  // panic=-1: reboot at once, which -no-reboot turns into an end. initcall_debug: the kernel says
  // when it calls a module's init, which tells a refusal from an init that failed.
  std::string line =
      "console=ttyS0 loglevel=4 printk.time=1 panic=-1 rdinit=/init initcall_debug "
      "log_buf_len=4M 8250.nr_uarts=4";
  // On a busy host the emulated timer comes too late for the kernel's test of it, which panics.
  if (!kvm) line += " no_timer_check";
  if (!guest.append.empty()) line += " " + guest.append;
  request.arguments.insert(request.arguments.end(),
                           {"-accel",   kvm ? "kvm" : "tcg",
                            "-cpu",     kvm ? "host" : "qemu64",
                            "-m",       std::to_string(guest.memory),
                            "-kernel",  guest.image,
                            "-initrd",  guest.initramfs,
                            "-append",  line,
                            "-chardev", "file,id=console,path=/proc/self/fd/2",
                            "-serial",  "chardev:console",
                            "-chardev", "file,id=report,path=/proc/self/fd/1",
                            "-serial",  "chardev:report"});
  constexpr std::size_t own_words = std::size_t{64} << 10;
  request.capture_limit = own_words;
  return request;
}

}  // namespace kovet::vm
