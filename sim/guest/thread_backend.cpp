// Guests as OS threads passing a baton: whoever holds it runs, all others sleep in the kernel. Slower than
// fibers, but with real thread-local storage, for debuggers and ThreadSanitizer, and as a check that neither
// backend leaks into a run.
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "sim/guest/backend.h"

namespace mqttvet::sim {
namespace {

// Sleeps until given; never spins, since the giver is on the same CPU.
class Baton {
 public:
  void give() {
    held_.store(1, std::memory_order_release);
    syscall(SYS_futex, &held_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void take() {
    while (held_.exchange(0, std::memory_order_acquire) == 0) {
      syscall(SYS_futex, &held_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
  }

 private:
  std::atomic<int> held_{0};
};

// One at a time runs, so a second CPU would only cost the trip to it.
void stay_on_one_cpu() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const int cpu = sched_getcpu();
  if (cpu < 0 || !CPU_ISSET(cpu, &allowed)) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  sched_setaffinity(0, sizeof one, &one);
}

class ThreadBackend final : public GuestBackend {
 public:
  ThreadBackend() { stay_on_one_cpu(); }
  // Threads of guests that have not ended sleep for ever on their batons, which therefore stay.
  ~ThreadBackend() override {
    for (auto& carrier : carriers_) {
      if (!carrier->ended) static_cast<void>(carrier.release());
    }
  }

  void create(Guest& guest, Main main) override {
    carriers_.push_back(std::make_unique<Carrier>());
    Carrier& carrier = *carriers_.back();
    carrier.backend = this;
    carrier.guest = &guest;
    carrier.main = main;
    guest.context = &carrier;
    if (const int error = pthread_create(&carrier.thread, nullptr, enter, &carrier); error != 0) {
      std::fprintf(stderr, "mqttvet: no OS thread for a guest (error %d)\n", error);
      std::abort();
    }
  }

  void switch_to(Guest* from, Guest* to) override {
    // Once given away, a last run may be over and `from` gone before this thread gets to sleep for ever.
    Baton& mine = baton_of(from);
    baton_of(to).give();
    mine.take();
    join_ended();
  }

  void leave_to(Guest& from, Guest* to) override {
    Carrier& carrier = *static_cast<Carrier*>(from.context);
    carrier.ended = true;
    ended_ = &carrier;
    baton_of(to).give();
    pthread_exit(nullptr);
  }

 private:
  struct Carrier {
    Guest* guest = nullptr;
    Main main = nullptr;
    Baton baton;
    pthread_t thread{};
    bool ended = false;
    ThreadBackend* backend = nullptr;
  };

  Baton& baton_of(Guest* guest) { return guest ? static_cast<Carrier*>(guest->context)->baton : host_baton_; }

  static void* enter(void* argument) {
    Carrier& carrier = *static_cast<Carrier*>(argument);
    carrier.baton.take();
    carrier.backend->join_ended();
    carrier.main(*carrier.guest);
    return nullptr;
  }

  // A thread that has ended still runs destructors of its own; nobody else may run meanwhile.
  void join_ended() {
    if (Carrier* ended = std::exchange(ended_, nullptr)) pthread_join(ended->thread, nullptr);
  }

  std::vector<std::unique_ptr<Carrier>> carriers_;
  Baton host_baton_;
  Carrier* ended_ = nullptr;
};

}  // namespace

std::unique_ptr<GuestBackend> make_thread_backend() {
  return std::make_unique<ThreadBackend>();
}

}  // namespace mqttvet::sim
