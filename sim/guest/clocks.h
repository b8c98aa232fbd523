// The clocks as a guest sees them: its machine's wall clock and its machine's monotonic one.
#pragma once

#include <ctime>

#include "sim/guest/guest.h"

namespace mqttvet::sim {

// What `clock` shows now on the guest's machine.
Duration clock_reading(const Guest& guest, clockid_t clock);
// When `clock` will show `reading`; not before now.
Time world_time(const Guest& guest, clockid_t clock, const timespec& reading);
// When `delay` from now has passed.
Time world_time_after(const Guest& guest, const timespec& delay);

inline bool is_valid(const timespec& time) {
  return time.tv_nsec >= 0 && time.tv_nsec < 1'000'000'000;
}
timespec to_timespec(Duration duration);

}  // namespace mqttvet::sim
