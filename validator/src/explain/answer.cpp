#include "explain/answer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "check/image_evidence.h"
#include "kernel/read_kernel.h"
#include "module/read_module.h"

namespace kovet::explain {

namespace {

namespace fs = std::filesystem;

constexpr const char* kernel_log = "/dev/kmsg";

/// A descriptor that closes itself; standard input stays open.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ > STDIN_FILENO) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

Result<void> explain_descriptor(int descriptor, Report& report) {
  Explainer explainer;
  const auto size = read_lines(
      descriptor, report.input,
      [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  if (!size) return size.error();
  report.log = explainer.finish(*size);
  return {};
}

Result<void> explain_file(const std::string& path, Report& report) {
  const bool live = path == kernel_log;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (live ? O_NONBLOCK : 0)));
  if (file.get() < 0)
    return Error{path, fmt::format("cannot be opened: {}", std::strerror(errno)),
                 live ? "sudo dmesg | kovet explain -" : ""};
  std::array<std::byte, 8> start{};
  const ssize_t got = live ? 0 : ::pread(file.get(), start.data(), start.size(), 0);
  if (got > 0) {
    const Compression compression =
        detect_compression(std::span(start).first(static_cast<std::size_t>(got)));
    if (compression != Compression::none)
      return Error{path, fmt::format("is compressed ({})", to_string(compression)),
                   fmt::format("{} {} | kovet explain -",
                               compression == Compression::gzip ? "zcat"
                               : compression == Compression::xz ? "xzcat"
                                                                : "zstdcat",
                               path)};
  }
  return explain_descriptor(file.get(), report);
}

/// "ENOEXEC", "-8", "8": surely an errno. Texts such as "File exists" could be file names.
bool plainly_errno(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return errno_number(text).has_value() ||
         (text.starts_with('E') && errno_of_text(text) && text.find(' ') == std::string_view::npos);
}

Result<void> read_input(const Request& request, Report& report) {
  const std::string& input = request.input;
  report.input = input;
  if (input == "-" || (input.empty() && ::isatty(STDIN_FILENO) == 0)) {
    report.input = "standard input";
    return explain_descriptor(STDIN_FILENO, report);
  }
  if (input.empty()) {
    report.input = kernel_log;
    return explain_file(kernel_log, report);
  }
  std::error_code error;
  if (!plainly_errno(input) && fs::exists(input, error)) return explain_file(input, report);
  const ErrnoMeaning* meaning = find_errno(input);
  if (const auto number = errno_of_text(input)) {
    report.is_log = false;
    report.errno_meaning = meaning;
    report.error = *number;
    return {};
  }
  Explainer explainer;
  const LogSize size = split_lines(
      input, [&](std::string_view line, std::uint64_t number) { explainer.line(line, number); });
  report.log = explainer.finish(size);
  report.input = "the message";
  if (const auto number = report.log.items.empty() ? errno_announced(input) : std::nullopt) {
    report.log = {};
    report.input = input;
    report.is_log = false;
    report.errno_meaning = find_errno(*number);
    report.error = *number;
    return {};
  }
  if (report.log.items.empty() && input.find(' ') == std::string::npos)
    return Error{
        input, "is no file that is here, and no errno",
        "name a log, pipe one in (dmesg | kovet explain -), or type an errno (ENOEXEC, -8)"};
  return {};
}

Result<SymbolOwners> read_owners(const std::string& path) {
  auto bytes = Bytes::map(path);
  if (!bytes) return bytes.error();
  return SymbolOwners::parse(*bytes);
}

/// Of a module that the log does not speak of, the log's lines prove nothing: said, not passed
/// over.
void note_other_modules(const Module& module, Report& report) {
  std::vector<std::string_view> others;
  bool about_it = false;
  for (const Explanation& item : report.log.items) {
    if (item.message->gate.empty() && item.stage != Stage::userspace) continue;
    const std::string_view name = subject(item);
    if (name.empty()) continue;
    if (is_about(item, module))
      about_it = true;
    else if (std::ranges::find(others, name) == others.end())
      others.push_back(name);
  }
  if (others.empty()) return;
  constexpr std::size_t most_named = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(others.size(), most_named); ++i)
    names += (i ? ", " : "") + std::string(others[i]);
  if (others.size() > most_named) names += fmt::format(" and {} more", others.size() - most_named);
  report.notes.push_back(
      about_it
          ? fmt::format("{} is the module {}; the lines about {} were not held against it",
                        module.path, module.display_name(), names)
          : fmt::format("{} is the module {}, of which this log has no line; its lines are about "
                        "{}: nothing of them was proven with this file",
                        module.path, module.display_name(), names));
}

}  // namespace

Result<Report> answer(const Request& request) {
  Report report;
  if (const auto read = read_input(request, report); !read) return read.error();

  std::optional<Module> module;
  std::optional<Kernel> kernel;
  std::optional<SymbolOwners> owners;
  Evidence evidence{.assumptions = request.assumptions};
  if (!request.module.empty()) {
    auto read =
        read_module(fs::path(request.module), max_decompressed_size, request.assumptions.extent());
    if (!read) return read.error();
    module.emplace(std::move(*read));
    evidence.module = &*module;
  }
  if (!request.kernel.empty()) {
    auto read = read_kernel(request.kernel, request.root);
    if (!read) return read.error();
    kernel.emplace(std::move(*read));
    evidence.kernel = &*kernel;
    for (const Gap& gap : kernel->gaps)
      report.notes.push_back(gap.what + (gap.hint.empty() ? "" : "; " + gap.hint));
  }
  std::string symbols = request.symbols;
  if (symbols.empty() && kernel && !kernel->modules_dir.empty()) {
    const fs::path usual = fs::path(kernel->modules_dir) / "modules.symbols";
    std::error_code error;
    if (fs::is_regular_file(usual, error)) symbols = usual.string();
  }
  if (!symbols.empty()) {
    auto read = read_owners(symbols);
    if (read) {
      owners.emplace(std::move(*read));
      evidence.owners = &*owners;
    } else if (!request.symbols.empty()) {
      return read.error();
    }
  }
  std::optional<ImageEvidence> image;
  if (module && kernel) {
    const Module* const one = &*module;
    image.emplace(*kernel, std::span(&one, 1));
    evidence.signature = image->signature_of(*module);
    evidence.image = image->facts();
  }
  report.verdict = prove(report.log.items, evidence);
  if (module) note_other_modules(*module, report);
  if (!evidence.kernel && !evidence.owners &&
      std::ranges::any_of(report.log.items,
                          [](const auto& item) { return item.message->id == "symbol-unknown"; }))
    report.notes.push_back(
        "with --kernel K (or --symbols /lib/modules/R/modules.symbols) each symbol's owner is "
        "named");
  return report;
}

Severity severity_of(const Explanation& item) {
  switch (item.stage) {
    case Stage::refused:
    case Stage::init_failed:
    case Stage::userspace:
      return Severity::error;
    case Stage::build:
    case Stage::undecided:
    case Stage::running:
    case Stage::warned:
    case Stage::loaded:
      return Severity::warning;
    case Stage::context:
      break;
  }
  return Severity::note;
}

bool has_findings(const Report& report, Severity threshold) {
  if (report.verdict && report.verdict->answer == Answer::reject) return true;
  return std::ranges::any_of(
      report.log.items, [&](const Explanation& item) { return severity_of(item) >= threshold; });
}

}  // namespace kovet::explain
