#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernel/btf.h"

namespace kovet {

/// What btf_parse_module() (kernel/bpf/btf.c) says of a module's .BTF.
struct BtfAnswer {
  struct Line {
    std::string text;         ///< "BPF: Invalid magic", as the kernel prints it
    bool about_type = false;  ///< left out since 6.3 where a mismatch is tolerated
  };
  int error = 0;          ///< positive errno; 0: it fits, or nothing was found
  bool complete = false;  ///< false: without the kernel's BTF only the frame could be checked
  bool log_known = true;  ///< false: the kernel says of several types alike which one is wrong
  std::string wild;       ///< not empty: where the kernel is led astray; the rest says nothing then
  std::vector<Line> log;
};

/// Kernels read BTF in their own byte order. `any_section_name`: since 6.12 names of data sections
/// may hold every printable character. `base` may be null.
BtfAnswer check_module_btf(std::span<const std::byte> btf, bool big_endian, const BtfBase* base,
                           bool any_section_name);

/// The same of a module whose .BTF builds on its own .BTF.base, which btf_relocate() then maps to
/// the kernel's types. `kernel` may be null, or without its named types.
BtfAnswer check_relocated_btf(std::span<const std::byte> btf, std::span<const std::byte> own_base,
                              bool big_endian, const BtfBase* kernel, bool any_section_name);

}  // namespace kovet
