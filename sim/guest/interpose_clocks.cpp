// Clocks and sleeping of guests: all in simulated time.
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "sim/guest/clocks.h"
#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

// A reading that a program could mean; further ahead counts as "never" and would overflow nanoseconds.
constexpr std::chrono::seconds kFarthest = std::chrono::hours(24 * 365 * 100);

Duration to_duration(const timespec& time) {
  const std::chrono::seconds seconds(time.tv_sec);
  return std::min<Duration>(seconds, kFarthest) + std::chrono::nanoseconds(time.tv_nsec);
}

void sleep_for(Guest& guest, const timespec& delay) {
  guest.scheduler->point(kSystemCall);
  guest.scheduler->wait(nullptr, world_time_after(guest, delay));
}

}  // namespace

Duration clock_reading(const Guest& guest, clockid_t clock) {
  const Time now = guest.scheduler->world().now();
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return kEpoch + now + guest.machine->clock_offset;
    default:
      return guest.machine->booted + now;  // monotonic, boot, raw; CPU time as if nobody else ran
  }
}

Time world_time(const Guest& guest, clockid_t clock, const timespec& reading) {
  const Time now = guest.scheduler->world().now();
  const Duration ahead = to_duration(reading) - clock_reading(guest, clock);
  return now + std::max(ahead, Duration(0));
}

Time world_time_after(const Guest& guest, const timespec& delay) {
  return guest.scheduler->world().now() + to_duration(delay);
}

timespec to_timespec(Duration duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace mqttvet::sim

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(clock_gettime)(clock, time);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  *time = to_timespec(clock_reading(*guest, clock));
  return 0;
}

int gettimeofday(timeval* time, void* zone) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(gettimeofday)(time, zone);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  const timespec now = to_timespec(clock_reading(*guest, CLOCK_REALTIME));
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* into) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(time)(into);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  const time_t now = to_timespec(clock_reading(*guest, CLOCK_REALTIME)).tv_sec;
  if (into) *into = now;
  return now;
}

int nanosleep(const timespec* delay, timespec* left) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(nanosleep)(delay, left);
  HostMode host(guest);
  if (!is_valid(*delay) || delay->tv_sec < 0) return host.fail(EINVAL);
  sleep_for(*guest, *delay);
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(clock_nanosleep)(clock, flags, time, left);
  HostMode host(guest);
  if (!is_valid(*time)) return EINVAL;
  if ((flags & TIMER_ABSTIME) == 0) {
    sleep_for(*guest, *time);
  } else {
    guest->scheduler->point(kSystemCall);
    guest->scheduler->wait(nullptr, world_time(*guest, clock, *time));
  }
  return 0;
}

int usleep(useconds_t microseconds) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(usleep)(microseconds);
  HostMode host(guest);
  sleep_for(*guest, to_timespec(std::chrono::microseconds(microseconds)));
  return 0;
}

unsigned sleep(unsigned seconds) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(sleep)(seconds);
  HostMode host(guest);
  sleep_for(*guest, {.tv_sec = seconds, .tv_nsec = 0});
  return 0;
}

}  // extern "C"
