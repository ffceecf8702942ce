#include "module/signature_remains.h"

#include <elf.h>

#include <algorithm>
#include <array>

#include "module/signature.h"

namespace kovet {

namespace {

/// Where the ELF file ends by its own tables; more than the file has where they lie.
std::uint64_t end_of_elf(const Module& module) {
  const ElfHeader& header = *module.header;
  std::uint64_t end = header.shoff + std::uint64_t{header.shentsize} * header.shnum;
  for (const Section& section : module.sections)
    if (section.type != SHT_NOBITS) end = std::max(end, section.offset + section.size);
  return end;
}

/// ContentInfo of RFC 2315: SEQUENCE with a length of one or two bytes, then signedData's
/// identifier.
bool begins_a_message(std::string_view text) {
  using namespace std::string_view_literals;
  const std::size_t sequence_header = text.starts_with("\x30\x81"sv) ? 3 : 4;
  return (sequence_header == 3 || text.starts_with("\x30\x82"sv)) &&
         text.size() > sequence_header &&
         text.substr(sequence_header).starts_with("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv);
}

}  // namespace

std::string_view to_string(SignatureRemains remains) {
  constexpr std::array<std::string_view, 3> names{"none", "marker-not-at-end",
                                                  "message-without-marker"};
  return names.at(static_cast<std::size_t>(remains));
}

RemainsScan find_signature_remains(const Module& module) {
  if (module.signature) return {};
  if (module.marker_misplaced) {
    RemainsScan scan{SignatureRemains::marker_not_at_end};
    if (!module.bytes) return scan;
    const auto at = module.bytes->text().rfind(signature_marker);
    if (at == std::string_view::npos) return scan;
    const std::uint64_t end = at + signature_marker.size();
    scan.bytes_behind = module.size - end;
    const auto without = scan_signature(module.bytes->span().first(end)).trailer;
    scan.is_whole = without && without->id_type == 2 && !without->signature.empty() &&
                    without->signature.front() == std::byte{0x30};
    return scan;
  }
  if (!module.bytes || !module.header || !module.header->magic_ok) return {};
  const std::uint64_t end = end_of_elf(module);
  if (end < module.size && begins_a_message(module.bytes->text().substr(end)))
    return {SignatureRemains::message_without_marker};
  return {};
}

}  // namespace kovet
