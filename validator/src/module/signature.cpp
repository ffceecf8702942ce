#include "module/signature.h"

#include <algorithm>
#include <string_view>

// kernel/module/signing.c: module_sig_check(), mod_verify_sig(); kernel/module_signature.c.

namespace kovet {

namespace {

SignatureTrailer read_trailer(std::span<const std::byte> raw) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint8_t>(raw[i]); };
  SignatureTrailer trailer;
  trailer.algo = byte(0);
  trailer.hash = byte(1);
  trailer.id_type = byte(2);
  trailer.signer_len = byte(3);
  trailer.key_id_len = byte(4);
  trailer.padding_zero = !byte(5) && !byte(6) && !byte(7);
  trailer.sig_len = std::uint32_t{byte(8)} << 24 | std::uint32_t{byte(9)} << 16 |
                    std::uint32_t{byte(10)} << 8 | byte(11);
  return trailer;
}

}  // namespace

TrailerScan scan_signature(std::span<const std::byte> file) {
  TrailerScan scan;
  scan.elf_size = file.size();
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.ends_with(signature_marker) || file.size() == signature_marker.size()) {
    constexpr std::size_t window = std::size_t{64} << 10;
    const auto tail = text.substr(text.size() - std::min(text.size(), window));
    scan.marker_misplaced = tail.find(signature_marker) != std::string_view::npos;
    return scan;
  }
  SignatureTrailer trailer;
  const std::size_t length = file.size() - signature_marker.size();
  scan.elf_size = length;
  if (length >= signature_trailer_size) {
    const std::size_t body = length - signature_trailer_size;
    trailer = read_trailer(file.subspan(body, signature_trailer_size));
    if (trailer.sig_len < body) {
      trailer.signature = file.subspan(body - trailer.sig_len, trailer.sig_len);
      // Only a signature that the kernel looks into is taken off; other formats (ENOPKG) stay in
      // what it parses.
      if (trailer.id_type == 2) scan.elf_size = body - trailer.sig_len;
    }
  }
  scan.trailer = trailer;
  return scan;
}

}  // namespace kovet
