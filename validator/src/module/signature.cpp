#include "module/signature.h"

#include <algorithm>
#include <string_view>

namespace kovet {

TrailerScan scan_signature(std::span<const std::byte> file) {
  constexpr std::string_view marker = "~Module signature appended~\n";
  TrailerScan scan;
  scan.elf_size = file.size();
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.ends_with(marker)) {
    constexpr std::size_t window = 64 << 10;
    scan.marker_misplaced = text.substr(text.size() - std::min(text.size(), window)).find(marker) !=
                            std::string_view::npos;
    return scan;
  }
  SignatureTrailer trailer;
  const std::size_t length = file.size() - marker.size();
  if (length >= 12) {
    const auto raw = file.subspan(length - 12, 12);
    const auto byte = [&](std::size_t i) { return std::to_integer<std::uint8_t>(raw[i]); };
    trailer = {byte(0), byte(1), byte(2), byte(3), byte(4), !byte(5) && !byte(6) && !byte(7),
               std::uint32_t{byte(8)} << 24 | std::uint32_t{byte(9)} << 16 |
                   std::uint32_t{byte(10)} << 8 | byte(11), {}};
    if (trailer.sig_len < length - 12) {
      scan.elf_size = length - 12 - trailer.sig_len;
      trailer.signature = file.subspan(scan.elf_size, trailer.sig_len);
    } else {
      scan.elf_size = length;
    }
  }
  scan.trailer = trailer;
  return scan;
}

}  // namespace kovet
