#pragma once

#include <string>
#include <string_view>

namespace kovet::testing {

/// Whole streams as gzip, xz and zstd write them. Throw when the library fails.
std::string gzip(std::string_view content);
std::string xz(std::string_view content);
std::string xz_crc64(std::string_view content);  ///< as "xz" does by default; not for kernels
std::string zstd(std::string_view content);
/// As "lz4 -l" and "lzma" write them, which kernel images come in.
std::string lz4_legacy(std::string_view content);
std::string lzma_alone(std::string_view content);

}  // namespace kovet::testing
