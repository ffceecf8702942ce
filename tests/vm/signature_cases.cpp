#include "tests/vm/variants.h"

namespace kovet::testing {

namespace {

constexpr std::string_view marker = "~Module signature appended~\n";
constexpr std::size_t trailer_size = 12;

/// `size` bytes that stand where a signature stands, the trailer, and the marker.
std::string signature(std::size_t claimed, const std::string& der, std::string trailer_start) {
  trailer_start.resize(trailer_size - 4);
  for (int shift = 24; shift >= 0; shift -= 8) trailer_start += static_cast<char>(claimed >> shift);
  return der + trailer_start + std::string(marker);
}

std::string pkcs7() {
  return std::string("\0\0\2", 3);
}

void add_trailer_cases(CaseList& list, const std::string& plain) {
  const std::string der(100, '\x30');
  const auto add = [&](const std::string& name, const std::string& tail, bool ci = false) {
    list.add_bytes("signature-" + name, plain + tail, ci);
  };
  add("garbage", signature(der.size(), der, pkcs7()), true);
  add("empty", signature(0, "", pkcs7()));
  add("marker-only", std::string(marker));
  add("marker-then-byte", signature(der.size(), der, pkcs7()) + "x", true);
  add("marker-cut", signature(der.size(), der, pkcs7()).substr(0, 139));
  for (const int type : {0, 1, 3, 255}) {
    auto start = pkcs7();
    start[2] = static_cast<char>(type);
    add("id-type-" + std::to_string(type), signature(der.size(), der, start), type == 1);
  }
  for (const std::size_t byte : {0U, 1U, 3U, 4U, 5U, 6U, 7U}) {
    auto start = pkcs7();
    start.resize(8);
    start[byte] = 1;
    add("byte-" + std::to_string(byte), signature(der.size(), der, start), byte == 0);
  }
  // Limits: the signature may not be as long as the file without marker and trailer.
  const std::size_t whole = plain.size() + der.size();
  for (const int distance : {-1, 0, 1, 12, 13})
    add("length-limit-" + std::to_string(distance),
        signature(whole + static_cast<std::size_t>(distance), der, pkcs7()), distance == 0);
  add("length-huge", signature(0xffffffff, der, pkcs7()));
  add("length-cuts-the-elf", signature(der.size() + 1, der, pkcs7()));
  list.add_bytes("signature-alone", signature(der.size(), der, pkcs7()));
  list.add_bytes("signature-nothing-but-marker", std::string(marker));
  list.add_bytes("signature-trailer-only", signature(0, "", pkcs7()));
}

void add_signed_cases(CaseList& list, const std::string& prefix, const std::string& signed_module,
                      bool ci) {
  const auto flip = [&](std::size_t at) {
    auto bytes = signed_module;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  const std::size_t size = signed_module.size();
  const auto length_at = size - marker.size() - 4;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(signed_module[length_at + i]));
  };
  const std::size_t length = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
  const std::size_t start = size - marker.size() - trailer_size - length;
  list.add_bytes(prefix + "-whole", signed_module, ci);
  list.add_bytes(prefix + "-elf-changed", flip(start - 1), ci);
  list.add_bytes(prefix + "-ident-changed", flip(9));
  list.add_bytes(prefix + "-last-signature-byte", flip(start + length - 1), ci);
  list.add_bytes(prefix + "-first-signature-byte", flip(start));
  list.add_bytes(prefix + "-middle-signature-byte", flip(start + length / 2));
  list.add_bytes(prefix + "-stripped", signed_module.substr(0, start), ci);
  list.add_bytes(prefix + "-byte-behind", signed_module + '\n', ci);
  const std::string tail = signed_module.substr(start);
  list.add_bytes(prefix + "-doubled", signed_module + tail, ci);
  list.add_bytes(prefix + "-doubled-marker", signed_module + std::string(marker));
  list.add_bytes(prefix + "-byte-before", signed_module.substr(0, start) + '\0' + tail);
  const auto with_length = [&](std::size_t claimed) {
    auto bytes = signed_module;
    for (std::size_t i = 0; i < 4; ++i)
      bytes[length_at + i] = static_cast<char>(claimed >> (24 - 8 * i));
    return bytes;
  };
  list.add_bytes(prefix + "-length-0", with_length(0));
  list.add_bytes(prefix + "-length-less", with_length(length - 1));
  list.add_bytes(prefix + "-length-more", with_length(length + 1));
  list.add_bytes(prefix + "-last-byte-cut", signed_module.substr(0, size - 1));
}

}  // namespace

void add_signature_cases(CaseList& list, const Honest& honest) {
  add_trailer_cases(list, honest["agree_plain"]);
  if (!honest.signed_module.empty())
    add_signed_cases(list, "signed-by-kernel", honest.signed_module, true);
  if (const auto own = honest.modules.find("agree_signed"); own != honest.modules.end())
    add_signed_cases(list, "signed-by-stranger", own->second, false);
}

}  // namespace kovet::testing
