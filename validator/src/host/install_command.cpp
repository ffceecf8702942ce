#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "host/modprobe_config.h"
#include "host/parameter_fit.h"

// What an `install` line's command comes to, as far as its text tells: simple commands that are
// known, joined by ';', '&&' and '||', in braces or not. Nothing is run.

namespace kovet {

namespace {

enum class Status : std::uint8_t { succeeds, fails, unknown };

/// A list of commands so far.
struct Outcome {
  Status status = Status::succeeds;
  bool loads = false;     ///< the module is loaded in any case
  bool may_load = false;  ///< a command that is not known may load it
  bool repeats = false;   ///< modprobe is called for the module itself, in any case
  bool ends = false;      ///< exit
};

/// Words and operators; quotes keep what they hold together. Nothing for what a shell would expand.
std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  if (text.find_first_of("$`()<\n\r\\") != std::string_view::npos) return std::nullopt;
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = text.find(c, i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      word += text.substr(i, end + 1 - i);
      i = end;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == '#' && word.empty()) {
      break;
    } else if (c == ';') {
      end_word();
      words.emplace_back(";");
    } else if (c == '&' && word.ends_with('>')) {
      word += c;  // 2>&1
    } else if (c == '&' || c == '|') {
      end_word();
      if (text.substr(i + 1, 1) != std::string_view(&c, 1)) return std::nullopt;  // a pipe, a job
      words.emplace_back(2, c);
      ++i;
    } else {
      word += c;
    }
  }
  end_word();
  return words;
}

bool redirects(std::string_view word) {
  if (!word.empty() && word.front() >= '0' && word.front() <= '9') word.remove_prefix(1);
  return word.starts_with('>');
}

class Reader {
 public:
  Reader(std::vector<std::string> words, std::string_view module)
      : words_(std::move(words)), module_(module) {}

  /// Nothing: not understood.
  std::optional<Outcome> run() {
    auto outcome = list(false);
    return at_ == words_.size() ? outcome : std::nullopt;
  }

 private:
  bool operators() const {
    const std::string& word = words_[at_];
    return word == ";" || word == "&&" || word == "||";
  }

  std::optional<Outcome> list(bool in_braces) {
    Outcome total;
    std::string joint = ";";
    bool any = false;
    for (;;) {
      if (at_ == words_.size() || (in_braces && words_[at_] == "}")) {
        if (joint != ";") return std::nullopt;
        return any ? std::optional(total) : std::nullopt;
      }
      const auto next = command();
      if (!next) return std::nullopt;
      join(total, joint, *next);
      any = true;
      if (at_ == words_.size() || (in_braces && words_[at_] == "}")) return total;
      if (!operators()) return std::nullopt;
      joint = words_[at_++];
    }
  }

  static void join(Outcome& total, std::string_view joint, const Outcome& next) {
    if (total.ends) return;
    const Status before = total.status;
    if ((joint == "&&" && before == Status::fails) || (joint == "||" && before == Status::succeeds))
      return;
    if (joint == ";" || before != Status::unknown) {
      total.status = next.status;
      total.loads |= next.loads;
      total.repeats |= next.repeats;
      total.may_load |= next.may_load;
      total.ends = next.ends;
      return;
    }
    // Whether it is run is not known.
    total.may_load |= next.may_load || next.loads || next.repeats;
    if (joint == "&&" ? next.status == Status::fails && !next.ends
                      : next.status == Status::succeeds && !next.ends)
      total.status = next.status;
  }

  std::optional<Outcome> command() {
    if (words_[at_] != "{") return simple();
    ++at_;
    auto inner = list(true);
    if (!inner || at_ == words_.size() || words_[at_] != "}") return std::nullopt;
    ++at_;
    return inner;
  }

  std::optional<Outcome> simple() {
    std::vector<std::string> words;
    bool negated = false;
    while (at_ < words_.size() && !operators() && words_[at_] != "}") {
      const std::string& word = words_[at_++];
      if (word == "!" && words.empty())
        negated = !negated;
      else if (!redirects(word))
        words.push_back(word);
      else if (word.ends_with('>') && at_ < words_.size())
        ++at_;  // its file
    }
    if (words.empty()) return std::nullopt;
    auto outcome = judge(words);
    if (outcome && negated && outcome->status != Status::unknown)
      outcome->status = outcome->status == Status::succeeds ? Status::fails : Status::succeeds;
    return outcome;
  }

  std::optional<Outcome> judge(std::vector<std::string>& words) const {
    constexpr std::array<std::string_view, 16> keywords{
        "if", "then", "else", "elif", "fi",       "for",  "while", "until",
        "do", "done", "case", "esac", "function", "eval", "trap",  "set"};
    if (std::ranges::find(keywords, words[0]) != keywords.end()) return std::nullopt;
    // Quotes around the program change nothing.
    std::string& first = words[0];
    if (first.front() == '"' || first.front() == '\'') {
      if (words.size() > 1 || first.size() < 3 ||
          first.find(first.front(), 1) != first.size() - 1 ||
          first.find_first_of(" ;&|") != std::string::npos)
        return std::nullopt;
      first = first.substr(1, first.size() - 2);
    }
    const auto program = first.substr(first.rfind('/') + 1);
    Outcome outcome;
    if (program == "true" || program == ":") return outcome;
    if (program == "false") {
      outcome.status = Status::fails;
      return outcome;
    }
    if (program == "exit" && words.size() == 2) {
      outcome.status = words[1] == "0" ? Status::succeeds : Status::fails;
      outcome.ends = true;
      return outcome;
    }
    outcome.status = Status::unknown;
    outcome.may_load = true;
    // These say or ask something, whatever their words are.
    for (const std::string_view harmless : {"echo", "printf", "logger", "test", "[", "sleep"})
      if (program == harmless) outcome.may_load = false;
    // insmod takes whatever file it names, which need not be modprobe's.
    if (program != "modprobe") return outcome;
    const bool ignores = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "-i" || word == "--ignore-install";
    });
    // Others may change what it does: -n, -r, -S.
    constexpr std::array<std::string_view, 8> plain{
        "-i", "--ignore-install", "-q", "--quiet", "--verbose", "-v", "-s", "--syslog"};
    const bool other_options =
        std::any_of(words.begin() + 1, words.end(), [&](const std::string& word) {
          return word.starts_with('-') && std::ranges::find(plain, word) == plain.end();
        });
    if (other_options) return outcome;
    const bool names_it = std::any_of(words.begin() + 1, words.end(), [&](const std::string& word) {
      return module_name_of(word) == module_;
    });
    if (!names_it) return outcome;
    if (ignores) {
      outcome.status = Status::succeeds;
      outcome.loads = true;
    } else if (words.size() == 2) {  // any option may change what it does: -n, -r, -c
      outcome.repeats = true;
    }
    return outcome;
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::string_view module_;
};

}  // namespace

std::string_view to_string(CommandEffect effect) {
  constexpr std::array<std::string_view, 5> names{"fails", "does-nothing", "loads", "repeats",
                                                  "unknown"};
  return names.at(static_cast<std::size_t>(effect));
}

CommandEffect judge_command(std::string_view command, std::string_view module) {
  // modprobe replaces $CMDLINE_OPTS itself, before the shell sees it.
  constexpr std::string_view variable = "$CMDLINE_OPTS";
  std::string text(command);
  for (std::size_t at; (at = text.find(variable)) != std::string::npos;)
    text.erase(at, variable.size());
  // To the shell a carriage return is part of the word: there is no program of that name.
  if (text.find('\r') != std::string::npos)
    return split_words(text).size() == 1 && text.find_first_not_of(" \t\r") != std::string::npos &&
                   text.find_first_of(";&|`$<>(){}\n\"'\\") == std::string::npos
               ? CommandEffect::fails
               : CommandEffect::unknown;
  auto words = shell_words(text);
  if (!words) return CommandEffect::unknown;
  if (words->empty()) return CommandEffect::does_nothing;
  const auto outcome = Reader(std::move(*words), module).run();
  if (!outcome) return CommandEffect::unknown;
  if (outcome->repeats) return CommandEffect::repeats;
  if (outcome->loads)
    return outcome->status == Status::succeeds ? CommandEffect::loads : CommandEffect::unknown;
  if (outcome->may_load || outcome->status == Status::unknown) return CommandEffect::unknown;
  return outcome->status == Status::fails ? CommandEffect::fails : CommandEffect::does_nothing;
}

}  // namespace kovet
