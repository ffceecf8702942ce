#include "cli/document.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace kovet::cli {

namespace {

/// Text for troff: no line starts a request, and backslashes and dashes stay what they are.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::vector<std::string> flags_of(const CLI::Option& option) {
  if (option.get_group().empty()) return {};  // for typing mistakes, not for readers
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::string options_section(const CLI::App& command) {
  std::string out, arguments;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    const auto names = flags_of(*option);
    const std::string value = takes_value(*option) ? option->get_type_name() : "";
    if (names.empty()) {
      arguments +=
          fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(value.empty() ? option->get_name() : value),
                      roff(option->get_description()));
      continue;
    }
    out += ".TP\n";
    for (std::size_t i = 0; i < names.size(); ++i)
      out += fmt::format("{}\\fB{}\\fR", i ? ", " : "", roff(names[i]));
    if (!value.empty()) out += fmt::format(" \\fI{}\\fR", roff(value));
    out += "\n" + roff(option->get_description()) + "\n";
  }
  if (!arguments.empty()) arguments = ".SH ARGUMENTS\n" + arguments;
  return arguments + ".SH OPTIONS\n" + out;
}

std::string heading(const std::string& name, const std::string& date) {
  return fmt::format(".TH {} 1 {} \"Kovet {}\" \"Kovet\"\n", upper(roff(name)), date,
                     KOVET_VERSION);
}

std::string synopsis_of(const CLI::App& command) {
  std::string out = fmt::format("\\fBkovet {}\\fR [\\fIoption\\fR]...", roff(command.get_name()));
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional() || !flags_of(*option).empty()) continue;
    const bool many = option->get_items_expected_max() > 1;
    const std::string word =
        fmt::format("\\fI{}\\fR{}", roff(option->get_type_name()), many ? "..." : "");
    out += option->get_required() ? " " + word : " [" + word + "]";
  }
  return out;
}

constexpr std::string_view guides =
    "Guides, in validator/doc of the source: my\\-module\\-does\\-not\\-load.md, from what you "
    "see to the command that tells why; folklore.md, what is said about loading and what is so.\n";

std::string command_page(const CLI::App& command, const std::string& date) {
  const std::string name = "kovet-" + command.get_name();
  std::string out = heading(name, date);
  out += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(command.get_description()));
  out += fmt::format(".SH SYNOPSIS\n{}\n", synopsis_of(command));
  out += options_section(command);
  if (const std::string footer = command.get_footer(); !footer.empty())
    out += fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", roff(footer));
  out += ".SH SEE ALSO\n.BR kovet (1)\n";
  if (name == "kovet-explain" || name == "kovet-host" || name == "kovet-taint")
    out += fmt::format(".PP\n{}", guides);
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::sort(commands.begin(), commands.end(),
            [](const auto* a, const auto* b) { return a->get_name() < b->get_name(); });
  return commands;
}

std::string main_page(const CLI::App& app, const std::string& date) {
  std::string out = heading("kovet", date);
  out += fmt::format(".SH NAME\nkovet \\- {}\n", roff(app.get_description()));
  out += ".SH SYNOPSIS\n\\fBkovet\\fR \\fIcommand\\fR [\\fIoption\\fR]... [\\fIargument\\fR]...\n";
  out += ".SH COMMANDS\nEach has a page of its own.\n";
  for (const CLI::App* command : commands_of(app))
    out += fmt::format(".TP\n.BR kovet\\-{} (1)\n{}\n", roff(command->get_name()),
                       roff(command->get_description()));
  out += options_section(app);
  out +=
      ".SH EXIT STATUS\n.TP\n0\nnothing at or above the threshold\n.TP\n1\nfindings\n.TP\n2\n"
      "usage, input or setup error\n.TP\n3\nundetermined, only with \\-\\-strict\n.PP\n"
      "\\fBkovet signature\\fR has its own, see there.\n";
  out += fmt::format(".SH SEE ALSO\n{}", guides);
  return out;
}

/// One line, without what a shell's quotes would trip over.
std::string plain(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += ' ';
    else if (c == '\'')
      out += "\xe2\x80\x99";  // an apostrophe that no shell takes for a quote
    else if (c != '[' && c != ']' && c != '"' && c != '`' && c != '\\' && c != '$')
      out += c;
  }
  return out;
}

/// The words that an option takes, where its help lists them; empty: it takes a file or anything.
std::string_view values_of(const std::string& flag) {
  if (flag == "--format") return "text json sarif junit github";
  if (flag == "--threshold") return "error warning note";
  if (flag == "--color") return "auto always never";
  if (flag == "--policy") return "build load";
  if (flag == "--accel") return "auto kvm tcg";
  return {};
}

/// Colons separate fields in zsh.
std::string for_zsh(const std::string& text) {
  std::string out;
  for (const char c : plain(text)) out += c == ':' ? std::string("\\:") : std::string(1, c);
  return out;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string names, cases, values;
  for (const char* flag : {"--format", "--threshold", "--color", "--policy", "--accel"})
    values += fmt::format(
        "    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n", flag,
        values_of(flag));
  for (const CLI::App* command : commands_of(app)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    std::string words;
    for (const CLI::Option* option : command->get_options())
      for (const std::string& flag : flags_of(*option)) words += (words.empty() ? "" : " ") + flag;
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words);
  }
  return fmt::format(
      "# Completion of kovet for bash.\n"
      "_kovet() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}  esac\n"
      "  case ${{COMP_WORDS[COMP_CWORD - 1]}} in\n{}"
      "  esac\n"
      "  case $current in\n"
      "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
      "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o filenames -F _kovet kovet\n",
      names, cases, values);
}

std::string zsh_completion(const CLI::App& app) {
  std::string names, cases;
  for (const CLI::App* command : commands_of(app)) {
    names += fmt::format("    '{}:{}'\n", command->get_name(), for_zsh(command->get_description()));
    std::string specs;
    for (const CLI::Option* option : command->get_options())
      for (const std::string& flag : flags_of(*option)) {
        const std::string_view values = values_of(flag);
        std::string value = takes_value(*option) ? ":value:_files" : "";
        if (!values.empty()) value = fmt::format(":value:({})", values);
        specs += fmt::format(" '*{}[{}]{}'", flag, for_zsh(option->get_description()), value);
      }
    cases += fmt::format("    {}) _arguments{} '*:file:_files' ;;\n", command->get_name(), specs);
  }
  return fmt::format(
      "#compdef kovet\n"
      "# Completion of kovet for zsh.\n"
      "_kovet() {{\n"
      "  local -a commands\n"
      "  commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "_kovet \"$@\"\n",
      names, cases);
}

std::string fish_completion(const CLI::App& app) {
  std::string out = "# Completion of kovet for fish.\n";
  for (const CLI::App* command : commands_of(app)) {
    const std::string& name = command->get_name();
    out += fmt::format("complete -c kovet -n __fish_use_subcommand -f -a {} -d '{}'\n", name,
                       plain(command->get_description()));
    for (const CLI::Option* option : command->get_options()) {
      if (flags_of(*option).empty()) continue;
      out += fmt::format("complete -c kovet -n '__fish_seen_subcommand_from {}'", name);
      for (const std::string& flag : option->get_snames()) out += " -s " + flag;
      for (const std::string& flag : option->get_lnames()) out += " -l " + flag;
      if (takes_value(*option)) out += " -r";
      for (const std::string& flag : flags_of(*option))
        if (const auto values = values_of(flag); !values.empty())
          out += fmt::format(" -f -a '{}'", values);
      out += fmt::format(" -d '{}'\n", plain(option->get_description()));
    }
  }
  return out;
}

std::map<std::string, std::string> documentation(const CLI::App& app, const std::string& date) {
  std::map<std::string, std::string> files;
  files["man/man1/kovet.1"] = main_page(app, date);
  for (const CLI::App* command : commands_of(app))
    files[fmt::format("man/man1/kovet-{}.1", command->get_name())] = command_page(*command, date);
  files["bash-completion/completions/kovet"] = bash_completion(app);
  files["zsh/site-functions/_kovet"] = zsh_completion(app);
  files["fish/vendor_completions.d/kovet.fish"] = fish_completion(app);
  return files;
}

}  // namespace kovet::cli
