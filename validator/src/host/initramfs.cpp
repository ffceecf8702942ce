#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/cpio.h"
#include "host/machine.h"
#include "module/read_module.h"
#include "support/streams.h"

// Copies inside an initramfs load first at boot, however old they are.

namespace kovet {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_image = std::uint64_t{768} << 20;
constexpr std::uint64_t max_module = std::uint64_t{256} << 20;
constexpr int max_parts = 32;
constexpr std::size_t max_text = std::size_t{1} << 20;
constexpr std::uint32_t file_type_mask = 0170000, regular_file = 0100000;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What the kernel reads and this program does not; without a library for it, the machine's own
/// tools.
std::string other_kind(std::string_view start) {
  using namespace std::string_view_literals;
  const auto unread = [](std::string_view kind, std::string_view tool) {
    return fmt::format("compressed with {}, which is not read here: {} prints what is in it", kind,
                       tool);
  };
  if (start.starts_with("BZh"sv)) return unread("bzip2", "lsinitramfs (or bzip2 -dc | cpio -t)");
  if (start.starts_with("\x89LZO"sv)) return unread("lzo", "lsinitramfs (or lzop -dc | cpio -t)");
  if (start.starts_with("\x04\x22\x4d\x18"sv))
    return "an lz4 frame: the kernel reads only what `lz4 -l` writes";
  return {};
}

std::string describe(const Module& module) {
  std::string text;
  for (const char* key : {"version", "srcversion", "vermagic"})
    if (const auto value = module.first(key))
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, *value);
  return text;
}

InitramfsCopy compare(const CpioEntry& entry, const Module* file) {
  InitramfsCopy copy{fmt::format("/{}", entry.name), "unreadable", {}};
  const auto stored = Bytes::copy(as_text(entry.content));
  const auto plain = decompress(stored, copy.path, max_module);
  if (!plain) {
    copy.note = plain.error().what;
    return copy;
  }
  const auto module = read_module(*plain, copy.path);
  if (!module) {
    copy.note = module.error().what;
    return copy;
  }
  copy.note = describe(*module);
  if (!file) {
    copy.relation = "nothing to compare with";
  } else if ((*plain)->text() == file->bytes->text()) {
    copy.relation = "same";
    copy.note.clear();
  } else if (module->first("srcversion") &&
             module->first("srcversion") == file->first("srcversion") &&
             module->first("vermagic") == file->first("vermagic")) {
    copy.relation = "another build";
    copy.note = "of the same source for the same kernel; signature or debug data may differ";
  } else {
    copy.relation = "another build";
  }
  return copy;
}

/// A file of an initramfs that says something about modules.
void read_entry(const CpioEntry& entry, const std::string& module, const Module* file,
                Initramfs& image) {
  if ((entry.mode & file_type_mask) != regular_file) return;
  std::string_view name = entry.name;
  while (name.starts_with("./") || name.starts_with('/'))
    name.remove_prefix(name[0] == '/' ? 1 : 2);
  const auto base = name.substr(name.rfind('/') + 1);
  if (base.find(".ko") != std::string_view::npos && name.find("lib/modules/") != name.npos) {
    if (module_name_of(base) == module && image.copies.size() < 100)
      image.copies.push_back(compare(entry, file));
    return;
  }
  if (entry.content.size() > max_text) return;
  const std::string path = image.path + ":/" + std::string(name);
  if (name.find("modprobe.d/") != name.npos && base.ends_with(".conf")) {
    ModprobeConfig config;
    scan_modprobe_text(as_text(entry.content), path, config);
    for (auto& line : config.entries)
      if (line.kind != ConfigKind::alias && line.kind != ConfigKind::softdep &&
          matches(line.name, module))
        image.lines.push_back(std::move(line));
  } else if (name == "conf/modules" || name.find("modules-load.d/") != name.npos) {
    std::uint32_t number = 0;
    for (const auto& line : split_at(as_text(entry.content), '\n')) {
      ++number;
      const auto words = split_words(line);
      if (!words.empty() && with_underscores(words[0]) == module)
        image.loads.push_back({path, number});
    }
  }
}

std::set<std::string> image_paths(const Machine& machine) {
  std::set<std::string> paths;
  const auto add = [&](const std::string& path) {
    if (machine.root.resolve(path)) paths.insert(path);
  };
  for (const char* name : {"initrd", "initrd.img", "initramfs.img"})
    add(machine.modules_dir + "/" + name);
  const auto boot = machine.root.resolve("/boot");
  if (!boot) return paths;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(*boot, error)) {
    const auto name = item.path().filename().string();
    // initrd.img-R (Debian), initramfs-R.img (Fedora), initrd-R (SUSE); never another release's.
    for (const char* pattern : {"initrd.img-{}", "initramfs-{}.img", "initrd-{}", "initrd-{}.img"})
      if (name == fmt::format(fmt::runtime(pattern), machine.release)) add("/boot/" + name);
    // Boot Loader Specification: /boot/ENTRY-TOKEN/R/initrd
    add("/boot/" + name + "/" + machine.release + "/initrd");
  }
  return paths;
}

}  // namespace

Initramfs read_initramfs(std::shared_ptr<const Bytes> bytes, const std::string& path,
                         const std::string& module, const Module* file) {
  Initramfs image{.path = path};
  const auto visit = [&](const CpioEntry& entry) { read_entry(entry, module, file, image); };
  const std::span<const std::byte> whole = bytes->span();
  std::size_t at = 0;
  // init/initramfs.c: archives and compressed archives in any order, with zeros between them.
  for (int part = 0; part < max_parts; ++part) {
    const auto plain = read_cpio(whole.subspan(at), visit);
    if (!plain) {
      image.problem = plain.error().what;
      return image;
    }
    at += *plain;
    const auto rest = whole.subspan(at);
    if (rest.empty()) return image;
    if (!detect_stream(rest)) {
      const auto name = other_kind(as_text(rest.first(std::min<std::size_t>(rest.size(), 8))));
      image.problem = name.empty() ? fmt::format("unknown data after {} bytes", at) : name;
      return image;
    }
    const auto unpacked = unpack_first_stream(rest, path, max_image);
    if (!unpacked) {
      image.problem = unpacked.error().what;
      return image;
    }
    at += unpacked->used;
    const auto used = read_cpio(unpacked->content->span(), visit);
    if (!used || *used != unpacked->content->size()) {
      image.problem =
          used ? "a compressed part that holds more than cpio archives" : used.error().what;
      return image;
    }
  }
  image.problem = "more parts than an initramfs has";
  return image;
}

std::vector<Initramfs> read_initramfs_images(const Machine& machine, const std::string& module,
                                             const Module* file) {
  std::vector<Initramfs> images;
  if (const auto why = machine.root.why_not_listed("/boot"))
    images.push_back({.path = "/boot", .problem = *why});
  for (const auto& path : image_paths(machine)) {
    const auto here = machine.root.resolve(path);
    auto bytes = here ? Bytes::map(*here) : Error{path, "no such file", {}};
    if (!bytes)
      images.push_back({.path = path, .problem = bytes.error().what});
    else
      images.push_back(read_initramfs(std::move(*bytes), path, module, file));
  }
  return images;
}

}  // namespace kovet
