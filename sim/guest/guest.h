// A guest is a thread of a real, unmodified program (a Paho client with its library's own threads) that runs
// inside our process but in the simulated world: every libc function through which it could see or touch the
// outside is ours.
//
//   guest mode  `current` points to the guest. Application and library code runs here. Whatever it calls of
//   the
//               interposed functions (interpose_*.cpp) is a *scheduling point*: it costs simulated time, it
//               may let another guest run, and it may block in simulated time.
//   host mode   `current` is null. The simulator's own code: events of the World, the network, the broker.
//   The same
//               functions go on to libc. An interposer switches to host mode on entry and back on return.
//
// Which stack runs what: events run on the stack that called World::run_until(). Each guest has a stack of
// its own, on which its own code runs and the short host-mode code of what it calls (a write into a
// sim::Endpoint). Guests hand over to each other directly, and back to the World's stack when an event is due
// or none of them can run.
//
// Code that runs in guest mode must not use thread_local: with fibers, all guests share one OS thread. What
// the C++ runtime itself keeps per thread (errno, caught exceptions, std::call_once) is swapped.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/guest/machine.h"
#include "sim/world/world.h"

namespace mqttvet::sim {

class Scheduler;

struct Guest {
  enum class State : std::uint8_t { ready, running, blocked, ended };

  Scheduler* scheduler = nullptr;
  std::uint32_t number = 0;  // 1, 2, ... in the order of creation
  std::string name;          // unique in its world: the machine and what pthread_setname_np said
  Machine* machine = nullptr;
  std::function<void*()> main;
  void* result = nullptr;  // of main, for pthread_join
  bool detached = false;

  State state = State::ready;
  const void* waiting_on = nullptr;  // the queue it is blocked on, by address
  World::EventId alarm = World::EventId::none;
  bool timed_out = false;
  std::int64_t priority = 0;  // only for Policy::pct

  std::map<std::uint32_t, void*> specific;  // pthread_setspecific
  char socket_queue = 0;                    // its address is what the guest waits on for its sockets
  void* context = nullptr;                  // the backend's
};

// Null in host mode.
extern thread_local Guest* current;

// In scope: host mode, and an errno of its own. Leaves errno as it was, unless fail() says otherwise.
class HostMode {
 public:
  explicit HostMode(Guest* guest) : guest_(guest), errno_(errno) { current = nullptr; }
  ~HostMode() {
    current = guest_;
    errno = errno_;
  }
  HostMode(const HostMode&) = delete;
  HostMode& operator=(const HostMode&) = delete;

  // The C convention: -1, and why in errno.
  int fail(int error) {
    errno_ = error;
    return -1;
  }

 private:
  Guest* guest_;
  int errno_;
};

}  // namespace mqttvet::sim
