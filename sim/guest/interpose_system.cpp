// What else a guest learns of the system: its environment, its process, and futexes, with which libstdc++
// waits for static initialisation, std::atomic and std::future.
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>

#include "sim/guest/clocks.h"
#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

constexpr pid_t kProcessId = 1000;

std::optional<Time> futex_deadline(const Guest& guest, int operation, const timespec* time) {
  if (!time) return std::nullopt;
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) return world_time_after(guest, *time);
  const bool wall = (operation & FUTEX_CLOCK_REALTIME) != 0;
  return world_time(guest, wall ? CLOCK_REALTIME : CLOCK_MONOTONIC, *time);
}

// futex(2), of the operations that libstdc++ uses.
long futex(Guest& guest, HostMode& host, int* word, int operation, int value, const timespec* time) {
  Scheduler& scheduler = *guest.scheduler;
  scheduler.point(kSystemCall);
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      if (*word != value) return host.fail(EAGAIN);
      return scheduler.wait(word, futex_deadline(guest, operation, time)) ? 0 : host.fail(ETIMEDOUT);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: {
      long woken = 0;
      for (; woken < value && scheduler.anyone_waits_on(word); ++woken) scheduler.wake_one(word);
      return woken;
    }
    default:
      abort_unmodelled("syscall (another futex operation)");
  }
}

}  // namespace
}  // namespace mqttvet::sim

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

extern "C" {

long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  HostMode host(guest);
  switch (number) {
    case SYS_futex:
      return futex(*guest, host, reinterpret_cast<int*>(a[0]), static_cast<int>(a[1]), static_cast<int>(a[2]),
                   reinterpret_cast<const timespec*>(a[3]));
    case SYS_gettid:
      return static_cast<long>(kProcessId) + guest->number;
    default:
      abort_unmodelled("syscall (other than futex and gettid)");
  }
}

char* getenv(const char* name) noexcept {
  return current ? nullptr : MQTTVET_REAL(getenv)(name);
}

char* secure_getenv(const char* name) noexcept {
  return current ? nullptr : MQTTVET_REAL(secure_getenv)(name);
}

pid_t getpid() noexcept {
  return current ? kProcessId : MQTTVET_REAL(getpid)();
}

int get_nprocs() noexcept {
  return current ? 2 : MQTTVET_REAL(get_nprocs)();
}

// There are no signals in the simulated world: a write to a closed socket fails with EPIPE.
sighandler_t signal(int number, sighandler_t handler) noexcept {
  return current ? SIG_DFL : MQTTVET_REAL(signal)(number, handler);
}

int sigaction(int number, const struct sigaction* action, struct sigaction* old) noexcept {
  if (!current) return MQTTVET_REAL(sigaction)(number, action, old);
  if (old) *old = {};
  return 0;
}

}  // extern "C"
