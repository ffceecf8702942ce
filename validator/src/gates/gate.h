#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/btf.h"
#include "kernel/check_btf.h"
#include "kernel/kernel.h"
#include "module/module.h"

// A gate is one of the kernel's own load-time checks: a pure function of facts.

namespace kovet {

enum class GateStatus : std::uint8_t {
  pass,
  fail,            ///< the kernel rejects here: errno and log say how
  unknown,         ///< evidence is missing: reason and supply say which
  not_applicable,  ///< this kernel does not have the check
  not_evaluated,   ///< nothing that files hold could tell; the verdict is without it
};

/// One cause of a rejection, where a gate can have several: a symbol that does not resolve.
struct GateDetail {
  std::string_view rule;  ///< id of the finding it becomes, such as "unknown-symbol"
  std::string symbol;
  std::string reason;  ///< one sentence
  std::string hint;    ///< the fix
};

/// What one gate says of one module and one kernel.
struct GateResult {
  GateStatus status = GateStatus::pass;
  int error = 0;                    ///< fail: errno, positive (ENOEXEC, EINVAL, ...)
  std::vector<std::string> log;     ///< lines the kernel prints, in order; also warnings of a pass
  std::string reason;               ///< fail, unknown: why, for people
  std::string hint;                 ///< fail: the fix; unknown: what would supply the evidence
  std::string evidence;             ///< where the deciding fact came from; may be empty
  std::vector<GateDetail> details;  ///< fail: the causes one by one, where there are several
  /// fail: false where the kernels that it may be print different lines; `log` is empty then.
  bool log_known = true;

  static GateResult pass() { return {}; }
  static GateResult skip() { return {.status = GateStatus::not_applicable}; }
  static GateResult fail(int error, std::vector<std::string> log, std::string reason,
                         std::string hint) {
    return {GateStatus::fail, error, std::move(log), std::move(reason), std::move(hint)};
  }
  static GateResult unknown(std::string reason, std::string supply) {
    return {GateStatus::unknown, 0, {}, std::move(reason), std::move(supply)};
  }
  static GateResult not_evaluated(std::string reason, std::string supply) {
    return {GateStatus::not_evaluated, 0, {}, std::move(reason), std::move(supply)};
  }
};

/// Arguments that a loader is taken to hand to the kernel with a module.
struct AssumedParameters {
  std::string module;  ///< empty: with every module
  std::string text;    ///< "debug=1", as insmod passes it on
};

/// What the machine decides at boot. The defaults are assumptions, and are printed as such.
struct Assumptions {
  bool sig_enforce = false;            ///< module.sig_enforce=1 (MODULE_SIG_FORCE counts by itself)
  bool lockdown = false;               ///< lockdown=integrity or confidentiality
  std::vector<std::string> blacklist;  ///< module_blacklist=
  bool compressed_input = false;       ///< loaded with MODULE_INIT_COMPRESSED_FILE, as modprobe may
  std::vector<std::string> loaded;     ///< names of modules that are already loaded
  std::vector<AssumedParameters> parameters;  ///< in the order they are given
  bool crypto_modules = true;  ///< modprobe can load hashes that the kernel has as modules

  /// How much of a compressed file comes to the ELF gates.
  Extent extent() const { return compressed_input ? Extent::first : Extent::all; }
};

/// What a module's signature is worth against one kernel's trusted keys.
enum class SignatureStatus : std::uint8_t {
  good,         ///< a trusted key verifies it
  bad,          ///< a trusted key matches, the signature does not: EKEYREJECTED
  no_key,       ///< no trusted key matches: ENOKEY
  unsupported,  ///< algorithm the kernel lacks: ENOPKG
  malformed,    ///< no PKCS#7 signed data: EBADMSG
};

struct SignatureAnswer {
  SignatureStatus status = SignatureStatus::good;
  std::string log = {};  ///< what the kernel prints about the message; mostly nothing
  SignatureAnswer(SignatureStatus found, std::string line = {})
      : status(found), log(std::move(line)) {}
  bool operator==(SignatureStatus other) const { return status == other; }
};

/// What only a kernel's image, or its vmlinux with BTF, tells. Read when a module asks for it.
struct ImageFacts {
  std::string origin;                                  ///< the file
  std::optional<std::set<std::string>> sysfs_modules;  ///< /sys/module of a booted kernel
  std::shared_ptr<const BtfBase> btf;                  ///< null: none was found
};

/// Everything a gate may look at.
struct GateInput {
  const Module& module;
  const Kernel& kernel;
  const Assumptions& assumptions;
  /// Modules checked in the same call that load before this one (their exports are visible).
  std::span<const Module* const> peers;
  /// Module.symvers of further modules that are taken to be loaded (KBUILD_EXTRA_SYMBOLS).
  std::span<const Symvers* const> extra_symvers;
  /// Of this module's signature against this kernel's keys. Empty when the keys are not known
  /// and decide; a message that no key could save is judged without.
  std::optional<SignatureAnswer> signature;
  /// Null: not looked for, or not there.
  const ImageFacts* image = nullptr;
  /// Modules of the same call that are not there when this one loads: refused, or in need of it.
  std::span<const Module* const> absent = {};
  /// Those of `peers` that may be refused for all that is known.
  std::span<const Module* const> uncertain = {};
  /// What the kernel says of the module's .BTF, found while its bytes were there. Null: the gate
  /// looks at them itself.
  const BtfAnswer* btf = nullptr;
};

using GateFunction = GateResult (*)(const GateInput&);

/// One row of the table. Texts are plain sentences; they are the reference page too.
struct Gate {
  std::string_view id;       ///< "vermagic"; also the id that `kovet explain` uses
  std::string_view finding;  ///< id of the finding that a rejection becomes; empty: none rejects
  /// "file", "signature", "elf", "early", "symbols", "relocation", "finish", "start"
  std::string_view stage;
  std::string_view summary;      ///< one line
  std::string_view explanation;  ///< a paragraph: what is compared, what people get wrong
  std::string_view errors;       ///< errno and message, as the kernel gives them
  std::string_view fix;          ///< how to mend it
  std::string_view since;        ///< "all", "6.4", ...
  std::string_view source;       ///< kernel file and function
  GateFunction evaluate;
};

/// All gates, in the order of current kernels.
std::span<const Gate> gates();

/// The same in the order in which `kernel`'s version looks at them.
std::vector<const Gate*> gates_in_order(const Kernel& kernel);

}  // namespace kovet
