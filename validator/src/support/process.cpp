#include "support/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "support/interrupt.h"

// With BOOST_PROCESS_USE_STD_FS the headers of Boost 1.81 lack these two.
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
#define BOOST_PROCESS_USE_STD_FS 1
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>

namespace kovet {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace v2 = boost::process::v2;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long a grandchild may hold the pipes open after the program itself has ended.
constexpr milliseconds grace{500};

/// Runs between fork and exec: its own group, so that a timeout reaches grandchildren, and no
/// life beyond ours.
struct ChildSetup {
  const char* const* environment;

  v2::error_code on_setup(v2::posix::default_launcher& launcher, const fs::path&,
                          const char* const*) {
    launcher.env = environment;
    return {};
  }
  v2::error_code on_exec_setup(v2::posix::default_launcher&, const fs::path&, const char* const*) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    // The launcher's own closing misses some descriptors in Boost 1.81. Marked, not closed: the
    // launcher still reports a failed exec through its pipe.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    return {};
  }
  // The launcher would call exit(), which runs the parent's handlers and flushes its buffers
  // again. Boost 1.81 looks for a five-argument member and calls the four-argument one.
  void on_exec_error(v2::posix::default_launcher&, const fs::path&, const char* const*,
                     const v2::error_code&) {
    ::_exit(127);
  }
  void on_exec_error(v2::posix::default_launcher&, const v2::error_code&, const fs::path&,
                     const char* const*, const v2::error_code&) {}
};

/// The environment of the child as execve() takes it.
class Environment {
 public:
  explicit Environment(const ProcessRequest& request) {
    for (char** entry = ::environ; entry && *entry; ++entry) {
      const std::string_view text(*entry);
      const auto name = text.substr(0, text.find('='));
      const bool replaced = std::ranges::any_of(request.environment,
                                                [&](auto& pair) { return pair.first == name; }) ||
                            std::ranges::find(request.without, name) != request.without.end();
      if (!replaced) strings_.emplace_back(text);
    }
    for (const auto& [name, value] : request.environment) strings_.push_back(name + "=" + value);
    for (const auto& string : strings_) pointers_.push_back(string.c_str());
    pointers_.push_back(nullptr);
  }
  const char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<const char*> pointers_;
};

/// One run: two pipes, a deadline, and the end of the program, in one event loop of its own.
class Run {
 public:
  explicit Run(const ProcessRequest& request) : request_(request) {}

  ProcessOutcome operator()(const fs::path& program) {
    const Environment environment(request_);
    const auto start = steady_clock::now();
    const auto directory = request_.directory.empty() ? fs::path(".") : request_.directory;
    process_.emplace(context_, program, request_.arguments,
                     v2::process_stdio{nullptr, out_.pipe, err_.pipe},
                     v2::process_start_dir(directory), ChildSetup{environment.data()});
    deadline_.expires_at(start + request_.timeout);
    deadline_.async_wait([this](auto error) {
      if (!error) kill_group(outcome_.timed_out);
    });
    rearm_idle();
    watch_interrupt();
    read(out_, outcome_.out);
    read(err_, outcome_.err);
    process_->async_wait([this](auto, int) { program_ended(); });
    context_.run();
    outcome_.elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    const int status = process_->native_exit_code();
    if (WIFEXITED(status)) outcome_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
    return std::move(outcome_);
  }

 private:
  struct Stream {
    explicit Stream(asio::io_context& context) : pipe(context) {}
    asio::readable_pipe pipe;
    std::array<char, 16384> buffer{};
    bool open = true;
  };

  void read(Stream& stream, std::string& kept) {
    stream.pipe.async_read_some(
        asio::buffer(stream.buffer), [this, &stream, &kept](auto error, std::size_t count) {
          const std::string_view piece(stream.buffer.data(), count);
          const auto room = request_.capture_limit - std::min(request_.capture_limit, kept.size());
          kept.append(piece.substr(0, room));
          if (count > room) outcome_.truncated = true;
          if (count > 0 && !killed_) listen(stream, piece);
          if (!error) return read(stream, kept);
          stream.open = false;
          finish_if_done();
        });
  }

  void listen(const Stream& stream, std::string_view piece) {
    if (&stream == &err_) {
      if (request_.on_error_output) request_.on_error_output(piece);
      return;
    }
    if (request_.on_output && !request_.on_output(piece)) kill_group(outcome_.stopped);
    rearm_idle();
  }

  void rearm_idle() {
    const auto limit = request_.idle_timeout ? request_.idle_timeout() : milliseconds{0};
    if (limit.count() == 0) return;
    idle_.expires_after(limit);
    idle_.async_wait([this](auto error) {
      if (!error) kill_group(outcome_.timed_out);
    });
  }

  void watch_interrupt() {
    const int fd = interrupt_descriptor();
    if (fd < 0) return;
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return;
    interrupt_.emplace(context_, copy);
    interrupt_->async_wait(asio::posix::stream_descriptor::wait_read, [this](auto error) {
      if (error) return;
      outcome_.interrupted = caught_signal();
      bool ignored = false;
      kill_group(ignored);
    });
  }

  void kill_group(bool& why) {
    if (killed_ || ended_) return;
    killed_ = why = true;
    ::kill(-process_->id(), SIGKILL);
  }

  void program_ended() {
    ended_ = true;
    if (!out_.open && !err_.open) return finish_if_done();
    deadline_.expires_after(grace);
    deadline_.async_wait([this](auto error) {
      if (error) return;
      // Who holds the pipes is of our group, unless it made itself a daemon.
      ::kill(-process_->id(), SIGKILL);
      close(out_);
      close(err_);
    });
  }

  static void close(Stream& stream) {
    boost::system::error_code ignored;
    stream.pipe.close(ignored);
  }

  void finish_if_done() {
    if (!ended_ || out_.open || err_.open) return;
    deadline_.cancel();
    idle_.cancel();
    boost::system::error_code ignored;
    if (interrupt_) interrupt_->close(ignored);
  }

  const ProcessRequest& request_;
  asio::io_context context_;
  Stream out_{context_}, err_{context_};
  asio::steady_timer deadline_{context_}, idle_{context_};
  std::optional<asio::posix::stream_descriptor> interrupt_;
  std::optional<v2::process> process_;
  ProcessOutcome outcome_;
  bool killed_ = false, ended_ = false;
};

bool can_run(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  if (name.empty()) return Error{"", "no program named", ""};
  if (name.find('/') != std::string::npos) {
    if (can_run(name)) return name;
    return Error{name, "is not there or cannot be run", ""};
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (;;) {
    const auto colon = rest.find(':');
    const auto folder = rest.substr(0, colon);
    const std::string candidate = fs::path(folder.empty() ? "." : folder) / name;
    if (can_run(candidate)) return candidate;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return Error{name, "no such program in PATH", "install it, or give its path"};
}

Result<ProcessOutcome> run_process(const ProcessRequest& request) {
  const auto program = find_program(request.program);
  if (!program) return program.error();
  std::error_code code;
  if (!request.directory.empty() && !fs::is_directory(request.directory, code))
    return Error{request.directory.string(), "is no folder to run " + request.program + " in", ""};
  if (const int signal = caught_signal(); signal != 0)
    return Error{request.program, fmt::format("not started: interrupted by signal {}", signal), ""};
  // The child changes its folder before it is executed.
  fs::path file = *program;
  if (!request.directory.empty() && file.is_relative()) file = fs::absolute(file, code);
  try {
    return Run(request)(file);
  } catch (const std::exception& failure) {
    return Error{request.program, fmt::format("cannot be run: {}", failure.what()), ""};
  }
}

}  // namespace kovet
