#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "explain/log_line.h"

namespace kovet::explain {

namespace {

/// Joins the pieces of lines that reads deliver.
class Splitter {
 public:
  explicit Splitter(const std::function<void(std::string_view, std::uint64_t)>& take)
      : take_(take) {}

  void feed(std::string_view chunk) {
    size_.bytes += chunk.size();
    while (!chunk.empty()) {
      const std::size_t newline = chunk.find('\n');
      std::string_view piece = chunk.substr(0, newline);
      if (newline == std::string_view::npos) {
        keep(piece);
        return;
      }
      if (!pending_.empty() || cut_ || piece.size() > longest_line) {
        keep(piece);
        piece = pending_;
      }
      emit(piece);
      pending_.clear();
      chunk.remove_prefix(newline + 1);
    }
  }

  LogSize finish() {
    if (!pending_.empty()) emit(pending_);
    return size_;
  }

 private:
  void keep(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t room = longest_line - std::min(pending_.size(), longest_line);
      pending_.append(piece.substr(0, room));
      piece.remove_prefix(std::min(room, piece.size()));
      if (piece.empty()) return;
      // A console that ends lines with \r alone makes one endless line: hand on what is whole.
      const std::size_t end = pending_.rfind('\r');
      if (end == std::string::npos) {
        cut_ = true;
        return;
      }
      pieces(std::string_view(pending_).substr(0, end), size_.lines + 1);
      pending_.erase(0, end + 1);
    }
  }

  /// A line of a serial console may hold carriage returns: each ends one.
  void emit(std::string_view line) {
    ++size_.lines;
    if (cut_) ++size_.cut_lines;
    cut_ = false;
    pieces(line, size_.lines);
  }

  void pieces(std::string_view line, std::uint64_t number) {
    while (!line.empty()) {
      const std::size_t end = std::min(line.find('\r'), line.size());
      if (end > 0) take_(line.substr(0, end), number);
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }

  const std::function<void(std::string_view, std::uint64_t)>& take_;
  std::string pending_;
  bool cut_ = false;
  LogSize size_;
};

}  // namespace

Result<LogSize> read_lines(int descriptor, std::string_view name,
                           const std::function<void(std::string_view, std::uint64_t)>& take) {
  Splitter splitter(take);
  std::vector<char> buffer(256 * 1024);
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got == 0) return splitter.finish();
    if (got > 0) {
      splitter.feed({buffer.data(), static_cast<std::size_t>(got)});
    } else if (errno == EAGAIN) {
      return splitter.finish();  // /dev/kmsg, opened without blocking: that was all
    } else if (errno != EINTR && errno != EPIPE) {  // EPIPE: kmsg records were overwritten
      return Error{std::string(name), fmt::format("cannot be read: {}", std::strerror(errno)), ""};
    }
  }
}

LogSize split_lines(std::string_view text,
                    const std::function<void(std::string_view, std::uint64_t)>& take) {
  Splitter splitter(take);
  splitter.feed(text);
  return splitter.finish();
}

}  // namespace kovet::explain
