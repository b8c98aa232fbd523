// What the guests' machinery costs: a switch between guests, a scheduling point that does not switch, a
// thread.
#include <benchmark/benchmark.h>
#include <sched.h>

#include <mutex>
#include <thread>

#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

// Runs `main` as a guest in `guests` threads that share `per_batch` things, once per iteration of the
// benchmark.
void run_batches(benchmark::State& state, int guests, std::int64_t per_batch,
                 std::function<void(std::int64_t)> main) {
  const auto backend = static_cast<Scheduler::Backend>(state.range(0));
  for (auto _ : state) {
    World world(1);
    Network network(world);
    Scheduler scheduler(world, network, {.backend = backend, .stall_max = Duration(0)});
    network.add_host("alice");
    Machine& machine = scheduler.boot("alice");
    for (int i = 0; i < guests; ++i) {
      scheduler.spawn(machine, "guest", std::function<void()>([&] { main(per_batch / guests); }));
    }
    world.run_until(24h);
  }
  state.SetItemsProcessed(state.iterations() * per_batch);
  state.SetLabel(backend == Scheduler::Backend::fibers ? "fibers" : "threads");
}

void Guest_Yield(benchmark::State& state) {
  run_batches(state, 4, 20'000, [](std::int64_t count) {
    for (; count > 0; --count) sched_yield();
  });
}
BENCHMARK(Guest_Yield)->Arg(0)->Arg(1)->UseRealTime();

void Guest_MutexPair(benchmark::State& state) {
  run_batches(state, 1, 100'000, [](std::int64_t count) {
    std::mutex mutex;
    for (; count > 0; --count) {
      mutex.lock();
      mutex.unlock();
    }
  });
}
BENCHMARK(Guest_MutexPair)->Arg(0)->Arg(1)->UseRealTime();

void Guest_CreateAndJoin(benchmark::State& state) {
  run_batches(state, 1, 500, [](std::int64_t count) {
    for (; count > 0; --count) std::thread([] {}).join();
  });
}
BENCHMARK(Guest_CreateAndJoin)->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace mqttvet::sim
