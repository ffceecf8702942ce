#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "host/host.h"
#include "report/printable.h"

namespace kovet {

namespace {

class Page {
 public:
  explicit Page(bool color) : color_(color) {}
  void line(std::string_view text) { text_ += printable(text) + "\n"; }
  void head(std::string_view text) { text_ += fmt::format("\n{}\n", paint(printable(text), "1")); }
  void item(std::string_view text) { text_ += "  " + printable(text) + "\n"; }
  void detail(std::string_view text) { text_ += "    " + printable(text) + "\n"; }
  void painted(std::string_view text, const char* code) {
    text_ += paint(printable(text), code) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string paint(std::string text, const char* code) const {
    return color_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }
  bool color_;
  std::string text_;
};

void print_files(const HostTarget& target, Page& page) {
  if (target.files.empty()) return;
  page.head("Files of that name");
  for (const auto& file : target.files)
    page.item(
        fmt::format("{} {}: {}{}", file.indexed ? ">" : " ", file.path, file.reason,
                    file.indexed && target.files.size() > 1 ? " (modprobe takes this one)" : ""));
}

std::string describe(const HostStep& step) {
  if (step.builtin) return fmt::format("{} is built in", step.name);
  std::string text = !step.install.empty() ? fmt::format("run: {}", step.install)
                     : step.path.empty()
                         ? fmt::format("{} is in no index: there is nothing to insert", step.name)
                         : fmt::format("insmod {} {}", step.path, step.option_text);
  while (text.ends_with(' ')) text.pop_back();
  if (step.role == HostStep::Role::dependency) text += "  [needed]";
  if (step.role == HostStep::Role::softdep_before || step.role == HostStep::Role::softdep_after)
    text += "  [soft dependency: failing does not matter]";
  if (step.loaded) text += "  [already loaded]";
  if (step.install.empty() && !step.path.empty() && !step.exists) text += "  [the file is missing]";
  if (step.kernel_blacklisted) text += "  [module_blacklist=]";
  return text;
}

void print_steps(const HostTarget& target, Page& page) {
  if (target.steps.empty()) return;
  page.head("What modprobe does, in order");
  std::set<std::string> before;
  for (const auto& step : target.steps) {
    // libkmod plans some modules several times; when it comes to the second time, they are there.
    const bool again = step.install.empty() && !step.builtin && !before.insert(step.name).second;
    page.item(describe(step) + (again ? "  [loaded by then]" : ""));
    if (again) continue;
    if (!step.install.empty()) page.detail("from " + to_string(step.install_at));
    if (step.blacklist && step.role != HostStep::Role::itself)
      page.detail(fmt::format("blacklisted in {}, which does not stop a dependency",
                              to_string(*step.blacklist)));
    for (const auto& option : step.options)
      page.detail(fmt::format("{}{}{}  from {}: {}{}{}{}", option.argument.name,
                              option.argument.has_value ? "=" : "", option.argument.value,
                              to_string(option.at), to_string(option.fit.kind),
                              option.fit.type.empty() ? "" : " " + option.fit.type,
                              option.fit.note.empty() ? "" : ", " + option.fit.note,
                              option.overridden ? "; set again later" : ""));
  }
  for (const auto& gap : target.gaps)
    page.item(fmt::format("missing: {} ({}): {}", gap.name, to_string(gap.named_at), gap.why));
}

std::string shown(const ConfigEntry& line) {
  return fmt::format("{}: {} {}{}{}", to_string(line.at), to_string(line.kind), line.name,
                     line.value.empty() ? "" : " ", line.value);
}

void print_lines(const HostTarget& target, Page& page) {
  if (target.lines.empty() && target.aliases.empty() && target.via_alias.empty()) return;
  page.head("Configuration about it");
  if (!target.via_alias.empty())
    page.item(
        fmt::format("reached by the alias {} ({})", target.via_alias, to_string(target.alias_at)));
  for (const auto* lines : {&target.lines, &target.aliases})
    for (const auto& line : *lines) page.item(shown(line));
}

void print_boot(const HostTarget& target, Page& page) {
  page.head("At boot");
  for (const auto& load : target.boot)
    page.item(fmt::format("{}: {}", to_string(load.at), load.effect));
  const auto blacklist =
      std::find_if(target.lines.begin(), target.lines.end(),
                   [](const ConfigEntry& line) { return line.kind == ConfigKind::blacklist; });
  if (target.path.empty())
    page.item("no alias is known of it: it is in no index");
  else if (target.file_aliases.empty())
    page.item("nothing asks for it by itself: the file has no alias");
  else if (blacklist != target.lines.end())
    page.item(fmt::format(
        "its aliases (devices, file systems, protocols) do not load it: blacklisted in {}",
        to_string(blacklist->at)));
  else
    page.item(fmt::format("loaded on demand by any of its aliases ({}), such as {}",
                          target.file_aliases.size(), target.file_aliases.front()));
  if (target.initramfs.empty()) page.item("no initramfs of this release was found");
  for (const auto& image : target.initramfs) {
    if (!image.problem.empty())
      page.item(fmt::format("{} could not be read: {}", image.path, image.problem));
    else if (image.copies.empty())
      page.item(fmt::format("{} has no copy of it", image.path));
    for (const auto& copy : image.copies)
      page.item(fmt::format("{} has {}: {}{}", image.path, copy.path, copy.relation,
                            copy.note.empty() ? "" : " (" + copy.note + ")"));
    for (const auto& at : image.loads) page.item(fmt::format("{}: loaded there", to_string(at)));
    for (const auto& line : image.lines) page.item(shown(line));
  }
}

}  // namespace

std::string host_text(const HostReport& report, bool color, bool quiet) {
  Page page(color);
  const bool fine = report.answer == HostAnswer::would_load ||
                    report.answer == HostAnswer::already_loaded ||
                    report.answer == HostAnswer::built_in;
  page.painted(report.sentence, fine ? "1;32" : "1;31");
  for (const auto& finding : report.findings)
    if (finding.message == report.sentence && !finding.hint.empty())
      page.item("fix: " + finding.hint);
  if (!quiet) {
    page.line(fmt::format(
        "modprobe {} on {}, kernel {}{}",
        report.given_file.empty() ? report.question.subject : report.targets.front().name,
        report.root, report.release, report.running ? " (running)" : ""));
    if (!report.given_file.empty())
      page.line(fmt::format("{}: {}", report.given_file, report.given_relation));
    for (const auto& target : report.targets) {
      if (report.targets.size() > 1) page.head(target.name + ": " + target.sentence);
      if (target.repeated && target.answer == HostAnswer::already_loaded) continue;
      print_files(target, page);
      print_steps(target, page);
      if (target.repeated) continue;
      print_lines(target, page);
      const bool in_image =
          std::any_of(target.initramfs.begin(), target.initramfs.end(),
                      [](const Initramfs& image) { return !image.copies.empty(); });
      if (!target.path.empty() || !target.boot.empty() || in_image) print_boot(target, page);
    }
  }
  bool headed = quiet;
  for (const auto& finding : report.findings) {
    if (quiet && finding.severity != Severity::error) continue;
    if (finding.message == report.sentence) continue;
    if (!headed) page.head("Findings");
    headed = true;
    page.item(
        fmt::format("{}: {} [{}]", severity_word(finding.severity), finding.message, finding.id));
    if (!finding.hint.empty()) page.detail(finding.hint);
  }
  if (!quiet) {
    page.head("Assumed");
    for (const auto& assumption : report.assumptions) page.item(assumption);
  }
  return page.take();
}

}  // namespace kovet
