#include <cerrno>

#include "explain/message.h"

// kernel/livepatch/core.c

namespace kovet::explain {

namespace {

constexpr std::string_view patches =
    "ls /sys/kernel/livepatch; cat /sys/kernel/livepatch/*/enabled";

constexpr Message table[] = {
    {.id = "livepatch-disabled",
     .gate = "livepatch",
     .stage = Stage::refused,
     .error = ENOEXEC,
     .texts = {"{module}: module is marked as livepatch module, but livepatch support is disabled"},
     .meaning = "The module says it is a live patch; this kernel has no live patching.",
     .causes = {"the kernel was built without CONFIG_LIVEPATCH",
                "MODULE_INFO(livepatch, \"Y\") in a module that is none"},
     .next = "grep LIVEPATCH /boot/config-$(uname -r)"},
    {.id = "livepatch-refuses",
     .gate = "livepatch",
     .stage = Stage::refused,
     .texts = {"patch '{patch}' failed for module '{module}', refusing to load module '{owner}'"},
     .meaning = "A loaded live patch ({patch}) changes functions of {module}, and could not be "
                "applied to this build of it.",
     .causes = {"the module is another version than the patch was made for"},
     .next =
         "update the live patch, or disable it: echo 0 > /sys/kernel/livepatch/{patch}/enabled"},
    {.id = "livepatch-not-applied",
     .gate = "livepatch",
     .stage = Stage::context,
     .texts = {"failed to initialize patch '{patch}' for module '{name}' ({error})",
               "failed to apply patch '{patch}' to module '{name}' ({error})",
               "livepatch: pre-patch callback failed for object '{name}'",
               "livepatch: failed to patch object '{name}'"},
     .meaning = "A live patch could not be applied to {name}; the lines after it say whether the "
                "module was refused for that, or the patch.",
     .causes = {"{name} is another version than the patch was made for"},
     .next = patches},
    {.id = "livepatch-symbol",
     .gate = "relocations",
     .stage = Stage::refused,
     .texts =
         {"livepatch: symbol {name} is not marked as a livepatch symbol",
          "livepatch: symbol {name} has an incorrectly formatted name",
          "livepatch: section {name} has an incorrectly formatted name",
          "livepatch: invalid access to vmlinux symbol '{name}' from module-specific livepatch "
          "relocation section"},
     .meaning = "A live patch was put together wrongly: its special symbols and relocations do not "
                "follow the kernel's rules.",
     .causes = {"made with a tool for another kernel (kpatch-build, klp-convert)"},
     .next = "build the patch again with the tool for this kernel"},
    {.id = "livepatch-target",
     .gate = "init",
     .stage = Stage::init_failed,
     .texts = {"livepatch: symbol '{name}' not found in symbol table",
               "livepatch: symbol position {number} for symbol '{name}' in object '{object}' not "
               "found",
               "livepatch: unresolvable ambiguity for symbol '{name}' in object '{object}'",
               "livepatch: kallsyms size lookup failed for '{name}'"},
     .meaning = "A live patch wants to replace {name}, and the kernel finds no such function, or "
                "several.",
     .causes = {"the patch was made for another build of the kernel", "a misspelt name",
                "the compiler inlined or cloned the function"},
     .next = "grep -w {name} /proc/kallsyms"},
    {.id = "livepatch-object-name",
     .gate = "livepatch-object",
     .stage = Stage::refused,
     .error = EINVAL,
     .texts = {"livepatch: {module}.ko: invalid module name"},
     .meaning = "Live patches call the kernel itself {module}; no module may have that name.",
     .causes = {"the module was named after the kernel's image"},
     .next = "give the module another name"},
    {.id = "livepatch-not-enabled",
     .gate = "init",
     .stage = Stage::init_failed,
     .error = EINVAL,
     .texts = {"livepatch: module {module} is not marked as a livepatch module",
               "livepatch: Livepatch patch ({module}) is not compatible with the already installed "
               "livepatches.",
               "livepatch: failed to enable patch '{module}'",
               "livepatch: This architecture doesn't have support for the livepatch consistency "
               "model."},
     .meaning = "A live patch was loaded, and its init could not enable it.",
     .causes = {"MODULE_INFO(livepatch, \"Y\") is missing in the source",
                "an older patch is active that it does not replace",
                "a function it patches cannot be found"},
     .next = patches},
};

}  // namespace

std::span<const Message> livepatch_messages() {
  return table;
}

}  // namespace kovet::explain
