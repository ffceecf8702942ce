#include "explain/errno_table.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "support/errno_name.h"

namespace kovet::explain {

namespace {

constexpr std::string_view log_has_it =
    "sudo dmesg | kovet explain -; kovet check M.ko --kernel $(uname -r)";
constexpr std::string_view from_init =
    "read the module's own lines in dmesg; its init returned this, so the source says why";

constexpr ErrnoMeaning table[] = {
    {ENOEXEC,
     "ENOEXEC",
     {"Exec format error", "Invalid module format"},
     "The loader refuses the file as it is: it does not fit this kernel, or is not a whole module. "
     "None "
     "of its code ran.",
     {{{"vermagic", "vermagic differs from the kernel's: built for another release or flavour"},
       {"module-layout", "the CRC of module_layout differs: built for another configuration"},
       {"module-layout",
        "no version table, on a kernel with CONFIG_MODVERSIONS: nothing is printed"},
       {"struct-module-size", "struct module has another size: built with other headers"},
       {"elf", "built for another architecture, stripped, damaged, or not a .ko at all"},
       {"relocations", "a relocation that the loader does not know, or that overflows"},
       {"duplicate-exports", "it exports a symbol that something else exports already"},
       {"init", "its init function returned -ENOEXEC"}}},
     log_has_it},
    {EINVAL,
     "EINVAL",
     {"Invalid argument", "Invalid parameters", "", "invalid parameter"},
     "Mostly not a parameter, whatever insmod says: the loader returns it when the version or the "
     "namespace of an imported symbol does not fit, and it is what init functions like to return.",
     {{{"symbols",
        "the CRC of an imported symbol differs: built against another kernel or an older "
        "build of another module"},
       {"symbols", "a symbol's namespace is not imported (MODULE_IMPORT_NS)"},
       {"parameters", "a parameter's value was refused"},
       {"init", "its init function returned -EINVAL"},
       {"btf", "its BTF does not fit the kernel's"},
       {"sysfs", "/sys/module/NAME exists: a built-in driver of that name"},
       {"compression", "the kernel cannot decompress the file"},
       {"syscall", "an empty file, or not a regular one"}}},
     log_has_it},
    {ENOENT,
     "ENOENT",
     {"No such file or directory", "Unknown symbol in module",
      "Unknown symbol in module, or unknown parameter (see dmesg)",
      "unknown symbol in module, or unknown parameter"},
     "From the loader: a symbol that the module needs is not exported by anything it may use. From "
     "insmod or modprobe before that: the file is not there.",
     {{{"symbols", "the module that exports the symbol is not loaded (insmod does not load it)"},
       {"symbols", "this kernel does not export it"},
       {"symbols", "it is GPL-only, and the module's licence is not compatible with the GPL"},
       {"",
        "the file is not there: insmod wants a path; modprobe says it of one that modules.dep "
        "names and that is "
        "gone (depmod did not run since)"},
       {"init", "its init function returned -ENOENT (a missing file or firmware)"},
       {"parameters", "an unknown parameter, on kernels before 3.11"}}},
     "sudo dmesg | kovet explain - --kernel $(uname -r); without a line 'Unknown symbol' there: "
     "kovet host NAME"},
    {ESRCH,
     "ESRCH",
     {"No such process", "Module has wrong symbol version", "", "module has wrong symbol version"},
     "insmod's text is from kernels long gone. Current loaders do not return it, so it comes from "
     "the "
     "module's init.",
     {{{"init", "its init function returned -ESRCH"},
       {"symbols", "a wrong symbol version, on kernels of the 2.4 series"}}},
     from_init},
    {EEXIST,
     "EEXIST",
     {"File exists", "", "Module already in kernel"},
     "A module of that name is loaded; names count, not files.",
     {{{"already-loaded", "the module is loaded already, perhaps another build or copy of it"},
       {"init", "its init registered something whose name is taken"}}},
     "grep '^NAME ' /proc/modules; modinfo NAME; rmmod NAME first"},
    {EPERM,
     "EPERM",
     {"Operation not permitted"},
     "The kernel does not allow it, whatever is in the file.",
     {{{"syscall", "not root (no CAP_SYS_MODULE), or inside a container"},
       {"signature", "lockdown, as with Secure Boot: the module is not signed with a trusted key"},
       {"syscall", "kernel.modules_disabled=1: no more modules until reboot"},
       {"blacklist", "module_blacklist= on the kernel's command line"},
       {"module-namespace-import", "it imports a module: namespace"},
       {"parameters", "a hardware parameter under lockdown"},
       {"init", "its init function returned -EPERM"}}},
     "id -u; cat /proc/sys/kernel/modules_disabled /sys/kernel/security/lockdown /proc/cmdline; "
     "sudo dmesg | kovet explain -"},
    {EACCES,
     "EACCES",
     {"Permission denied"},
     "A security module (SELinux, AppArmor) forbids it, or the file cannot be read.",
     {{{"syscall", "SELinux: the file's label is not one for modules"},
       {"syscall", "the file is not readable"},
       {"init", "its init function returned -EACCES"}}},
     "ls -lZ M.ko; ausearch -m avc -ts recent"},
    {EKEYREJECTED,
     "EKEYREJECTED",
     {"Key was rejected by service"},
     "Signatures are enforced and this one will not do, or it is wrong, which is refused even "
     "where "
     "they are not. There is no option of insmod that turns this off.",
     {{{"signature", "not signed, on a kernel that enforces signatures"},
       {"signature", "signed with a key that the kernel does not trust"},
       {"signature", "changed after it was signed"},
       {"signature", "not signed by sign-file, or revoked"}}},
     "kovet signature M.ko; sudo dmesg | kovet explain -; mokutil --sb-state"},
    {ENOKEY,
     "ENOKEY",
     {"Required key not available"},
     "The module is not signed with a key that the kernel knows (kernels before 5.x say it this "
     "way; "
     "newer ones return EKEYREJECTED).",
     {{{"signature", "not signed, on a kernel that enforces signatures"},
       {"signature", "the signer's key is not enrolled (Secure Boot with your own key)"}}},
     "kovet signature M.ko; mokutil --import KEY.der, reboot and enrol it"},
    {EBADMSG,
     "EBADMSG",
     {"Bad message"},
     "The signature's structure is damaged. Always fatal.",
     {{{"signature", "the file was cut, or changed behind the module's end"},
       {"signature", "signed by a tool for much older kernels"}}},
     "kovet signature M.ko; copy or sign it again"},
    {ENOPKG,
     "ENOPKG",
     {"Package not installed"},
     "The signature uses an algorithm or a format that the kernel lacks.",
     {{{"signature", "a hash or key type that the kernel was built without"},
       {"signature", "not a PKCS#7 signature"}}},
     "kovet signature M.ko; sign with the hash of CONFIG_MODULE_SIG_HASH"},
    {ENODEV,
     "ENODEV",
     {"No such device"},
     "The loader never returns it: the module was accepted, and its init found no hardware it "
     "drives.",
     {{{"init", "the hardware is absent, disabled in the firmware, or driven by another module"},
       {"init", "the module is for another model or vendor"},
       {"init", "it was told so: a parameter, or a kernel option such as nokvm"}}},
     "lspci -nnk; lsusb -t; read the module's own lines in dmesg"},
    {ENXIO,
     "ENXIO",
     {"No such device or address"},
     "The module was accepted; its init found nothing at the address it looked at.",
     {{{"init", "the hardware is absent"}, {"init", "a wrong address among the parameters"}}},
     from_init},
    {EBUSY,
     "EBUSY",
     {"Device or resource busy"},
     "Something the module needs is taken; or a module of its name, or one it depends on, is stuck "
     "in "
     "its init.",
     {{{"init",
        "its init wanted a resource (a major number, an I/O range, a driver's name) that is "
        "taken"},
       {"already-loaded", "a module of that name is just loading, and failed"},
       {"symbols", "a module it depends on did not finish its init within 30 seconds"}}},
     "cat /proc/ioports /proc/devices; cat /sys/module/NAME/initstate; dmesg"},
    {ENOMEM,
     "ENOMEM",
     {"Cannot allocate memory"},
     "No memory for the module, or for what its init wants.",
     {{{"init", "its init function asked for too much"},
       {"percpu", "the reserve for modules' per-CPU variables is used up"},
       {"", "the address space for modules is full (32-bit machines, KASAN)"}}},
     "free -m; size M.ko; sudo dmesg | kovet explain -"},
    {EFBIG,
     "EFBIG",
     {"File too large"},
     "The file has more than 2 GiB.",
     {{{"syscall", "not a module, or one with huge debug information"}}},
     "ls -l M.ko; strip --strip-debug M.ko"},
    {EOPNOTSUPP,
     "EOPNOTSUPP",
     {"Operation not supported"},
     "The kernel was asked to decompress and cannot, or the module's init says so.",
     {{{"init",
        "its init function returned -EOPNOTSUPP (a processor without the feature, or with one that "
        "the firmware has turned off, as for KVM)"},
       {"compression", "CONFIG_MODULE_DECOMPRESS is off"}}},
     "read the module's own lines in dmesg; a compressed one: unpack it and run depmod"},
    {EISDIR,
     "EISDIR",
     {"Is a directory"},
     "A folder was named where a module's file is wanted.",
     {{{"syscall", "a folder's name instead of a file's"},
       {"init", "its init function returned -EISDIR"}}},
     "ls -ld M.ko"},
    {ENOSYS,
     "ENOSYS",
     {"Function not implemented", "", "", "kernel does not support requested operation"},
     "The kernel was built without CONFIG_MODULES, or the module's init returned it.",
     {{{"syscall", "a kernel without loadable modules"},
       {"init", "its init function returned -ENOSYS"}}},
     "ls /proc/modules"},
    {ETXTBSY,
     "ETXTBSY",
     {"Text file busy"},
     "Someone has the file open for writing.",
     {{{"syscall", "the build or a copy is still running"}}},
     "fuser -v M.ko"},
    {EBADF,
     "EBADF",
     {"Bad file descriptor"},
     "The loading program handed over a descriptor that cannot be read.",
     {{{"syscall", "an error in the program that loads"}}},
     "try insmod"},
    {EFAULT,
     "EFAULT",
     {"Bad address"},
     "The kernel could not read what the program handed over, or init returned it.",
     {{{"init", "its init function returned -EFAULT"},
       {"syscall", "an error in the program that loads"}}},
     from_init},
    {EIO,
     "EIO",
     {"Input/output error"},
     "The file could not be read from disk, or the module's hardware did not answer.",
     {{{"init", "its init function returned -EIO: the hardware did not answer"},
       {"syscall", "a read error of the disk"}}},
     "dmesg; cp M.ko /dev/null"},
    {ENOSPC,
     "ENOSPC",
     {"No space left on device"},
     "A value was too long for a parameter, or init ran out of something.",
     {{{"parameters", "a string or an array too long for its parameter"},
       {"init", "its init found no free number (major, minor, id)"}}},
     log_has_it},
    {ERANGE,
     "ERANGE",
     {"Numerical result out of range"},
     "A number does not fit its parameter.",
     {{{"parameters", "a parameter's value is out of its type's range"},
       {"init", "its init function returned -ERANGE"}}},
     "modinfo -p M.ko; modprobe -c | grep '^options'"},
    {ETIMEDOUT,
     "ETIMEDOUT",
     {"Connection timed out"},
     "The module's init waited for its hardware in vain.",
     {{{"init", "its init function returned -ETIMEDOUT"}}},
     from_init},
    {EINTR,
     "EINTR",
     {"Interrupted system call"},
     "A signal ended the loading while it waited.",
     {{{"already-loaded", "another load of the same module was under way, and was waited for"},
       {"init", "its init function waited, and returned -EINTR"}}},
     "grep '^NAME ' /proc/modules; try again"},
    {517,
     "EPROBE_DEFER",
     {"Unknown error 517"},
     "A driver waits for another one to come first. From an init function it is a mistake: only "
     "probe "
     "functions may return it.",
     {{{"init", "something the device needs (a clock, a regulator, a bus) has no driver yet"}}},
     "cat /sys/kernel/debug/devices_deferred"},
    {524,
     "ENOTSUPP",
     {"Unknown error 524"},
     "The kernel's own \"not supported\"; an init function passed it on.",
     {{{"init", "something the module asked for is not supported here"}}},
     from_init},
};

/// Names that stand for another's number on most architectures.
constexpr std::pair<std::string_view, std::string_view> synonyms[] = {
    {"EWOULDBLOCK", "EAGAIN"}, {"EDEADLOCK", "EDEADLK"}, {"ENOTSUP", "EOPNOTSUPP"}};

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (blank(text.back()) || text.back() == '.')) text.remove_suffix(1);
  return text;
}

/// "err -22", "(err -22)", "errno=22", "failed with error -22", "returned -22", "rc: -22": what
/// stands after the last word that announces an errno, when nothing but a number or a name does.
std::string_view announced(std::string_view text) {
  while (!text.empty() && (text.back() == ')' || text.back() == '\'' || text.back() == '"'))
    text.remove_suffix(1);
  constexpr std::string_view separators = " :=,('\"";
  const std::size_t begin = text.find_last_of(separators);
  if (begin == std::string_view::npos) return {};
  const std::string_view value = text.substr(begin + 1);
  text = text.substr(0, begin);
  while (!text.empty() && separators.find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  const std::size_t space = text.find_last_of(separators);
  const std::string_view word = text.substr(space == std::string_view::npos ? 0 : space + 1);
  constexpr std::string_view words[] = {"err",    "error", "errno",   "ret",    "rc",
                                        "retval", "code",  "returns", "status", "returned"};
  const bool known = std::ranges::any_of(
      words, [&](std::string_view known_word) { return same(word, known_word); });
  return known ? value : std::string_view{};
}

}  // namespace

std::span<const ErrnoMeaning> errno_meanings() {
  return table;
}

const ErrnoMeaning* find_errno(int number) {
  const auto found = std::ranges::find(table, std::abs(number), &ErrnoMeaning::number);
  return found == std::end(table) ? nullptr : &*found;
}

const ErrnoMeaning* find_errno(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('-') && text.size() > 1 && std::isalpha(static_cast<unsigned char>(text[1])))
    text.remove_prefix(1);  // -ENOEXEC
  if (text.empty()) return nullptr;
  for (const auto& [name, means] : synonyms)
    if (same(name, text)) text = means;
  for (const ErrnoMeaning& row : table) {
    if (same(row.name, text)) return &row;
    for (const std::string_view wording : row.texts)
      if (!wording.empty() && same(wording, text)) return &row;
  }
  const auto number = errno_number(text);
  return number ? find_errno(*number) : nullptr;
}

std::optional<int> errno_of_text(std::string_view text) {
  if (const ErrnoMeaning* meaning = find_errno(text)) return meaning->number;
  if (const auto number = errno_number(text)) return number;
  text = trimmed(text);
  if (text.starts_with('-') && text.size() > 1 && std::isalpha(static_cast<unsigned char>(text[1])))
    text.remove_prefix(1);
  for (const auto& [name, means] : synonyms)
    if (same(name, text)) text = means;
  constexpr std::string_view unknown = "unknown error ";
  if (same(text.substr(0, unknown.size()), unknown))
    return errno_number(text.substr(unknown.size()));
  constexpr int last_of_libc = 133;
  for (int number = 1; number <= last_of_libc; ++number)
    if (same(text, std::strerror(number)) || same(text, errno_name(number))) return number;
  return std::nullopt;
}

std::optional<int> errno_announced(std::string_view text) {
  const std::string_view value = announced(trimmed(text));
  return value.empty() ? std::nullopt : errno_of_text(value);
}

std::optional<int> errno_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const int base = text.starts_with("0x") || text.starts_with("0X") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t largest = 4095;  // MAX_ERRNO
  // Registers and "%x" show negative ones as 0xfffffff8 or 0xfffffffffffffff8; "%u" as 4294967288.
  if (number > 0xffffffff)
    number = ~number + 1;
  else if (number >= 0x100000000 - largest)
    number = 0x100000000 - number;
  if (number == 0 || number > largest) return std::nullopt;
  return static_cast<int>(number);
}

}  // namespace kovet::explain
