// Threads of guests: creation and end, identity, once, thread-specific data, condition variables, semaphores,
// yielding.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include <cerrno>

#include <fmt/format.h>

#include "sim/guest/clocks.h"
#include "sim/guest/mutex.h"
#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"
#include "sim/guest/thread_specific.h"

namespace mqttvet::sim {
namespace {

// The pthread_t of a guest: the same on every run and backend, and never the address of a real thread.
constexpr pthread_t kHandleBase = 0x6775'0000'0000'0000;
constexpr pthread_t kHandleMask = 0xffff'0000'0000'0000;

bool is_handle(pthread_t thread) {
  return (thread & kHandleMask) == kHandleBase;
}
pthread_t handle_of(const Guest& guest) {
  return kHandleBase | guest.number;
}
Guest* guest_of(Scheduler& scheduler, pthread_t thread) {
  return is_handle(thread) ? scheduler.find(static_cast<std::uint32_t>(thread & ~kHandleMask)) : nullptr;
}

// glibc: set in __wrefs by pthread_cond_init() with a monotonic clock attribute.
constexpr unsigned kMonotonicFlag = 2;

int wait_on(Guest& guest, pthread_cond_t& condition, pthread_mutex_t& mutex, std::optional<Time> deadline) {
  Scheduler& scheduler = *guest.scheduler;
  scheduler.point(kMutexWork);
  if (const int error = unlock(guest, mutex); error != 0) return error;
  const bool woken = scheduler.wait(&condition, deadline);
  if (const int error = lock(guest, mutex); error != 0) return error;
  return woken ? 0 : ETIMEDOUT;
}

// pthread_once_t as glibc has it: 0, 1 (and more bits) while running, 2 when done.
constexpr int kOnceRunning = 1;
constexpr int kOnceDone = 2;

}  // namespace
}  // namespace mqttvet::sim

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_create)(thread, attributes, start, argument);
  HostMode host(guest);
  Scheduler& scheduler = *guest->scheduler;
  Guest& created = scheduler.spawn(*guest->machine, guest->machine->host + "/thread",
                                   std::function<void*()>([start, argument] { return start(argument); }));
  created.name = fmt::format("{}-{}", created.name, created.number);
  int detached = PTHREAD_CREATE_JOINABLE;
  if (attributes) pthread_attr_getdetachstate(attributes, &detached);
  created.detached = detached == PTHREAD_CREATE_DETACHED;
  *thread = handle_of(created);
  scheduler.point(kSystemCall);
  return 0;
}

int pthread_join(pthread_t thread, void** result) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_join)(thread, result);
  HostMode host(guest);
  guest->scheduler->point(kSystemCall);
  Guest* joined = guest_of(*guest->scheduler, thread);
  if (!joined) return ESRCH;
  if (joined == guest) return EDEADLK;
  if (joined->detached) return EINVAL;
  while (joined->state != Guest::State::ended) guest->scheduler->wait(joined);
  joined->detached = true;
  if (result) *result = joined->result;
  return 0;
}

int pthread_detach(pthread_t thread) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_detach)(thread);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  Guest* detached = guest_of(*guest->scheduler, thread);
  if (!detached) return ESRCH;
  detached->detached = true;
  return 0;
}

pthread_t pthread_self() noexcept {
  const Guest* guest = current;
  return guest ? handle_of(*guest) : MQTTVET_REAL(pthread_self)();
}

int pthread_setname_np(pthread_t thread, const char* name) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_setname_np)(thread, name);
  HostMode host(guest);
  if (std::strlen(name) > 15) return ERANGE;
  Guest* named = guest_of(*guest->scheduler, thread);
  if (!named) return ESRCH;
  named->name = fmt::format("{}/{}-{}", named->machine->host, name, named->number);
  return 0;
}

// The sanitizers' runtime asks this of pthread_self(), and may do so from a guest's stack.
int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) noexcept {
  if (is_handle(thread)) thread = MQTTVET_REAL(pthread_self)();
  return MQTTVET_REAL(pthread_getattr_np)(thread, attributes);
}

int sched_yield() noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(sched_yield)();
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  guest->scheduler->preempt();
  return 0;
}

// No scheduling point between the caller's preparations and the routine: std::call_once passes it by
// thread_local.
int pthread_once(pthread_once_t* once, void (*routine)()) {
  Guest* guest = current;
  if (*once == kOnceDone) return 0;
  if (!guest) return MQTTVET_REAL(pthread_once)(once, routine);
  while (*once != kOnceDone) {
    if (*once != 0) {
      HostMode host(guest);
      guest->scheduler->wait(once);
      continue;
    }
    *once = kOnceRunning;
    try {
      routine();
    } catch (...) {
      *once = 0;
      HostMode host(guest);
      guest->scheduler->wake_all(once);
      throw;
    }
    *once = kOnceDone;
    HostMode host(guest);
    guest->scheduler->wake_all(once);
    guest->scheduler->point(kMutexWork);
  }
  return 0;
}

// --- Condition variables: nothing is kept in place, the address is the queue ---

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_cond_wait)(condition, mutex);
  HostMode host(guest);
  return wait_on(*guest, *condition, *mutex, std::nullopt);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_cond_timedwait)(condition, mutex, until);
  HostMode host(guest);
  if (!is_valid(*until)) return EINVAL;
  const bool monotonic = (condition->__data.__wrefs & kMonotonicFlag) != 0;
  const Time deadline = world_time(*guest, monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, *until);
  return wait_on(*guest, *condition, *mutex, deadline);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
  HostMode host(guest);
  if (!is_valid(*until)) return EINVAL;
  return wait_on(*guest, *condition, *mutex, world_time(*guest, clock, *until));
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_cond_signal)(condition);
  HostMode host(guest);
  guest->scheduler->wake_one(condition);
  guest->scheduler->point(kMutexWork);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(pthread_cond_broadcast)(condition);
  HostMode host(guest);
  guest->scheduler->wake_all(condition);
  guest->scheduler->point(kMutexWork);
  return 0;
}

// --- Semaphores: libc's own counting, simulated waiting ---

int sem_post(sem_t* semaphore) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(sem_post)(semaphore);
  HostMode host(guest);
  const int result = MQTTVET_REAL(sem_post)(semaphore);
  guest->scheduler->wake_one(semaphore);
  guest->scheduler->point(kMutexWork);
  return result;
}

int sem_wait(sem_t* semaphore) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(sem_wait)(semaphore);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  while (MQTTVET_REAL(sem_trywait)(semaphore) != 0) guest->scheduler->wait(semaphore);
  return 0;
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(sem_timedwait)(semaphore, until);
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  if (!is_valid(*until)) return host.fail(EINVAL);
  const Time deadline = world_time(*guest, CLOCK_REALTIME, *until);
  while (MQTTVET_REAL(sem_trywait)(semaphore) != 0) {
    if (!guest->scheduler->wait(semaphore, deadline)) return host.fail(ETIMEDOUT);
  }
  return 0;
}

// --- Thread-specific data ---

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  const int error = MQTTVET_REAL(pthread_key_create)(key, destructor);
  if (error == 0) note_specific_key(*key, destructor);
  return error;
}

int __pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  return pthread_key_create(key, destructor);
}

void* pthread_getspecific(pthread_key_t key) noexcept {
  const Guest* guest = current;
  if (!guest || !is_guest_key(key)) return MQTTVET_REAL(pthread_getspecific)(key);
  const auto found = guest->specific.find(key);
  return found == guest->specific.end() ? nullptr : found->second;
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  Guest* guest = current;
  if (!guest || !is_guest_key(key)) return MQTTVET_REAL(pthread_setspecific)(key, value);
  HostMode host(guest);
  guest->specific[key] = const_cast<void*>(value);
  return 0;
}

int pthread_key_delete(pthread_key_t key) noexcept {
  note_specific_key(key, nullptr);
  return MQTTVET_REAL(pthread_key_delete)(key);
}

}  // extern "C"
