#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/modprobe_config.h"

namespace kovet {

/// What a kernel command line says about modules, to libkmod and to the kernel.
struct KernelCommandLine {
  std::string origin;  ///< "/proc/cmdline", "--cmdline"; empty: not known
  std::string text;
  std::vector<ConfigEntry> entries;  ///< as libkmod reads it: options and modprobe.blacklist=
  std::vector<std::string> module_blacklist;  ///< the kernel's own, literally
  std::vector<std::string> modules_load;      ///< modules_load=, for systemd-modules-load
  bool modules_disabled = false;              ///< nomodule: the kernel loads none at all
  bool not_taken = false;  ///< one was there, but it is that of the kernel that runs here
};

/// Parses a command line as libkmod (kmod_config_parse_kcmdline; options, modprobe.blacklist=) and
/// as the kernel (lib/cmdline.c, kernel/module/main.c; the rest, up to "--") do.
KernelCommandLine parse_kernel_cmdline(std::string_view text, std::string origin);

/// Reads a root folder's /proc/cmdline, which lies at `file` here. Where proc is mounted, it is
/// that of the kernel that runs here, and says nothing about another root's.
KernelCommandLine read_kernel_cmdline(const Root& root, const std::filesystem::path& file);

/// One "name=value" of a parameter text, quotes removed (next_arg() of lib/cmdline.c).
struct Argument {
  std::string name;
  std::string value;
  bool has_value = false;
};
std::vector<Argument> split_arguments(std::string_view text);

/// The pieces between separators, empty ones too.
std::vector<std::string> split_at(std::string_view text, char separator);

}  // namespace kovet
