#pragma once

namespace kovet {

/// While it lives, SIGINT, SIGTERM and SIGHUP do not end the program: run_process() kills what it
/// runs and comes back, so that temporary folders are removed on the way out. At the end of its
/// life the former handlers are back and a signal that came in is raised again. Declare it before
/// the objects that must be cleaned up. One at a time; an inner one is inert.
class InterruptScope {
 public:
  InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

 private:
  bool active_ = false;
};

/// The signal that came in during the living scope; 0: none, or no scope lives.
int caught_signal();

/// Becomes readable when a signal comes in, and stays so; -1 when no scope lives.
int interrupt_descriptor();

}  // namespace kovet
