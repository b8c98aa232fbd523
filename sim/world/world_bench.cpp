#include <benchmark/benchmark.h>

#include "sim/world/world.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

// `range` timers that re-arm themselves at random distances: a queue that is never empty, as in a real run.
void World_Events(benchmark::State& state) {
  struct Timer {
    World& world;
    Random random;
    void run() {
      world.after(Duration(random.between(1, 1'000'000)), [this] { run(); });
    }
  };
  World world(1);
  std::vector<Timer> timers(static_cast<std::size_t>(state.range(0)), Timer{world, world.random("timer")});
  for (Timer& timer : timers) timer.run();
  std::int64_t events = 0;
  for (auto _ : state) {
    world.after(1ms, [&world] { world.stop(); });
    world.run_until(Time::max());
    events += state.range(0) * 2;  // half a millisecond between two of a timer
  }
  state.SetItemsProcessed(events);
}
BENCHMARK(World_Events)->Arg(10)->Arg(1000);

void World_ScheduleAndCancel(benchmark::State& state) {
  World world(1);
  for (auto _ : state) world.cancel(world.after(1s, [] {}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(World_ScheduleAndCancel);

void Trace_Note(benchmark::State& state) {
  Trace trace;
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  std::uint64_t number = 0;
  for (auto _ : state)
    trace.note(Time(5), "alice", "deliver", ++number, bytes);
  benchmark::DoNotOptimize(trace.hash());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Trace_Note)->Arg(0)->Arg(30)->Arg(1460);

}  // namespace
}  // namespace mqttvet::sim
