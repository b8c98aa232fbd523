// Runs the guests of one world, one at a time, in an order drawn from the world's seed.
//
//            spawn                      picked                    wait()
//   (none) --------> ready <-------------------------> running -----------> blocked
//                      ^        preempt(), event due      | main returns       |
//                      |                                  v                    |
//                      |                                ended                  |
//                      +------------------- wake_*(), deadline -----------------+
//
// A running guest goes on until it blocks, ends, is pre-empted at a scheduling point, or an event of the
// world is due. Nobody else touches anything meanwhile: between two scheduling points a guest's code is
// atomic. Blocking is waiting on a queue; a queue is any address (the pthread_cond_t, the futex word), as in
// the kernel.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/guest/backend.h"
#include "sim/guest/guest.h"
#include "sim/guest/sockets.h"
#include "sim/network/network.h"
#include "sim/plan/plan.h"
#include "sim/world/world.h"

namespace mqttvet::sim {

// What a call costs and how likely it is that another guest runs next.
struct Work {
  Duration cost;
  int weight;  // of 64 on average until a pre-emption
};
constexpr Work kMutexWork{std::chrono::nanoseconds(100), 1};
constexpr Work kSystemCall{std::chrono::microseconds(2), 16};

class Scheduler {
 public:
  enum class Backend : std::uint8_t { fibers, threads };
  struct Options {
    Backend backend = Backend::fibers;
    Schedule policy = Schedule::random;
    Duration booted = std::chrono::seconds(1000);  // of every machine: its monotonic clock at the start
    Duration stall_max = std::chrono::milliseconds(30);
  };

  Scheduler(World& world, Network& network, Options options);
  Scheduler(World& world, Network& network) : Scheduler(world, network, Options()) {}
  // Guests that have not ended are never run again; what they hold is leaked. (One process per run: see
  // process.h.)
  ~Scheduler();

  World& world() { return world_; }
  Network& network() { return network_; }
  Sockets& sockets() { return sockets_; }

  // --- From host mode ---
  // A computer of the network's host `host`; each call boots a new one.
  Machine& boot(const std::string& host);
  Guest& spawn(Machine& machine, const std::string& name, std::function<void*()> main);
  Guest& spawn(Machine& machine, const std::string& name, std::function<void()> main);
  Guest* find(std::uint32_t number);  // null if there never was one
  // Every guest that has not ended, as "alice/main blocked": for the report of a run that hangs.
  std::vector<std::string> describe() const;

  // --- From an interposer, for the guest that called it ---
  Guest& running() { return *running_; }
  // A scheduling point: spends time and may let others run.
  void point(Work work);
  void preempt();
  // Blocks on `queue` until woken (true) or until `deadline` (false); null: nobody wakes, a sleep.
  bool wait(const void* queue, std::optional<Time> deadline = std::nullopt);

  // --- From anywhere ---
  void wake_one(const void* queue);  // a drawn one of those who wait
  void wake_all(const void* queue);
  bool anyone_waits_on(const void* queue) const;
  std::uint64_t draw() { return guest_random_.next(); }  // for rand(), getrandom()... of guests

 private:
  static void run_guest(Guest& guest);
  bool run_ready();
  bool host_is_due() const;
  void make_ready(Guest& guest);
  Guest* pick();             // takes it off the ready list; null: back to the World
  void leave(Guest& guest);  // to whoever is picked; returns when it runs again
  [[noreturn]] void end(Guest& guest);
  void set_running(Guest* guest);
  void draw_countdown();

  World& world_;
  Network& network_;
  Options options_;
  Random schedule_random_;
  Random guest_random_;
  Sockets sockets_;
  std::unique_ptr<GuestBackend> backend_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::vector<Guest*> ready_;
  std::vector<Guest*> blocked_;  // in the order they blocked
  Guest* running_ = nullptr;
  Guest* last_run_ = nullptr;
  Time slice_end_{0};
  std::int64_t countdown_ = 0;
  std::int64_t lowest_priority_ = 0;
};

}  // namespace mqttvet::sim
