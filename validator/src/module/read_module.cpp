#include "module/read_module.h"

#include <elf.h>

#include <algorithm>

#include "module/read_parts.h"
#include "module/signature.h"
#include "support/streams.h"

namespace kovet {

namespace {

constexpr std::size_t identity_size = 20;  // e_ident, e_type, e_machine

void look_at_string_tables(Module& module) {
  const auto file = module.bytes->span();
  if (module.header->shstrndx < module.sections.size()) {
    const Section& names = module.sections[module.header->shstrndx];
    const std::uint64_t last = names.offset + names.size - 1;
    module.section_names_end = names.size == 0 || last >= file.size() || file[last] == std::byte{0};
  }
  const auto symtab = std::find_if(module.sections.begin(), module.sections.end(),
                                   [](const Section& s) { return s.type == SHT_SYMTAB; });
  if (symtab == module.sections.end() || symtab->link >= module.sections.size()) return;
  const Section& strings = module.sections[symtab->link];
  if (strings.bytes.empty() || strings.bytes.size() != strings.size) return;
  module.symbol_strings =
      StringTable{strings.bytes.front() == std::byte{0}, strings.bytes.back() == std::byte{0}};
}

void read_elf(Module& module) {
  const auto file = module.bytes->span().first(module.elf_size);
  if (file.size() < identity_size) return;
  const ElfLayout layout = detect_layout(file);
  if (file.size() < (layout.is_64_bit ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr))) return;
  const ElfHeader header = read_header(file, layout);
  module.header = header;
  if (!header.magic_ok) return;
  module.arch = arch_from_elf(header.machine, layout.is_64_bit);
  module.big_endian = layout.big_endian;
  module.sections = read_sections(file, header, layout);
  if (header.shnum == 0) {
    ElfHeader of_one = header;
    of_one.shnum = 1;
    const auto first = read_sections(file, of_one, layout);
    if (!first.empty()) module.lone_section = first.front();
  }
  look_at_string_tables(module);

  read_modinfo(module);
  read_this_module(module, layout);
  read_versions(module, layout);
  read_symbol_table(module, layout);
  read_export_tables(module, layout);
  read_parameters(module);
  read_parameter_table(module, layout);
  scan_relocations(module, layout);
  scan_followed_tables(module, layout);
  if (const auto name = module.first("name"))
    module.name = *name;
  else if (module.this_module)
    module.name = module.this_module->name;
}

}  // namespace

Result<Module> read_module(std::shared_ptr<const Bytes> content, std::string path,
                           std::uint64_t limit, Extent extent) {
  Module module;
  module.stored_size = content->size();
  module.compression = detect_compression(content->span());
  constexpr std::size_t header_of_a_stream = 16;
  if (module.compression != Compression::none) {
    module.packed_start = content->text().substr(0, header_of_a_stream);
    auto unpacked = unpack_streams(content->span(), path, extent, limit);
    if (!unpacked) return unpacked.error();
    module.joined_streams = unpacked->joined;
    content = std::move(unpacked->content);
  }
  module.path = std::move(path);
  module.bytes = std::move(content);
  module.size = module.bytes->size();
  const TrailerScan scan = scan_signature(module.bytes->span());
  module.signature = scan.trailer;
  module.elf_size = scan.elf_size;
  module.marker_misplaced = scan.marker_misplaced;
  read_elf(module);
  return module;
}

Result<Module> read_module(const std::filesystem::path& file, std::uint64_t limit, Extent extent) {
  auto content = Bytes::map(file);
  if (!content) return content.error();
  return read_module(std::move(*content), file.string(), limit, extent);
}

Result<Module> read_whole_module(const std::filesystem::path& file) {
  auto module = read_module(file);
  if (!module) return module;
  if (!module->header || !module->header->magic_ok)
    return Error{file.string(), "not an ELF file, so no kernel module",
                 "name a .ko, .ko.gz, .ko.xz or .ko.zst"};
  if (module->sections.empty())
    return Error{file.string(), "the section table does not lie in the file: it was cut short",
                 "build or copy the module again"};
  return module;
}

}  // namespace kovet
