#include "report/kernels_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/printable.h"

namespace kovet {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string state(const KernelListing& kernel) {
  if (is_complete(kernel)) return "complete";
  return kernel.build_directory.empty() ? "no headers" : "incomplete";
}

void append_path(std::string& text, std::string_view what, const std::string& path) {
  text += fmt::format("  {:<8} {}\n", what, path.empty() ? "none" : printable(path));
}

}  // namespace

bool is_complete(const KernelListing& kernel) {
  return !kernel.build_directory.empty() && kernel.gaps.empty();
}

std::string kernels_text(const KernelsReport& report, bool color, bool quiet) {
  std::size_t width = 0;
  for (const KernelListing& kernel : report.kernels) width = std::max(width, kernel.release.size());
  std::string text;
  for (const KernelListing& kernel : report.kernels) {
    if (quiet && (is_complete(kernel) || kernel.build_directory.empty())) continue;
    const char* const code = is_complete(kernel) ? "32" : "33";
    const std::string word = state(kernel);
    text += fmt::format("{:<{}}  {:<8} {}{}\n", printable(kernel.release), width,
                        kernel.arch.empty() ? "?" : kernel.arch,
                        color ? fmt::format("\033[{}m{}\033[0m", code, word) : word,
                        kernel.release == report.running ? ", running" : "");
    append_path(text, "headers", kernel.build_directory);
    append_path(text, "modules", kernel.modules_dir);
    append_path(text, "image", kernel.image);
    for (const Gap& gap : kernel.gaps)
      text += fmt::format("  lacks: {}\n    {}\n", printable(gap.what), printable(gap.hint));
  }
  if (report.kernels.empty() && !quiet) {
    text += fmt::format("no kernel below {}: no headers, no modules, no image\n", report.root);
  }
  return text;
}

std::string kernels_json(const KernelsReport& report) {
  Json kernels = Json::array();
  for (const KernelListing& kernel : report.kernels) {
    Json gaps = Json::array();
    for (const Gap& gap : kernel.gaps) gaps.push_back({{"what", gap.what}, {"hint", gap.hint}});
    kernels.push_back({{"release", kernel.release},
                       {"arch", or_null(kernel.arch)},
                       {"running", kernel.release == report.running},
                       {"headers", or_null(kernel.build_directory)},
                       {"modules", or_null(kernel.modules_dir)},
                       {"image", or_null(kernel.image)},
                       {"complete", is_complete(kernel)},
                       {"gaps", std::move(gaps)}});
  }
  const Json json{{"schema", "kovet.kernels/1"},
                  {"kovet", KOVET_VERSION},
                  {"root", report.root},
                  {"running", or_null(report.running)},
                  {"kernels", std::move(kernels)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kovet
