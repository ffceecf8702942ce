#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <unordered_map>
#include <utility>

#include "explain/explain.h"
#include "explain/json_record.h"
#include "explain/message_table.h"
#include "explain/settle.h"

namespace kovet::explain {

namespace {

// What is kept at most, so that memory does not follow the log.
constexpr std::size_t most_items = 2000;
constexpr std::size_t most_symbols = 5000;  // of all blocks together
constexpr std::size_t most_oopses = 16;     // at the same time
constexpr std::size_t longest_kept_line = 500;
constexpr std::size_t longest_head = 256;

/// A crash in a module's init is no single line; these rows stand for it.
constexpr Message crash_message{
    .id = "init-crashed",
    .gate = "init",
    .stage = Stage::init_failed,
    .texts = {},
    .meaning =
        "The kernel crashed while a module's init function ran. The module was accepted by the "
        "loader; where the mistake lies, the trace alone does not prove. The module stays half "
        "loaded and cannot be removed: reboot before the next attempt.",
    .causes = {"a mistake in the module's code, at or before the function named here",
               "built with headers that do not fit the kernel, so that structures differ",
               "a mistake in what it called"},
    .next =
        "decode the trace with the kernel's scripts/decode_stacktrace.sh and the module's debug "
        "information; kovet check {module}.ko --kernel $(uname -r)"};
constexpr Message warning_message{
    .id = "init-warning",
    .gate = "init",
    .stage = Stage::running,
    .texts = {},
    .meaning =
        "The kernel printed a warning with a trace while a module's init function ran, and went "
        "on; what init returned then, the trace does not say. It sets flag W.",
    .causes = {"the condition named in the line, in the file and line it names"},
    .next = "read the source at that place; the trace shows the way there"};

/// What the kernel prints for the name of a file that has none.
bool is_no_name(std::string_view name) {
  return name == "(missing .modinfo section or name field)";
}

/// What programs write: tools' own words, and audit's records, which a daemon passes on.
bool programs_say(const Message& row) {
  return row.stage == Stage::userspace || row.stage == Stage::build || row.gate == "syscall";
}

/// Messages that come once for each index or list of the same folder.
bool told_once_a_folder(const Message& row) {
  return row.id == "depmod-write" || row.id == "depmod-lists" || row.id == "systemd-modules-load";
}

/// "    _TRANSPORT=kernel"
bool is_field(std::string_view raw) {
  raw.remove_prefix(std::min(raw.find_first_not_of(' '), raw.size()));
  const std::size_t name =
      std::min(raw.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"), raw.size());
  return name > 0 && raw.substr(name, 1) == "=";
}

bool indented(std::string_view raw) {
  constexpr std::string_view blanks = "        ";
  return raw.starts_with(blanks);
}

/// kmsg records write a newline as "\x0a": what follows is another line.
std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find("\\x0a"));
}

}  // namespace

struct Explainer::State {
  Explanations out;
  std::unordered_map<std::string, std::size_t> index;  ///< key → place in out.items
  std::unordered_map<std::string, std::unordered_map<std::string, std::size_t>> symbol_index;
  std::size_t symbols_kept = 0;
  /// By who writes them, where the kernel prints that: those of several processors may be mixed.
  std::map<std::string, OopsTracker, std::less<>> oopses;
  bool record_of_program = false;  ///< of the journal record that is being read
  bool record_known = false;       ///< its _TRANSPORT was read
  bool in_records = false;         ///< fields have a line each: what has no name continues one
  std::string head;                ///< the beginning of the last line that continues none
  std::string held;                ///< its MESSAGE, as long as that comes first
  std::uint64_t held_number = 0;
  std::vector<std::uint16_t> held_hits;
  PrettyRecords pretty;
  std::string scratch;
  std::vector<std::uint16_t> hits;

  void take(std::string_view raw, std::uint64_t number);
  void follow_record(std::string_view raw);
  void release();
  bool continues_a_programs(std::string_view raw) const;
  void follow_oops(const LogLine& line, std::uint64_t number);
  void judge(LogLine line, std::uint64_t number, const std::vector<std::uint16_t>& found);
  void explain(const Message& row, const Captures& captures, const LogLine& line,
               std::uint64_t number);
  void add_symbol(Explanation& item, const std::string& key, const Captures& captures,
                  std::optional<int> error);
  void add_crash(const InitCrash& crash);
};

void Explainer::State::explain(const Message& row, const Captures& captures, const LogLine& line,
                               std::uint64_t number) {
  const auto symbol = capture(captures, "symbol");
  std::string_view module = capture(captures, "module").value_or("");
  if (is_no_name(module)) module = {};
  std::optional<int> error;
  if (const auto text = capture(captures, "error")) {
    error = std::abs(std::atoi(std::string(text->substr(0, 10)).c_str()));
    if (row.id == "init-returned" && !text->starts_with('-')) return;  // it succeeded
  }
  if (const auto reason = capture(captures, "reason"))
    if (const auto meant = errno_of_text(*reason)) error = *meant;

  // Blocks of symbols are gathered by module or file, everything else by its words.
  std::string key =
      fmt::format("{}\n{}\n{}\n", row.id, module,
                  capture(captures, "path").value_or("").substr(0, longest_kept_line));
  if ((!symbol || row.id == "init-returned") && !told_once_a_folder(row))
    key += line.text.substr(0, longest_kept_line);
  if (const auto found = index.find(key); found != index.end()) {
    Explanation& item = out.items[found->second];
    ++item.count;
    item.last_number = number;
    if (symbol) add_symbol(item, key, captures, error);
    return;
  }
  if (out.items.size() >= most_items) {
    ++out.left_out;
    return;
  }
  Explanation item;
  item.message = &row;
  item.stage = row.stage;
  item.module = module;
  item.line = line.text.substr(0, longest_kept_line);
  item.time = line.time;
  item.number = item.last_number = number;
  for (const auto& [name, value] : captures)
    if (!is_no_name(value)) item.facts.emplace_back(name, value.substr(0, longest_kept_line));
  if (error && *error > 0 && row.id != "init-positive")
    item.error = error;
  else if (row.error > 0 && row.stage != Stage::undecided)
    item.error = row.error;
  index.emplace(key, out.items.size());
  out.items.push_back(std::move(item));
  if (symbol) add_symbol(out.items.back(), key, captures, error);
}

void Explainer::State::add_symbol(Explanation& item, const std::string& key,
                                  const Captures& captures, std::optional<int> error) {
  const std::string name(capture(captures, "symbol").value_or(""));
  auto& known = symbol_index[key];
  if (known.contains(name)) return;
  if (symbols_kept >= most_symbols) {
    ++item.symbols_left_out;
    return;
  }
  ++symbols_kept;
  SymbolNote note{.name = name, .error = error.value_or(0)};
  if (const auto space = capture(captures, "namespace"))
    note.detail = fmt::format("namespace {}", *space);
  if (const auto owner = capture(captures, "owner")) note.detail = fmt::format("module {}", *owner);
  known.emplace(name, item.symbols.size());
  item.symbols.push_back(std::move(note));
}

void Explainer::State::add_crash(const InitCrash& crash) {
  // Addresses and numbers differ each time; where it happened says whether it is the same crash.
  const std::string key =
      fmt::format("crash\n{}\n{}\n{}\n{}\n{}", crash.warning, crash.module, crash.init_function,
                  crash.fault_function, crash.fault_module);
  if (const auto found = index.find(key); found != index.end()) {
    Explanation& item = out.items[found->second];
    ++item.count;
    item.last_number = std::max(item.last_number, crash.line);
    return;
  }
  if (out.items.size() >= most_items) {
    ++out.left_out;
    return;
  }
  Explanation item;
  item.message = crash.warning ? &warning_message : &crash_message;
  item.stage = item.message->stage;
  item.module = crash.module;
  item.line = crash.what;
  item.number = item.last_number = crash.line;
  item.time = crash.time;
  if (!crash.module.empty()) item.facts.emplace_back("module", crash.module);
  const auto where = [](const std::string& function, const std::string& module) {
    return module.empty() ? fmt::format("{}() of the kernel itself", function)
                          : fmt::format("{}() of module {}", function, module);
  };
  if (!crash.module.empty() && crash.init_function.empty())
    item.details.push_back(fmt::format("the init of module {} was running", crash.module));
  else if (!crash.module.empty())
    item.details.push_back(fmt::format("the init of module {} was running, through {}()",
                                       crash.module, crash.init_function));
  else
    item.details.emplace_back("a module's init was running; the trace does not name the module");
  if (!crash.fault_function.empty())
    item.details.push_back(
        fmt::format("it happened in {}", where(crash.fault_function, crash.fault_module)));
  if (!crash.taint.empty())
    item.details.push_back(
        fmt::format("the kernel was tainted: {} (kovet taint {})", crash.taint, crash.taint));
  item.crash = crash;
  index.emplace(key, out.items.size());
  out.items.push_back(std::move(item));
}

/// Whose record the next "MESSAGE=" belongs to, where the journal's fields have a line each.
void Explainer::State::follow_record(std::string_view raw) {
  const auto text = raw.substr(std::min(raw.find_first_not_of(' '), raw.size()));
  if (text.starts_with(export_start) || raw.find(record_start) != std::string_view::npos) {
    release();
    in_records = true;
    record_of_program = record_known = false;
  } else if (text.starts_with(transport)) {
    record_of_program = text.substr(transport.size()) != "kernel";
    record_known = true;
    release();
  }
}

/// Messages of several lines: journalctl indents those after the first below the message.
bool Explainer::State::continues_a_programs(std::string_view raw) const {
  return indented(raw) && !head.empty() && strip_prefix(head).userspace;
}

/// The message that waited for its record's _TRANSPORT; without one it counts as the kernel's.
void Explainer::State::release() {
  if (held.empty()) return;
  const std::string raw = std::exchange(held, {});
  LogLine line = strip_prefix(raw);
  line.field = true;
  judge(std::move(line), held_number, held_hits);
}

void Explainer::State::follow_oops(const LogLine& line, std::uint64_t number) {
  if (const auto found = oopses.find(line.caller); found != oopses.end()) {
    if (const auto crash = found->second.take(line.text)) add_crash(*crash);
    if (!found->second.active()) oopses.erase(found);
  }
  if (!OopsTracker::begins(line.text)) return;
  if (oopses.size() >= most_oopses) {  // the oldest has ended long ago, in lines that are not here
    const auto oldest = std::ranges::min_element(
        oopses, {}, [](const auto& entry) { return entry.second.begun(); });
    if (const auto crash = oldest->second.finish()) add_crash(*crash);
    oopses.erase(oldest);
  }
  if (const auto crash = oopses[std::string(line.caller)].begin(line.text, number, line.time))
    add_crash(*crash);
}

void Explainer::State::judge(LogLine line, std::uint64_t number,
                             const std::vector<std::uint16_t>& found) {
  const MessageTable& compiled = message_table();
  if (line.field && record_of_program) line.userspace = true;
  if (line.kmsg) line.text = first_line(line.text);
  if (!line.userspace) follow_oops(line, number);
  for (const std::uint16_t hit : found) {
    if (hit >= compiled.oops_begin) break;
    const auto& entry = compiled.entries[hit];
    if (line.userspace && !programs_say(compiled.rows[entry.row])) continue;
    const auto captures = entry.pattern.match(line.text);
    if (!captures) continue;
    explain(compiled.rows[entry.row], *captures, line, number);
    return;
  }
}

Explainer::Explainer() : state_(std::make_unique<State>()) {}
Explainer::~Explainer() = default;

void Explainer::line(std::string_view raw, std::uint64_t number) {
  std::string plain;
  if (raw.find('\x1b') != std::string_view::npos)
    raw = clean(raw, plain);  // journalctl colours JSON
  if (const auto fields = state_->pretty.take(raw); !fields.empty()) {
    for (const auto& field : fields) state_->take(field, number);
    return;
  }
  for (const std::string_view prefix : {"data: ", "\x1e"})  // json-sse, json-seq
    if (raw.starts_with(prefix) && raw.substr(prefix.size()).starts_with('{'))
      raw.remove_prefix(prefix.size());
  if (raw.starts_with('{'))
    if (const auto decoded = decode_json_record(raw)) {
      const std::string writer = decoded->substr(0, decoded->find('>') + 1);
      for (auto rest = std::string_view(*decoded).substr(writer.size()); !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        state_->take(writer + std::string(rest.substr(0, end)), number);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      return;
    }
  state_->take(raw, number);
}

void Explainer::State::take(std::string_view raw, std::uint64_t number) {
  const MessageTable& compiled = message_table();
  raw = clean(raw, scratch);
  if (!indented(raw)) head.assign(raw.substr(0, longest_head));
  compiled.finder.find(raw, hits);
  // What waits may begin a crash, which takes the lines after it.
  if (oopses.empty() && held.empty() && hits.empty()) return;
  follow_record(raw);
  LogLine line = strip_prefix(raw);
  if (in_records && !line.field && line.time.empty() && !is_field(raw)) line.field = true;
  if (!in_records && continues_a_programs(raw)) line.userspace = true;
  if (line.field && !record_known) {
    release();
    if (oopses.empty() && hits.empty()) return;
    held = raw;
    held_number = number;
    held_hits = hits;
    return;
  }
  judge(std::move(line), number, hits);
}

Explanations Explainer::finish(LogSize size) {
  State& state = *state_;
  state.release();
  for (auto& [caller, oops] : state.oopses)
    if (const auto crash = oops.finish()) state.add_crash(*crash);
  settle_repetitions(state.out.items);
  for (Explanation& item : state.out.items) {
    item.meaning = fill(item.message->meaning, item.facts);
    item.next = fill(item.message->next, item.facts);
    for (const std::string_view cause : item.message->causes)
      if (!cause.empty()) item.causes.push_back(fill(cause, item.facts));
    add_details(item);
  }
  settle_stages(state.out.items);
  std::ranges::stable_sort(state.out.items, {}, &Explanation::number);
  state.out.size = size;
  return std::move(state.out);
}

}  // namespace kovet::explain
