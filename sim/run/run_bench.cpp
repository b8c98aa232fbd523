// What whole runs cost, verdict included, each in a child process as a sweep has it: the figures that
// docs/BENCHMARKS.md holds against their aims. Real time is what passed on the wall; the counters that end in
// "/core" are per second of processor time, of the child and of this process, and bear a busy machine.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/resource.h>

#include <stdexcept>

#include "sim/plan/generate.h"
#include "sim/plan/read_plan.h"
#include "sim/run/child.h"
#include "sim/run/run.h"

namespace mqttvet::sim {
namespace {

// Nobody does anything: what a run costs before its first client.
const char* const kNothing = R"(format: 1
clients: {alice: {driver: raw}}
steps: [{wait: 1ms}]
)";

// Six raw clients, three publishers with 500 messages a second each.
const char* const kRawClients = R"(format: 1
clients:
  alice: {driver: raw}
  bob: {driver: raw}
  carol: {driver: raw, version: 5.0}
  dave: {driver: raw}
  erin: {driver: raw}
  frank: {driver: raw, version: 5.0}
steps:
  - alice: connect
  - bob: connect
  - carol: connect
  - dave: connect
  - erin: connect
  - frank: connect
  - alice: {subscribe: [{filter: t/0, qos: 0}]}
  - bob: {subscribe: [{filter: t/1, qos: 1}]}
  - carol: {subscribe: [{filter: t/2, qos: 2}]}
  - {dave: {publish: {topic: t/0, qos: 0, payload: zero, count: 4000, gap: 2ms}}, background: true}
  - {erin: {publish: {topic: t/1, qos: 1, payload: one, count: 4000, gap: 2ms}}, background: true}
  - {frank: {publish: {topic: t/2, qos: 2, payload: two, count: 4000, gap: 2ms}}, background: true}
  - wait: 10s
)";

// The usual run of a sweep: two Paho C++ clients, every QoS, a connection cut in the middle, a broker that
// crashes.
const char* const kPahoWithFaults = R"(format: 1
clients:
  alice: {reconnect_max: 1s}
  bob: {version: 5.0, session_expiry: 1h, reconnect_max: 1s}
steps:
  - alice: connect
  - alice: {subscribe: [{filter: t/#, qos: 2}]}
  - bob: connect
  - bob: {publish: {topic: t/0, qos: 0, payload: zero, count: 5}}
  - bob: {publish: {topic: t/1, qos: 1, payload: one, count: 5}}
  - fault: {reset: alice}
  - bob: {publish: {topic: t/2, qos: 2, payload: two, count: 5}}
  - fault: {broker_crash: broker, for: 1s}
  - wait: 5s
  - bob: {publish: {topic: t/2, qos: 2, payload: late, count: 5}}
)";

// Three Paho clients with ten messages a second.
const char* const kPahoBusy = R"(format: 1
clients:
  alice: {}
  bob: {}
  carol: {}
steps:
  - alice: connect
  - alice: {subscribe: [{filter: t/#, qos: 2}]}
  - bob: connect
  - carol: connect
  - {bob: {publish: {topic: t/1, qos: 1, payload: one, count: 600, gap: 200ms}}, background: true}
  - {carol: {publish: {topic: t/2, qos: 2, payload: two, count: 600, gap: 200ms}}, background: true}
  - wait: 2min
)";

// Three Paho clients that only keep their connections alive, for an hour.
const char* const kPahoIdle = R"(format: 1
clients:
  alice: {keep_alive: 60s}
  bob: {keep_alive: 60s}
  carol: {keep_alive: 60s}
steps:
  - alice: connect
  - bob: connect
  - carol: connect
  - wait: 1h
)";

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Of this process and of all children that have ended.
double processor_seconds() {
  double sum = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    sum += seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return sum;
}

RunResult run_in_child(std::function<RunResult()> job) {
  Child child(std::move(job), std::chrono::steady_clock::now());
  while (child.read_some()) {
    pollfd ends[] = {{child.result_descriptor(), POLLIN, 0}, {child.error_descriptor(), POLLIN, 0}};
    poll(ends, 2, -1);
  }
  return child.collect();
}

Plan plan_of(const char* text) {
  ReadPlan read = read_plan(text, "benchmark");
  if (!read.plan) throw std::logic_error(read.messages("benchmark"));
  return std::move(*read.plan);
}

// One iteration is one run; `plan` makes its plan from its number (0, 1, ...), in the child.
void measure(benchmark::State& state, const std::function<Plan(std::uint64_t number)>& plan) {
  Summary sum;
  const double begun = processor_seconds();
  for (auto _ : state) {
    const RunResult result = run_in_child([&] { return run(plan(sum.runs), {}); });
    if (!result.passed()) {
      state.SkipWithError((result.findings.front().code + ": " + result.findings.front().text).c_str());
      return;
    }
    sum.add(result);
  }
  using benchmark::Counter;
  const double cores = processor_seconds() - begun;
  const double simulated = std::chrono::duration<double>(sum.simulated).count();
  state.counters["runs/s"] = Counter(static_cast<double>(sum.runs), Counter::kIsRate);
  state.counters["runs/core"] = static_cast<double>(sum.runs) / cores;
  state.counters["events/core"] = static_cast<double>(sum.events) / cores;
  state.counters["packets/core"] = static_cast<double>(sum.packets) / cores;
  state.counters["sim_s/s"] = Counter(simulated, Counter::kIsRate);
  state.counters["sim_s/core"] = simulated / cores;
}

void measure(benchmark::State& state, const char* text) {
  measure(state, [plan = plan_of(text)](std::uint64_t) { return plan; });
}

void Run_Nothing(benchmark::State& state) {
  measure(state, kNothing);
}
BENCHMARK(Run_Nothing)->UseRealTime()->Unit(benchmark::kMillisecond);

void Run_RawClients(benchmark::State& state) {
  measure(state, kRawClients);
}
BENCHMARK(Run_RawClients)->UseRealTime()->Unit(benchmark::kMillisecond);

void Run_PahoWithFaults(benchmark::State& state) {
  measure(state, kPahoWithFaults);
}
BENCHMARK(Run_PahoWithFaults)->UseRealTime()->Unit(benchmark::kMillisecond);

void Run_PahoBusy(benchmark::State& state) {
  measure(state, kPahoBusy);
}
BENCHMARK(Run_PahoBusy)->UseRealTime()->Unit(benchmark::kMillisecond);

void Run_PahoIdle(benchmark::State& state) {
  measure(state, kPahoIdle);
}
BENCHMARK(Run_PahoIdle)->UseRealTime()->Unit(benchmark::kMillisecond);

// The seeds of a sweep, one after the other from 1 to 200 and again.
void Run_Seeds(benchmark::State& state) {
  measure(state, [](std::uint64_t number) { return generate(number % 200 + 1); });
}
BENCHMARK(Run_Seeds)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mqttvet::sim
