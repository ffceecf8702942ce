/*
 * The first and only program of the guest. Reads /jobs, loads and unloads modules one after the
 * other, and reports on the second serial port; the first belongs to the kernel's console. What a
 * module prints arrives as the text of a "K" line and can therefore never look like a report.
 *
 * /jobs, one line each:
 *   D <id> <seconds> <flags> <path>\t<parameters>    load what the next modules need; id -1: its
 *                                                    unloading is not reported
 *   M <id> <seconds> <flags> <path>\t<parameters>    load a module; flags are finit_module()'s
 *   G                                                unload, newest first, what came since the last G
 *   L                                                first line only: report the log of the boot too
 *
 * Reports, one line each:
 *   S <taint> <release>      the guest is up
 *   K <record>               a record of /dev/kmsg: "level,sequence,time,flags;text"
 *   T <count>                so many records are left out here: too many, or overwritten
 *   D <path>                 about to load a dependency
 *   B <id> <taint> <pid>     about to load; the kernel's taint mask; who will load it
 *   R <id> <errno>           the answer; 0: loaded
 *   N <id> <line>            the new line of /proc/modules
 *   H <id>                   no answer within the time
 *   O <id>                   the loading process was killed by the kernel
 *   E <id> <taint>           done with this one
 *   A <path> <errno>         a dependency could not be loaded
 *   V <id>                   about to unload
 *   U <id> <errno> <taint>   unloaded, or why not; errno -1: no answer within the time,
 *                            -2: the unloading process was killed by the kernel
 *   Q                        the guest is no longer clean and stops: something stays loaded, or the
 *                            kernel warned
 *   X                        all done
 */
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/reboot.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "syscalls.h"

enum {
  e_again = 11,
  e_exist = 17,
  e_pipe = 32,
  max_loaded = 64,
  max_name = 64,
  table_size = 1 << 17,
  unload_seconds = 20,
  boot_records = 20000, /* forwarded of the boot, */
  max_records = 3000,   /* and for one module */
  lockdown_burst = 8,   /* the kernel prints 10 such lines in 5 seconds and drops the others */
  quiet_steps = 5, max_quiet_steps = 24, /* of a quarter of a second */
  bad_taints = 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14 /* bad page, oops, warning, soft lockup */
};

struct loaded_module {
  long id; /* -1: a dependency */
  char name[max_name];
};

static struct loaded_module loaded[max_loaded];
static int loaded_count;
static char before[table_size], after[table_size];
static int report_fd = -1, kmsg_fd = -1;
static long first_taint;
static char line[16384];
static unsigned long line_length;

/* The compiler may turn loops into calls of these. */
void* memcpy(void* to, const void* from, unsigned long size) {
  for (unsigned long i = 0; i < size; ++i) ((char*)to)[i] = ((const char*)from)[i];
  return to;
}
void* memset(void* to, int value, unsigned long size) {
  for (unsigned long i = 0; i < size; ++i) ((char*)to)[i] = (char)value;
  return to;
}

static void put(char c) {
  if (line_length < sizeof line - 1) line[line_length++] = c;
}
static void put_text(const char* text) {
  while (*text) put(*text++);
}
static void put_number(long number) {
  char digits[24];
  int count = 0;
  unsigned long rest = number < 0 ? 0UL - (unsigned long)number : (unsigned long)number;
  if (number < 0) put('-');
  do digits[count++] = (char)('0' + rest % 10);
  while (rest /= 10);
  while (count) put(digits[--count]);
}
static void put_field(long number) {
  put(' ');
  put_number(number);
}
static void send_line(void) {
  unsigned long sent = 0;
  put('\n');
  while (sent < line_length) {
    const long count = SYSCALL(__NR_write, report_fd, line + sent, line_length - sent, 0, 0);
    if (count <= 0) break;
    sent += (unsigned long)count;
  }
  line_length = 0;
}

static void pause_for(long seconds, long nanoseconds) {
  struct __kernel_timespec time = {seconds, nanoseconds};
  SYSCALL(__NR_nanosleep, &time, 0, 0, 0, 0);
}

static void stop(void) {
  SYSCALL(__NR_sync, 0, 0, 0, 0, 0);
  /* The host ends the guest; until then this process must not return. */
  for (;;) pause_for(1, 0);
}

/* Reads a whole file of /proc; it is NUL-terminated and cut at table_size. */
static void read_file(const char* path, char* to) {
  unsigned long length = 0;
  const long fd = SYSCALL(__NR_openat, AT_FDCWD, path, O_RDONLY, 0, 0);
  while (fd >= 0 && length < table_size - 1) {
    const long count = SYSCALL(__NR_read, fd, to + length, table_size - 1 - length, 0, 0);
    if (count <= 0) break;
    length += (unsigned long)count;
  }
  if (fd >= 0) SYSCALL(__NR_close, fd, 0, 0, 0, 0);
  to[length] = 0;
}

static long to_number(const char** text) {
  long number = 0, sign = 1;
  if (**text == '-') sign = -1, ++*text;
  while (**text >= '0' && **text <= '9') number = number * 10 + (*(*text)++ - '0');
  if (**text == ' ') ++*text;
  return sign * number;
}

static long kernel_taint(void) {
  static char text[table_size];
  const char* cursor = text;
  read_file("/proc/sys/kernel/tainted", text);
  return to_number(&cursor);
}

static int contains(const char* text, long length, const char* word) {
  for (long i = 0; i < length; ++i) {
    long k = 0;
    while (word[k] && i + k < length && text[i + k] == word[k]) ++k;
    if (!word[k]) return 1;
  }
  return 0;
}

static int lockdown_lines;
static long record_limit = boot_records;

/* Forwards what the kernel has logged since the last call; the surplus is only counted. Returns
   the number of records. */
static long forward_log(void) {
  static long next_sequence = -1;
  long records = 0, left_out = 0;
  for (;;) {
    static char record[8192];
    const long count = SYSCALL(__NR_read, kmsg_fd, record, sizeof record - 1, 0, 0);
    if (count == -e_pipe) continue; /* overwritten before it could be read */
    if (count <= 0) break;
    record[count] = 0;
    const char* cursor = record;
    while (*cursor && *cursor != ',') ++cursor;
    if (*cursor) ++cursor;
    const long sequence = to_number(&cursor);
    if (next_sequence >= 0 && sequence > next_sequence) left_out += sequence - next_sequence;
    next_sequence = sequence + 1;
    if (++records > record_limit) {
      ++left_out;
      continue;
    }
    if (contains(record, count, ";Lockdown: ")) ++lockdown_lines;
    put_text("K ");
    for (long i = 0; i < count && record[i] != '\n'; ++i) put(record[i]);
    send_line();
  }
  if (left_out) {
    put_text("T");
    put_field(left_out);
    send_line();
  }
  return records;
}

/* The kernel keeps a line that it had to cut until another one follows: init gives it an empty one,
   which is told apart by not being the kernel's own. */
static void finish_log(void) {
  SYSCALL(__NR_write, kmsg_fd, "\n", 1, 0, 0);
  forward_log();
}

/* Else such lines are limited to a few in five seconds. */
static void let_init_log(void) {
  const long fd = SYSCALL(__NR_openat, AT_FDCWD, "/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC, 0, 0);
  if (fd < 0) return;
  SYSCALL(__NR_write, fd, "on\n", 3, 0, 0);
  SYSCALL(__NR_close, fd, 0, 0, 0, 0);
}

/* Drivers still speak when init starts (clocks, input devices, the random generator), and a module
   is to be told apart from them. */
static void wait_for_quiet(void) {
  char byte;
  int quiet = 0;
  SYSCALL(__NR_getrandom, &byte, 1, 0, 0, 0); /* returns when the generator is ready */
  for (int step = 0; quiet < quiet_steps && step < max_quiet_steps; ++step) {
    pause_for(0, 250000000);
    quiet = forward_log() ? 0 : quiet + 1;
  }
}

/* Lets the kernel's limit on lockdown's lines run out, so that none is dropped. */
static void wait_for_lockdown(void) {
  if (lockdown_lines < lockdown_burst) return;
  pause_for(5, 300000000);
  lockdown_lines = 0;
}

/* What a child is asked to do. */
struct task {
  const char* path; /* 0: unload `name` */
  const char* parameters;
  const char* name;
  long flags;
  long seconds;
};

enum { no_answer = -1000, child_killed = -1001 };

static long perform(const struct task* task) {
  if (!task->path) return SYSCALL(__NR_delete_module, task->name, O_NONBLOCK, 0, 0, 0);
  const long fd = SYSCALL(__NR_openat, AT_FDCWD, task->path, O_RDONLY | O_CLOEXEC, 0, 0);
  if (fd < 0) return fd;
  return SYSCALL(__NR_finit_module, fd, task->parameters, task->flags, 0, 0);
}

/* Starts the child; it waits until something is written to `go`. */
static long start(const struct task* task, int* go, int* answer) {
  int to_child[2], from_child[2];
  if (SYSCALL(__NR_pipe2, to_child, O_CLOEXEC, 0, 0, 0) < 0) return -1;
  if (SYSCALL(__NR_pipe2, from_child, O_CLOEXEC, 0, 0, 0) < 0) return -1;
  enum { sigchld = 17 };
  const long pid = SYSCALL(__NR_clone, sigchld, 0, 0, 0, 0);
  if (pid == 0) {
    char byte;
    SYSCALL(__NR_close, from_child[0], 0, 0, 0, 0);
    /* Some of the kernel's lines name the process; this is who usually loads. */
    SYSCALL(__NR_prctl, 15 /* PR_SET_NAME */, "insmod", 0, 0, 0);
    SYSCALL(__NR_read, to_child[0], &byte, 1, 0, 0);
    const long result = perform(task);
    SYSCALL(__NR_write, from_child[1], &result, sizeof result, 0, 0);
    SYSCALL(__NR_exit, 0, 0, 0, 0, 0);
  }
  SYSCALL(__NR_close, to_child[0], 0, 0, 0, 0);
  SYSCALL(__NR_close, from_child[1], 0, 0, 0, 0);
  *go = to_child[1];
  *answer = from_child[0];
  return pid;
}

static long finish(const struct task* task, long pid, int go, int answer) {
  long result = 0;
  struct pollfd wait_for = {answer, POLLIN, 0};
  struct __kernel_timespec limit = {task->seconds, 0};
  SYSCALL(__NR_write, go, "", 1, 0, 0);
  SYSCALL(__NR_close, go, 0, 0, 0, 0);
  if (SYSCALL(__NR_ppoll, &wait_for, 1, &limit, 0, 0) <= 0) return no_answer;
  if (SYSCALL(__NR_read, answer, &result, sizeof result, 0, 0) != sizeof result)
    result = child_killed;
  SYSCALL(__NR_close, answer, 0, 0, 0, 0);
  SYSCALL(__NR_wait4, pid, 0, 0, 0, 0);
  return result;
}

static int same_name(const char* a, const char* b) {
  while (*a && *a != ' ' && *a == *b) ++a, ++b;
  return (*a == ' ' || *a == 0) && (*b == ' ' || *b == 0);
}

static const char* next_line(const char* text) {
  while (*text && *text != '\n') ++text;
  return *text ? text + 1 : text;
}

/* The line of /proc/modules that is in `after` but not in `before`; 0: none. */
static const char* new_module(void) {
  for (const char* now = after; *now; now = next_line(now)) {
    const char* then = before;
    while (*then && !same_name(now, then)) then = next_line(then);
    if (!*then) return now;
  }
  return 0;
}

static void remember(long id, const char* name) {
  if (loaded_count == max_loaded) return;
  struct loaded_module* entry = &loaded[loaded_count++];
  int i = 0;
  for (; i < max_name - 1 && name[i] && name[i] != ' '; ++i) entry->name[i] = name[i];
  entry->name[i] = 0;
  entry->id = id;
}

static int dependencies_spoke;

static void load_dependency(long id, long seconds, long flags, const char* path, const char* parameters) {
  const struct task task = {path, parameters, 0, flags, seconds};
  int go, answer;
  put_text("D ");
  put_text(path);
  send_line();
  read_file("/proc/modules", before);
  const long pid = start(&task, &go, &answer);
  const long result = finish(&task, pid, go, answer);
  finish_log();
  read_file("/proc/modules", after);
  if (result < 0 && result != -e_exist) {
    put_text("A ");
    put_text(path);
    put_field(-result);
    send_line();
    return;
  }
  const char* entry = new_module();
  if (result == 0 && entry) remember(id, entry);
  dependencies_spoke = 1;
}

static void load_module(long id, long seconds, long flags, const char* path,
                        const char* parameters) {
  const struct task task = {path, parameters, 0, flags, seconds};
  int go, answer;
  wait_for_lockdown();
  while (dependencies_spoke) {
    pause_for(0, 100000000);
    if (forward_log() == 0 || ++dependencies_spoke > max_quiet_steps) dependencies_spoke = 0;
  }
  read_file("/proc/modules", before);
  const long pid = start(&task, &go, &answer);
  forward_log();
  put_text("B");
  put_field(id);
  put_field(kernel_taint());
  put_field(pid);
  send_line();
  const long result = finish(&task, pid, go, answer);
  finish_log();
  if (result == no_answer || result == child_killed) {
    put_text(result == no_answer ? "H" : "O");
    put_field(id);
    send_line();
    put_text("E");
    put_field(id);
    put_field(kernel_taint());
    send_line();
    put_text("Q");
    send_line();
    stop();
  }
  put_text("R");
  put_field(id);
  put_field(-result);
  send_line();
  read_file("/proc/modules", after);
  const char* entry = new_module();
  if (entry) {
    put_text("N");
    put_field(id);
    put(' ');
    for (const char* c = entry; *c && *c != '\n'; ++c) put(*c);
    send_line();
    remember(id, entry);
  }
  put_text("E");
  put_field(id);
  put_field(kernel_taint());
  send_line();
}

static void unload_group(void) {
  int clean = 1;
  while (loaded_count > 0) {
    const struct loaded_module* entry = &loaded[--loaded_count];
    const struct task task = {0, 0, entry->name, 0, unload_seconds};
    int go, answer;
    const long pid = start(&task, &go, &answer);
    forward_log();
    if (entry->id >= 0) {
      put_text("V");
      put_field(entry->id);
      send_line();
    }
    const long result = finish(&task, pid, go, answer);
    finish_log();
    if (result < 0) clean = 0;
    if (entry->id < 0) continue;
    put_text("U");
    put_field(entry->id);
    put_field(result == no_answer ? -1 : result == child_killed ? -2 : -result);
    put_field(kernel_taint());
    send_line();
  }
  if (clean && !(kernel_taint() & ~first_taint & bad_taints)) return;
  put_text("Q");
  send_line();
  stop();
}

/* Cuts `text` at the tab; returns what follows it. */
static char* split_at_tab(char* text) {
  while (*text && *text != '\t') ++text;
  if (!*text) return text;
  *text = 0;
  return text + 1;
}

static void run_job(char* job) {
  const char* cursor = job + 2;
  if (job[0] == 'G') return unload_group();
  if (job[0] != 'D' && job[0] != 'M') return;
  char* parameters = split_at_tab(job);
  const long id = to_number(&cursor);
  const long seconds = to_number(&cursor);
  const long flags = to_number(&cursor);
  if (job[0] == 'D')
    load_dependency(id, seconds, flags, cursor, parameters);
  else
    load_module(id, seconds, flags, cursor, parameters);
}

static char* read_jobs(void) {
  struct statx status;
  const long fd = SYSCALL(__NR_openat, AT_FDCWD, "/jobs", O_RDONLY, 0, 0);
  if (fd < 0 || SYSCALL(__NR_statx, fd, "", 0x1000 /* AT_EMPTY_PATH */, STATX_SIZE, &status) < 0)
    return 0;
  const unsigned long size = status.stx_size;
  const long memory = syscall6(__NR_mmap, 0, (long)size + 1, 3 /* read, write */,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory < 0) return 0;
  char* text = (char*)memory;
  unsigned long length = 0;
  while (length < size) {
    const long count = SYSCALL(__NR_read, fd, text + length, size - length, 0, 0);
    if (count <= 0) break;
    length += (unsigned long)count;
  }
  return text;
}

__attribute__((used, noreturn)) void guest_main(void) {
  SYSCALL(__NR_mount, "proc", "/proc", "proc", 0, 0);
  SYSCALL(__NR_mount, "sysfs", "/sys", "sysfs", 0, 0);
  SYSCALL(__NR_mount, "dev", "/dev", "devtmpfs", 0, 0);
  report_fd = (int)SYSCALL(__NR_openat, AT_FDCWD, "/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC, 0, 0);
  kmsg_fd = (int)SYSCALL(__NR_openat, AT_FDCWD, "/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC, 0, 0);
  let_init_log();
  /* From here on the console shows everything, for the case that the kernel dies. */
  SYSCALL(__NR_syslog, 8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, 0, 8, 0, 0);
  static char release[table_size];
  read_file("/proc/sys/kernel/osrelease", release);
  first_taint = kernel_taint();
  put_text("S");
  put_field(first_taint);
  put(' ');
  for (const char* c = release; *c && *c != '\n'; ++c) put(*c);
  send_line();
  char* job = read_jobs();
  if (!job || job[0] != 'L') SYSCALL(__NR_lseek, kmsg_fd, 0, 2 /* SEEK_END */, 0, 0);
  wait_for_quiet();
  record_limit = max_records;
  while (job && *job) {
    char* end = job;
    while (*end && *end != '\n') ++end;
    const char last = *end;
    *end = 0;
    run_job(job);
    job = last ? end + 1 : end;
  }
  put_text("X");
  send_line();
  stop();
  __builtin_unreachable();
}
