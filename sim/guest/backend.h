// How guests get stacks and are switched: fibers of one OS thread, or OS threads of which one at a time holds
// a baton. The scheduler decides everything; a backend only carries it out, so the same seed gives the same
// run on both.
#pragma once

#include <memory>

#include "sim/guest/guest.h"

namespace mqttvet::sim {

class GuestBackend {
 public:
  using Main = void (*)(Guest&);  // runs a guest to its end; never returns

  virtual ~GuestBackend() = default;
  // Gives `guest` a stack on which `main` will run when it is first switched to.
  virtual void create(Guest& guest, Main main) = 0;
  // Leaves `from` (null: the World's stack) for `to` (null: the World's stack); returns when `from` is
  // switched to again.
  virtual void switch_to(Guest* from, Guest* to) = 0;
  // The last switch of a guest that has ended; its stack is given back later.
  [[noreturn]] virtual void leave_to(Guest& from, Guest* to) = 0;
};

std::unique_ptr<GuestBackend> make_fiber_backend();
std::unique_ptr<GuestBackend> make_thread_backend();

}  // namespace mqttvet::sim
