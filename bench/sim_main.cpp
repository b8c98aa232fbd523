// mqttvet_sim_bench: the benchmarks of the simulation, in a process made ready as `mqttvet sim` makes its
// own.
#include <benchmark/benchmark.h>

#include <cstdio>

#include "sim/guest/process.h"

int main(int argc, char** argv) {
  mqttvet::sim::reexec_without_aslr(argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (const std::string why = mqttvet::sim::unexpected_paho(); !why.empty()) {
    std::fprintf(stderr, "mqttvet_sim_bench: %s\n", why.c_str());
    return 3;
  }
  mqttvet::sim::warm_up();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
