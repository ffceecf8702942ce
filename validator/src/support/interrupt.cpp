#include "support/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace kovet {

namespace {

constexpr std::array<int, 3> watched{SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> scope_lives{false};
std::atomic<int> caught{0};
std::atomic<int> descriptor{-1};
std::array<struct sigaction, watched.size()> former{};

static_assert(std::atomic<int>::is_always_lock_free, "the handler may only touch lock-free state");

extern "C" void remember_signal(int signal) {
  const int saved = errno;
  int none = 0;
  caught.compare_exchange_strong(none, signal);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(descriptor.load(), &one, sizeof one);
  errno = saved;
}

}  // namespace

InterruptScope::InterruptScope() {
  if (scope_lives.exchange(true)) return;
  descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  active_ = true;
  for (std::size_t i = 0; i < watched.size(); ++i) {
    ::sigaction(watched[i], nullptr, &former[i]);
    if (former[i].sa_handler == SIG_IGN) continue;  // as nohup wants it
    struct sigaction action {};
    action.sa_handler = &remember_signal;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(watched[i], &action, nullptr);
  }
}

InterruptScope::~InterruptScope() {
  if (!active_) return;
  for (std::size_t i = 0; i < watched.size(); ++i) ::sigaction(watched[i], &former[i], nullptr);
  const int fd = descriptor.exchange(-1);
  if (fd >= 0) ::close(fd);
  const int signal = caught.exchange(0);
  scope_lives = false;
  if (signal != 0) ::raise(signal);
}

int caught_signal() {
  return caught.load();
}

int interrupt_descriptor() {
  return descriptor.load();
}

}  // namespace kovet
