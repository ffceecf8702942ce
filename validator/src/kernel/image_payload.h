#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "support/bytes.h"
#include "support/error.h"

// What kernel images are wrapped in: the boot protocol's header and one of the kernel's own
// compressions. Inside is an ELF vmlinux or a flat Image.

namespace kovet {

/// A number of `size` bytes; 0 where it does not lie inside.
std::uint64_t little_endian(std::span<const std::byte> bytes, std::size_t at, std::size_t size);

std::string_view text_of(std::span<const std::byte> bytes);

/// Begins as ELF does.
/// An Image of arm64 or riscv, as it lies in memory (Documentation/arch/arm64/booting.rst).
bool is_flat_image(std::span<const std::byte> image);
bool is_elf(std::span<const std::byte> bytes);

/// An x86 bzImage, an EFI zboot image, or a stream in one of the formats that images come in.
bool is_packed_image(std::span<const std::byte> image);

/// The kernel inside: of a bzImage (Documentation/arch/x86/boot.rst), of an EFI zboot image, or of
/// a plain stream of gzip, xz, zstd, lz4 or lzma. Anything else is returned as it is. Errors:
/// damaged, or compressed in another way (bzip2, lzo); `name` is for messages.
Result<std::shared_ptr<const Bytes>> unpack_image(std::shared_ptr<const Bytes> image,
                                                  const std::string& name);

}  // namespace kovet
