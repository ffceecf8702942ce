#include "host/cpio.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace kovet {

namespace {

constexpr std::size_t header_size = 110;  // magic of 6, then 13 fields of 8 hexadecimal digits
constexpr std::size_t mode_field = 1, filesize_field = 6, namesize_field = 11;

std::optional<std::uint32_t> field(std::string_view header, std::size_t index) {
  const auto text = header.substr(6 + index * 8, 8);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t round_up(std::size_t offset) {
  return (offset + 3) & ~std::size_t{3};
}

}  // namespace

Result<std::size_t> read_cpio(std::span<const std::byte> archive,
                              const std::function<void(const CpioEntry&)>& visit) {
  const std::string_view text(reinterpret_cast<const char*>(archive.data()), archive.size());
  std::size_t at = 0;
  for (;;) {
    const auto next = text.find_first_not_of('\0', at);
    if (next == std::string_view::npos) return text.size();
    const auto magic = text.substr(next, 6);
    if (magic != "070701" && magic != "070702") {
      if (at == 0 && next == 0 && magic.starts_with("0707"))
        return Error{{}, "an old kind of cpio archive that the kernel does not read", {}};
      return next;
    }
    const auto broken = [&] {
      return Error{{}, fmt::format("damaged cpio archive at byte {}", next), {}};
    };
    if (text.size() - next < header_size) return broken();
    const auto header = text.substr(next, header_size);
    const auto mode = field(header, mode_field), size = field(header, filesize_field),
               name_size = field(header, namesize_field);
    if (!mode || !size || !name_size || *name_size == 0) return broken();
    const std::size_t name_at = next + header_size;
    if (text.size() - name_at < *name_size) return broken();
    // Alignment counts from the archive's start; archives begin at multiples of four.
    const std::size_t data_at = round_up(name_at + *name_size);
    if (data_at > text.size() || text.size() - data_at < *size) return broken();
    const auto name = text.substr(name_at, *name_size - 1);
    if (name != "TRAILER!!!") visit({name, *mode, archive.subspan(data_at, *size)});
    at = std::min(round_up(data_at + *size), text.size());
  }
}

}  // namespace kovet
