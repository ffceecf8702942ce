#include <fmt/format.h>

#include <cerrno>

#include "gates/evaluate.h"
#include "gates/loader_traits.h"

// kernel/module/decompress.c. Only finit_module() with MODULE_INIT_COMPRESSED_FILE comes here;
// insmod and modprobe of kmod up to 30 decompress by themselves.

namespace kovet::gate {

namespace {

constexpr std::string_view option_of(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return "MODULE_COMPRESS_GZIP";
    case Compression::xz:
      return "MODULE_COMPRESS_XZ";
    case Compression::zstd:
      return "MODULE_COMPRESS_ZSTD";
    case Compression::none:
      break;
  }
  return "";
}

std::string refusal(const Kernel& kernel) {
  for (const Compression kind : {Compression::gzip, Compression::xz, Compression::zstd})
    if (kernel.config->enabled(option_of(kind)))
      return fmt::format("not {} {} compressed module", kind == Compression::xz ? "an" : "a",
                         to_string(kind));
  return {};
}

}  // namespace

GateResult compression(const GateInput& input) {
  const Module& module = input.module;
  if (module.compression == Compression::none || !input.assumptions.compressed_input)
    return GateResult::skip();
  if (!input.kernel.config) return unknown_config(input.kernel, "MODULE_DECOMPRESS");
  if (!input.kernel.config->enabled("MODULE_DECOMPRESS")) {
    return GateResult::fail(EOPNOTSUPP, {},
                            "the kernel cannot decompress modules (CONFIG_MODULE_DECOMPRESS)",
                            "load it with a modprobe that decompresses by itself, or decompress it");
  }
  if (input.kernel.config->enabled(option_of(module.compression))) return GateResult::pass();
  return GateResult::fail(
      EINVAL, {refusal(input.kernel)},
      fmt::format("the kernel decompresses another format than {}", to_string(module.compression)),
      "compress the module as this kernel's own modules are, or not at all");
}

}  // namespace kovet::gate
