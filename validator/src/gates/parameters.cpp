#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gates/evaluate.h"
#include "gates/kernel_arguments.h"
#include "gates/loader_traits.h"
#include "host/parameter_fit.h"

// kernel/params.c: parse_args(), parse_one(), param_set_*(), param_array(); kernel/module/main.c:
// unknown_module_param_cb(). Setters are told by the struct kernel_param_ops that the module's
// own __param section names.

namespace kovet::gate {

namespace {

constexpr std::uint8_t flag_unsafe = 1, flag_hardware = 2;
constexpr std::size_t longest_charp = 1024;

/// What a setter makes of a value. `error` 0: it takes it.
struct SetResult {
  int error = 0;
  bool known = true;
  std::vector<std::string> log;
  std::string shown;  ///< the value as the kernel's line has it afterwards
};

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

/// "int" of "param_ops_int"; empty for a setter that is not one of kernel/params.c.
std::string_view standard_type(std::string_view setter) {
  constexpr std::string_view prefix = "param_ops_";
  constexpr std::array<std::string_view, 15> types{
      "byte",   "short",  "ushort", "int",  "uint", "long",    "ulong",
      "ullong", "hexint", "charp",  "bool", "bint", "invbool", "bool_enable_only",
      "string"};
  if (!setter.starts_with(prefix)) return {};
  setter.remove_prefix(prefix.size());
  const auto found = std::find(types.begin(), types.end(), setter);
  return found == types.end() ? std::string_view{} : *found;
}

bool takes_no_value(std::string_view type) {
  return type == "bool" || type == "bint" ||
         type == "bool_enable_only";  // KERNEL_PARAM_OPS_FL_NOARG
}

SetResult set_one(std::string_view type, const ParameterEntry& entry,
                  const std::optional<std::string>& value, bool is_64_bit) {
  SetResult result;
  if (type == "charp") {
    if (value->size() <= longest_charp) return result;
    return {ENOSPC, true, {fmt::format("{}: string parameter too long", entry.name)}, {}};
  }
  if (type == "string") {
    if (entry.limit == 0) return {0, false, {}, {}};
    if (value->size() < entry.limit) return result;
    return {ENOSPC,
            true,
            {fmt::format("{}: string doesn't fit in {} chars.", entry.name, entry.limit - 1)},
            {}};
  }
  const ParameterFit fit =
      fit_value(type, {std::string(entry.name), value.value_or(""), value.has_value()}, is_64_bit);
  if (fit.kind == ParameterFit::Kind::bad_value) result.error = fit.error;
  // It cannot be switched off again, and whether it is on to begin with is the module's own.
  if (type == "bool_enable_only" && result.error == 0 && value &&
      std::string_view("nN0fF").find(value->at(0)) != std::string_view::npos)
    result.known = false;
  return result;
}

/// param_array() cuts the text at the first comma, and leaves it so for the line that follows.
SetResult set_array(std::string_view type, const ParameterEntry& entry, std::string_view text,
                    bool is_64_bit) {
  SetResult result;
  result.shown = text.substr(0, text.find(','));
  for (std::uint32_t count = 0;; ++count) {
    if (count == entry.limit) {
      result.error = EINVAL;
      result.log = {fmt::format("{}: can only take {} arguments", entry.name,
                                static_cast<std::int32_t>(entry.limit))};
      return result;
    }
    const std::size_t comma = text.find(',');
    SetResult one = set_one(type, entry, std::string(text.substr(0, comma)), is_64_bit);
    if (!one.known || one.error != 0) {
      one.shown = result.shown;
      return one;
    }
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

/// The type of an array's elements, from parmtype=, which module_param_array() writes.
std::string_view element_type(const Module& module, std::string_view name) {
  constexpr std::string_view prefix = "array of ";
  for (const Parameter& parameter : module.parameters) {
    if (parameter.name != name || !parameter.type.starts_with(prefix)) continue;
    const std::string_view type = parameter.type.substr(prefix.size());
    return standard_type(fmt::format("param_ops_{}", type)).empty() ? std::string_view{} : type;
  }
  return {};
}

class ArgumentCheck {
 public:
  explicit ArgumentCheck(const GateInput& input)
      : input_(input), name_(struct_name(input.module)) {}

  GateResult run(std::string_view text) {
    const KernelArguments arguments = parse_kernel_arguments(text);
    for (const KernelArgument& argument : arguments.words) one(argument);
    if (error_ != 0) {
      GateResult result =
          GateResult::fail(error_, std::move(log_), reason_,
                           "give it a value of its type: kovet info lists parameters and types");
      // A later refusal by a setter that is not known would decide the errno.
      if (!unknown_.empty()) result.reason += "; besides, " + unknown_;
      return result;
    }
    if (!unknown_.empty())
      return GateResult::unknown(unknown_, "kovet boot --param asks the kernel and the module");
    if (arguments.after_dashes)
      log_.push_back(
          fmt::format("{}: parameters '{}' after `--' ignored", name_, *arguments.after_dashes));
    GateResult result = GateResult::pass();
    result.log = std::move(log_);
    result.reason = fmt::format("with the parameters '{}'", text);
    return result;
  }

 private:
  void one(const KernelArgument& argument) {
    const auto& table = input_.module.parameter_table;
    const auto found = std::find_if(table.begin(), table.end(), [&](const ParameterEntry& entry) {
      return same_name(entry.name, argument.name);
    });
    if (found == table.end()) {
      not_in_table(argument);
      return;
    }
    const bool is_array = found->setter == "param_array_ops";
    const std::string_view type =
        is_array ? element_type(input_.module, found->name) : standard_type(found->setter);
    // Before anything else; only setters that say so do without a value.
    if (!argument.value && (is_array || (!type.empty() && !takes_no_value(type)))) {
      refuse(argument, EINVAL, "", fmt::format("{} needs a value", argument.name));
      return;
    }
    if ((found->flags & flag_hardware) && input_.assumptions.lockdown) {
      log_.emplace_back(
          "Lockdown: insmod: unsafe module parameters is restricted; see man "
          "kernel_lockdown.7");
      refuse(argument, EPERM, argument.value.value_or(""),
             fmt::format("{} names hardware, and the kernel is locked down", argument.name));
      return;
    }
    if (found->flags & flag_unsafe)
      log_.push_back(fmt::format("Setting dangerous option {} - tainting kernel", found->name));
    if (type.empty() || (is_array && found->limit == 0)) {
      unclear(
          fmt::format("{} is set by the module's own code ({})", argument.name,
                      found->setter.empty() ? std::string_view("an unnamed one") : found->setter));
      return;
    }
    const bool wide = is_64_bit(input_.module.arch);
    SetResult set = is_array ? set_array(type, *found, *argument.value, wide)
                             : set_one(type, *found, argument.value, wide);
    if (!set.known) {
      unclear(fmt::format("what {} makes of '{}' depends on its present value", argument.name,
                          argument.value.value_or("")));
      return;
    }
    if (set.error == 0) return;
    log_.insert(log_.end(), set.log.begin(), set.log.end());
    refuse(argument, set.error, is_array ? set.shown : argument.value.value_or(""),
           fmt::format("'{}' is no value for {} ({})", argument.value.value_or(""), argument.name,
                       is_array ? fmt::format("array of {}", type) : std::string(type)));
  }

  void not_in_table(const KernelArgument& argument) {
    if (!input_.module.parameter_table_read) {
      unclear("the module's table of parameters could not be read");
      return;
    }
    if (argument.name == "async_probe") return;
    if (argument.name == "dyndbg") {
      if (config(input_.kernel, "DYNAMIC_DEBUG") == Tri::no &&
          config(input_.kernel, "DYNAMIC_DEBUG_CORE") == Tri::no)
        log_.emplace_back("dyndbg param is supported only in CONFIG_DYNAMIC_DEBUG builds");
      return;
    }
    if (input_.kernel.version && *input_.kernel.version < KernelVersion{3, 11, 0}) {
      log_.push_back(fmt::format("{}: Unknown parameter `{}'", name_, argument.name));
      fail(ENOENT, fmt::format("it has no parameter {}", argument.name));
      return;
    }
    log_.push_back(fmt::format("{}: unknown parameter '{}' ignored", name_, argument.name));
  }

  void refuse(const KernelArgument& argument, int error, std::string_view shown,
              std::string reason) {
    log_.push_back(fmt::format("{}: `{}' {} for parameter `{}'", name_, shown,
                               error == ENOSPC ? "too large" : "invalid", argument.name));
    fail(error, std::move(reason));
  }

  /// Parsing goes on; the last error is the answer.
  void fail(int error, std::string reason) {
    error_ = error;
    reason_ += (reason_.empty() ? "" : "; ") + reason;
  }

  void unclear(std::string why) {
    if (unknown_.empty()) unknown_ = std::move(why);
  }

  const GateInput& input_;
  const std::string name_;
  int error_ = 0;
  std::vector<std::string> log_;
  std::string reason_, unknown_;
};

}  // namespace

GateResult parameters(const GateInput& input) {
  std::string text;
  for (const AssumedParameters& assumed : input.assumptions.parameters) {
    if (!assumed.module.empty() && !same_name(assumed.module, struct_name(input.module))) continue;
    text += (text.empty() ? "" : " ") + assumed.text;
  }
  if (text.empty()) return GateResult::pass();
  return ArgumentCheck(input).run(text);
}

}  // namespace kovet::gate
