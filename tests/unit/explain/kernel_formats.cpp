#include "tests/unit/explain/kernel_formats.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <regex>

namespace kovet::explain {

namespace fs = std::filesystem;

namespace {

/// The string literals from `at` on that the preprocessor would join, escapes undone.
std::string literals(const std::string& text, std::size_t at) {
  std::string result;
  for (bool any = false;; any = true) {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    if (at >= text.size() || text[at] != '"') {
      // KERN_ERR and the like come before the first literal, PRIx64 between two.
      std::size_t end = at;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
        ++end;
      const std::string word = text.substr(at, end - at);
      if ((any && !word.starts_with("PRI")) || (!any && !word.starts_with("KERN_"))) return result;
      if (word.starts_with("PRI")) result += 'x';
      at = end;
      continue;
    }
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && ++at < text.size()) {
        if (text[at] == 'n')
          result += '\n';
        else if (text[at] == 't')
          result += ' ';
        else
          result += text[at];
      } else {
        result += text[at];
      }
    }
    ++at;
  }
}

}  // namespace

std::vector<KernelFormat> formats_of_source(const std::string& file, std::string text) {
  static const std::regex call(
      R"(\b(pr_(err|warn|notice|info|crit|emerg)\w*|printk\w*|WARN|WARN_ONCE)\s*\()");
  static const std::regex prefix(R"re(#define\s+pr_fmt\(\w+\)\s*(KBUILD_MODNAME)?\s*"([^"]*)")re");
  for (std::size_t at = 0; (at = text.find("/*", at)) != std::string::npos;)
    text.erase(at, std::min(text.find("*/", at + 2), text.size() - 2) + 2 - at);
  std::string front;
  if (std::smatch found; std::regex_search(text, found, prefix))
    front =
        (found[1].matched ? fs::path(file).parent_path().filename().string() : "") + found[2].str();
  std::vector<KernelFormat> formats;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), call); at != std::sregex_iterator();
       ++at) {
    const std::string name = (*at)[1];
    std::size_t begin = static_cast<std::size_t>(at->position() + at->length());
    if (name.starts_with("WARN")) begin = text.find('"', begin);
    if (begin == std::string::npos) break;
    std::string format = literals(text, begin);
    format = format.substr(0, format.find('\n'));
    if (std::ranges::count_if(format, [](unsigned char c) { return std::isalpha(c); }) < 8)
      continue;
    formats.push_back({file, (name.starts_with("pr_") ? front : "") + format});
  }
  return formats;
}

std::vector<KernelFormat> formats_of_tree(const fs::path& tree) {
  std::vector<fs::path> files;
  std::error_code error;
  const auto add = [&](const fs::path& folder, const std::string& start) {
    for (const auto& item : fs::directory_iterator(tree / folder, error))
      if (item.path().extension() == ".c" && item.path().filename().string().starts_with(start))
        files.push_back(item.path());
  };
  add("kernel/module", "");
  add("kernel", "params");
  add("kernel", "kmod");
  add("kernel", "jump_label");
  add("kernel", "static_call_inline");
  add("kernel", "module_signature");
  add("kernel/bpf", "btf");
  add("kernel/livepatch", "core");
  add("certs", "system_keyring");
  add("crypto/asymmetric_keys", "pkcs7_");
  add("crypto/asymmetric_keys", "x509_public_key");
  add("security/loadpin", "");
  add("security/lockdown", "");
  for (const auto& arch : fs::directory_iterator(tree / "arch", error))
    add(fs::path("arch") / arch.path().filename() / "kernel", "module");
  std::vector<KernelFormat> all;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (auto& format : formats_of_source(fs::relative(file, tree).string(), text))
      all.push_back(std::move(format));
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string instance(std::string_view format) {
  // What stands for these conversions is a phrase of the kernel's own.
  if (format == "Loading of %s is rejected") return "Loading of unsigned module is rejected";
  if (format.starts_with("Lockdown: %s: %s is restricted"))
    return "Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7";
  if (format == "%s: not signed with expected PKCS#7 message")
    return "module: not signed with expected PKCS#7 message";
  if (format.starts_with("LoadPin: %s %s obj="))
    return "LoadPin: kernel-module denied obj=\"/tmp/hello.ko\" pid=7 cmdline=\"insmod hello.ko\"";
  std::string result;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      result += format[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < format.size() &&
           std::string_view("-#0+ .*123456789hlLzj").find(format[end]) != std::string_view::npos)
      ++end;
    const char kind = end < format.size() ? format[end] : '%';
    while (kind == 'p' && end + 1 < format.size() &&
           std::isalpha(static_cast<unsigned char>(format[end + 1])))
      ++end;
    result += kind == 's'                                 ? "hello"
              : kind == '%'                               ? "%"
              : kind == 'x' || kind == 'X' || kind == 'p' ? "0xff12"
                                                          : "7";
    i = end;
  }
  return result;
}

}  // namespace kovet::explain
