// What a guest does to a pthread_mutex_t, for the calls that lock one on the way (pthread_cond_wait).
#pragma once

#include <pthread.h>

#include <optional>

#include "sim/guest/guest.h"

namespace mqttvet::sim {

// 0, EBUSY, or EDEADLK of an error-checking mutex.
int try_lock(Guest& guest, pthread_mutex_t& mutex);
// Blocks in simulated time; 0, ETIMEDOUT or EDEADLK.
int lock(Guest& guest, pthread_mutex_t& mutex, std::optional<Time> deadline = std::nullopt);
// 0, or EPERM if a recursive or error-checking mutex isn't this guest's.
int unlock(Guest& guest, pthread_mutex_t& mutex);

}  // namespace mqttvet::sim
