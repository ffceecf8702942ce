#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/builtin_modules.h"
#include "support/arch.h"
#include "support/bytes.h"
#include "support/fact.h"
#include "support/text_index.h"

// The facts of one kernel: what its header tree, its modules and its image say of it.

namespace kovet {

/// The leading numbers of a release: 6.12.117+deb12-amd64 is {6, 12, 117}; a missing third is 0.
struct KernelVersion {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const KernelVersion&) const = default;
  static std::optional<KernelVersion> parse(std::string_view release);
};

/// include/config/auto.conf (or a .config): CONFIG_ names without the prefix.
class KernelConfig {
 public:
  KernelConfig() = default;
  /// Parses "CONFIG_X=y" lines; keeps `text` alive. Comments and "is not set" are absent options.
  static KernelConfig parse(std::shared_ptr<const Bytes> text);
  bool enabled(std::string_view option) const;                           ///< "=y" or "=m"
  std::optional<std::string_view> value(std::string_view option) const;  ///< quotes removed
  std::size_t size() const { return options_.size(); }

 private:
  std::shared_ptr<const Bytes> text_;
  TextIndex options_;      ///< names without the prefix
  bool repeated_ = false;  ///< some option is there twice
};

/// One line of a Module.symvers.
struct SymversEntry {
  std::uint32_t crc = 0;              ///< 0 when the kernel was built without modversions
  std::string_view module;            ///< "vmlinux", or a path without .ko such as drivers/a/b
  std::string_view symbol_namespace;  ///< empty: none
  bool gpl_only = false;
};

/// The symbols of a Module.symvers. Lines were looked at once, and are read when they are asked
/// for.
class SymversIndex {
 public:
  SymversIndex() = default;
  explicit SymversIndex(std::string_view text) : text_(text), names_(text, '\t') {}

  std::size_t size() const { return names_.size(); }
  bool empty() const { return names_.size() == 0; }
  std::optional<SymversEntry> find(std::string_view symbol) const;
  /// Calls `test(symbol, entry)`, in no particular order, until it returns true.
  template <class Test>
  bool any_of(const Test& test) const {
    for (const std::uint32_t place : names_)
      if (test(name_at(place), entry_at(place))) return true;
    return false;
  }

  void reserve(std::size_t symbols) { names_.reserve(symbols); }
  /// Adds the symbol whose well-formed line has its name at `place`. The entry of the line that
  /// already has that symbol, if there is one; the first one counts.
  std::optional<SymversEntry> add(std::uint32_t place);

 private:
  std::string_view name_at(std::uint32_t place) const;
  SymversEntry entry_at(std::uint32_t place) const;

  std::string_view text_;
  TextIndex names_;
};

/// A whole Module.symvers (scripts/mod/modpost.c writes it).
struct Symvers {
  enum class Layout : std::uint8_t {
    four_columns,     ///< up to 5.3: crc, symbol, module, export
    namespace_third,  ///< 5.4: crc, symbol, namespace, module, export
    namespace_last    ///< 5.6 and later: crc, symbol, module, export, namespace
  };
  bool complete = true;  ///< ends with a line's end; else it was cut short
  std::string path;
  std::shared_ptr<const Bytes> text;       ///< decompressed; all views point into it
  Compression packed = Compression::none;  ///< how the file is compressed
  Layout layout = Layout::namespace_last;
  SymversIndex symbols;
  struct Contradiction {
    std::string_view symbol;
    SymversEntry first, second;
    std::uint32_t line = 0;  ///< of the second entry, from 1
  };
  std::vector<Contradiction> contradictions;   ///< same symbol, different CRC or owner
  std::vector<std::uint32_t> malformed_lines;  ///< numbers, from 1; at most 100 kept

  std::optional<SymversEntry> find(std::string_view symbol) const { return symbols.find(symbol); }
  /// Whether lines give it different CRCs, so that neither is known. Looks at all contradictions.
  bool has_two_crcs(std::string_view symbol) const {
    for (const Contradiction& clash : contradictions)
      if (clash.symbol == symbol && clash.first.crc != clash.second.crc) return true;
    return false;
  }
};

/// Something a tree lacks, and what completes it.
struct Gap {
  std::string what;                      ///< "no Module.symvers in /usr/src/linux-headers-..."
  std::string hint;                      ///< "apt install linux-headers-..."
  const char* rule = "tree-incomplete";  ///< what it is called as a finding
};

/// Whoever patched and built this kernel: some of the answers depend on it.
enum class Distribution : std::uint8_t { unknown, debian, ubuntu, fedora, rhel, suse };

/// One kernel, as far as the files at hand tell.
struct Kernel {
  std::string spec;           ///< what the user named
  std::string source;         ///< build directory, or the Module.symvers; may be empty
  std::string modules_dir;    ///< lib/modules/R with its .ko files; empty when absent
  std::string image;          ///< vmlinuz; empty when absent
  Fact<std::string> release;  ///< UTS_RELEASE
  /// From the headers' version.h, which knows the stable update where a release such as
  /// 6.1.0-56-amd64 does not; else from the release.
  std::optional<KernelVersion> version;
  Fact<Arch> arch;
  bool big_endian = false;
  Distribution distribution = Distribution::unknown;
  Fact<KernelConfig> config;
  Fact<Symvers> symvers;
  Fact<std::string> vermagic;              ///< VERMAGIC_STRING, trailing space included
  bool vermagic_computed = false;          ///< from the configuration, not seen in a module
  Fact<std::uint64_t> struct_module_size;  ///< sizeof(struct module), bytes
  Fact<BuiltinModules> builtin;            ///< of modules.builtin.modinfo
  std::vector<std::string> btf_files;      ///< where its BTF may lie unpacked; not looked at
  std::string repair;                      ///< the command that makes its headers whole again
  Fact<std::string> compiler;              ///< CONFIG_CC_VERSION_TEXT
  std::vector<Gap> gaps;                   ///< empty: a tree that can build and check modules
};

}  // namespace kovet
