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

/// What the kernel's decoder cannot do though the format allows for it: lib/xz/xz_dec_stream.c
/// without XZ_DEC_ANY_CHECK, module_gzip_header_len().
GateResult decodes(const Module& module) {
  constexpr unsigned crc32 = 1, gzip_hcrc = 2, gzip_extra = 4, gzip_comment = 16;
  if (module.joined_streams) {
    return GateResult::unknown(
        fmt::format("it is of several {} streams: the kernel takes the first only, and here all "
                    "of them were read",
                    to_string(module.compression)),
        "compress it as one stream");
  }
  const auto byte = [&](std::size_t at) {
    return at < module.packed_start.size() ? static_cast<unsigned char>(module.packed_start[at])
                                           : 0u;
  };
  if (module.compression == Compression::xz) {
    if ((byte(7) & 0xf) > crc32) {
      return GateResult::fail(EINVAL, {"decompression failed with status 6"},
                              "its integrity check is not CRC32, the only one that the kernel's "
                              "decoder knows; xz writes CRC64 by default",
                              "compress it with xz --check=crc32, as the kernel's build does");
    }
    if ((byte(13) & 3) != 0) {
      return GateResult::unknown(
          "it was compressed with a filter before LZMA2, which only some "
          "kernels are built for (CONFIG_XZ_DEC_X86 and others)",
          "compress it with xz --check=crc32 --lzma2");
    }
  }
  if (module.compression == Compression::gzip &&
      (byte(3) & (gzip_hcrc | gzip_extra | gzip_comment)) != 0) {
    return GateResult::unknown("its gzip header has fields that the kernel takes for data",
                               "compress it with gzip itself, or not at all");
  }
  return GateResult::pass();
}

}  // namespace

GateResult compression(const GateInput& input) {
  const Module& module = input.module;
  if (module.compression == Compression::none || !input.assumptions.compressed_input)
    return GateResult::skip();
  if (!input.kernel.config) return unknown_config(input.kernel, "MODULE_DECOMPRESS");
  if (!input.kernel.config->enabled("MODULE_DECOMPRESS")) {
    return GateResult::fail(
        EOPNOTSUPP, {}, "the kernel cannot decompress modules (CONFIG_MODULE_DECOMPRESS)",
        "load it with a modprobe that decompresses by itself, or decompress it");
  }
  if (input.kernel.config->enabled(option_of(module.compression))) return decodes(module);
  return GateResult::fail(
      EINVAL, {refusal(input.kernel)},
      fmt::format("the kernel decompresses another format than {}", to_string(module.compression)),
      "compress the module as this kernel's own modules are, or not at all");
}

}  // namespace kovet::gate
