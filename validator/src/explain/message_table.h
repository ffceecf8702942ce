#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "explain/keywords.h"
#include "explain/message.h"
#include "explain/pattern.h"

namespace kovet::explain {

// journalctl -o verbose and -o export: a record's beginning, and the field with its origin.
inline constexpr std::string_view record_start = " [s=", export_start = "__CURSOR=",
                                  transport = "_TRANSPORT=";

/// The rows of the table with their compiled patterns, and the keywords that choose among them.
struct MessageTable {
  struct Entry {
    std::uint16_t row;
    Pattern pattern;
  };
  std::vector<Message> rows;
  std::vector<Entry> entries;  ///< by row, so the table's order holds
  std::vector<std::string_view> keywords;
  std::size_t oops_begin;  ///< keywords from here on begin an oops or a record
  Keywords finder;

  MessageTable();
};

/// Compiled once for the process.
const MessageTable& message_table();

}  // namespace kovet::explain
