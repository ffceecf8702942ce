#include "tests/support/compress.h"
#include "tests/vm/variants.h"

namespace kovet::testing {

void add_compression_cases(CaseList& list, const Honest& honest) {
  constexpr unsigned compressed_file = 4;  // MODULE_INIT_COMPRESSED_FILE, linux/module.h
  const auto& plain = honest["agree_plain"];
  const auto add = [&](const std::string& name, std::string bytes, bool ci = false) {
    list.add_bytes("compressed-" + name, std::move(bytes), ci, compressed_file);
  };
  add("gzip", gzip(plain), true);
  add("xz", xz(plain), true);
  add("zstd", zstd(plain), true);
  const auto bad_vermagic =
      changed(plain, [](KoEditor& ko) { ko.set_modinfo("vermagic", "1.0 "); });
  add("xz-of-bad-vermagic", xz(bad_vermagic), true);
  add("xz-crc64", xz_crc64(plain), true);
  add("xz-of-no-elf", xz(std::string(500, 'x')));
  const auto& stranger = honest["agree_signed"];
  add("xz-of-signed-by-stranger", xz(stranger));
  add("xz-signed-behind", xz(plain) + stranger.substr(plain.size()));
  add("xz-of-signed-altered", xz(plain + "x" + stranger.substr(plain.size())));
  if (!honest.signed_module.empty()) add("xz-of-signed-by-kernel", xz(honest.signed_module), true);
  // The kernel takes the first stream, and no notice of what follows it.
  const auto streams = [&](const std::string& format, auto compress, bool ci) {
    const std::size_t half = plain.size() / 2;
    add(format + "-halves", compress(plain.substr(0, half)) + compress(plain.substr(half)), ci);
    add(format + "-twice", compress(plain) + compress(bad_vermagic), ci);
    add(format + "-bad-vermagic-first", compress(bad_vermagic) + compress(plain));
    add(format + "-nothing-first", compress("") + compress(plain));
    add(format + "-and-text", compress(plain) + "text");
    add(format + "-and-zeros", compress(plain) + std::string(4, '\0'));
    add(format + "-of-nothing", compress(""));
  };
  streams("xz", xz, true);
  streams("gzip", gzip, false);
  streams("zstd", zstd, false);
  // What is corrupt cannot be judged: unknown on purpose.
  auto corrupt = xz(plain);
  corrupt[corrupt.size() / 2] = static_cast<char>(corrupt[corrupt.size() / 2] ^ 1);
  add("xz-corrupt", corrupt);
  add("xz-cut", xz(plain).substr(0, 1000));
}

}  // namespace kovet::testing
