#include "explain/message_table.h"

#include <initializer_list>

namespace kovet::explain {

namespace {

std::vector<MessageTable::Entry> compile(const std::vector<Message>& rows) {
  std::vector<MessageTable::Entry> entries;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const std::string_view text : rows[i].texts)
      if (!text.empty()) entries.push_back({static_cast<std::uint16_t>(i), Pattern(text)});
  return entries;
}

std::vector<std::string_view> words(const std::vector<MessageTable::Entry>& entries) {
  std::vector<std::string_view> words;
  for (const MessageTable::Entry& entry : entries) words.push_back(entry.pattern.keyword());
  for (const std::string_view word : std::initializer_list<std::string_view>{
           "BUG: ", "Oops", "Internal error: ", "general protection fault", "ernel BUG at ",
           "Unable to handle kernel ", "divide error: ", "invalid op",
           "stack segment: ", "double fault: ", "int3: ", "kernel tried to execute ",
           "WARNING: CPU: ", ", CPU#", record_start, export_start, transport})
    words.push_back(word);
  return words;
}

}  // namespace

MessageTable::MessageTable()
    : rows(messages()),
      entries(compile(rows)),
      keywords(words(entries)),
      oops_begin(entries.size()),
      finder(keywords) {}

const MessageTable& message_table() {
  static const MessageTable compiled;
  return compiled;
}

}  // namespace kovet::explain
