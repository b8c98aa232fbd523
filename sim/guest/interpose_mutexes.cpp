// pthread mutexes and read-write locks of guests. A mutex is kept in place, in glibc's own representation, so
// that static initialisers, pthread_mutex_init() and use from host mode all agree with it:
//   __data.__lock    0 free, 1 held, 2 held and somebody waits
//   __data.__owner   the guest's number, while held
//   __data.__count   how often a recursive one is held
#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "sim/guest/clocks.h"
#include "sim/guest/mutex.h"
#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

constexpr int kKindMask = 3;
// Robust, priority-inheriting and process-shared ones are not modelled; 256 and 512 only steer lock elision.
constexpr int kUnmodelledKinds = 16 | 32 | 64 | 128;

int owner_of(const Guest& guest) {
  return static_cast<int>(guest.number);
}

}  // namespace

int try_lock(Guest& guest, pthread_mutex_t& mutex) {
  auto& data = mutex.__data;
  if ((data.__kind & kUnmodelledKinds) != 0)
    abort_unmodelled("pthread_mutex_lock (robust, shared or PI mutex)");
  if (data.__lock != 0) {
    if (data.__owner != owner_of(guest)) return EBUSY;
    switch (data.__kind & kKindMask) {
      case PTHREAD_MUTEX_RECURSIVE_NP:
        ++data.__count;
        return 0;
      case PTHREAD_MUTEX_ERRORCHECK_NP:
        return EDEADLK;
      default:
        return EBUSY;  // blocks for ever, as it would
    }
  }
  data.__lock = 1;
  data.__owner = owner_of(guest);
  data.__count = 1;
  ++data.__nusers;
  return 0;
}

int lock(Guest& guest, pthread_mutex_t& mutex, std::optional<Time> deadline) {
  for (bool waited = false;; waited = true) {
    const int error = try_lock(guest, mutex);
    // Who had to wait assumes that others still do.
    if (error == 0 && waited) mutex.__data.__lock = 2;
    if (error != EBUSY) return error;
    mutex.__data.__lock = 2;
    if (!guest.scheduler->wait(&mutex, deadline)) return ETIMEDOUT;
  }
}

int unlock(Guest& guest, pthread_mutex_t& mutex) {
  auto& data = mutex.__data;
  const int kind = data.__kind & kKindMask;
  const bool checked = kind == PTHREAD_MUTEX_RECURSIVE_NP || kind == PTHREAD_MUTEX_ERRORCHECK_NP;
  if (checked && (data.__lock == 0 || data.__owner != owner_of(guest))) return EPERM;
  if (kind == PTHREAD_MUTEX_RECURSIVE_NP && --data.__count > 0) return 0;
  const bool awaited = data.__lock == 2;
  data.__lock = 0;
  data.__owner = 0;
  data.__count = 0;
  --data.__nusers;
  if (awaited) guest.scheduler->wake_one(&mutex);
  return 0;
}

}  // namespace mqttvet::sim

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_mutex_lock)(mutex);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  return lock(*guest, *mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_mutex_trylock)(mutex);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  return try_lock(*guest, *mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_mutex_timedlock)(mutex, until);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  if (!is_valid(*until)) return EINVAL;
  return lock(*guest, *mutex, world_time(*guest, CLOCK_REALTIME, *until));
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_mutex_clocklock)(mutex, clock, until);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  if (!is_valid(*until)) return EINVAL;
  return lock(*guest, *mutex, world_time(*guest, clock, *until));
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_mutex_unlock)(mutex);
  HostMode host(guest);
  const int error = unlock(*guest, *mutex);
  guest->scheduler->point(kMutexWork);
  return error;
}

// Read-write locks: libc's own non-blocking calls, and simulated waiting in between.

int pthread_rwlock_rdlock(pthread_rwlock_t* rwlock) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_rwlock_rdlock)(rwlock);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  while (true) {
    const int error = MQTTVET_REAL(pthread_rwlock_tryrdlock)(rwlock);
    if (error != EBUSY) return error;
    guest->scheduler->wait(rwlock);
  }
}

int pthread_rwlock_wrlock(pthread_rwlock_t* rwlock) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_rwlock_wrlock)(rwlock);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  while (true) {
    const int error = MQTTVET_REAL(pthread_rwlock_trywrlock)(rwlock);
    if (error != EBUSY) return error;
    guest->scheduler->wait(rwlock);
  }
}

int pthread_rwlock_unlock(pthread_rwlock_t* rwlock) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_rwlock_unlock)(rwlock);
  HostMode host(guest);
  const int error = MQTTVET_REAL(pthread_rwlock_unlock)(rwlock);
  guest->scheduler->wake_all(rwlock);
  guest->scheduler->point(kMutexWork);
  return error;
}

}  // extern "C"
