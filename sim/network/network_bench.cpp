#include <benchmark/benchmark.h>

#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

// One client sends as fast as the window lets it; the broker reads everything at once.
void Network_Bulk(benchmark::State& state) {
  TestNetwork net;
  net.conditions.latency_min = 200us;
  net.conditions.latency_max = 2ms;
  net.network.set_conditions(net.conditions);
  auto alice = net.connected();
  const std::string megabyte(1 << 20, 'x');
  for (auto _ : state) {
    alice->say(megabyte);
    net.pass(1s);
    if (net.server().heard.size() != megabyte.size()) state.SkipWithError("not everything arrived");
    net.server().heard.clear();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(megabyte.size()));
}
BENCHMARK(Network_Bulk);

// `range` clients; each message is answered by the broker, and the answer by the next message: what MQTT
// mostly does.
void Network_PingPong(benchmark::State& state) {
  TestNetwork net;
  std::vector<EndpointPtr> ends;
  std::int64_t segments = 0;
  const auto answer = [&segments](Endpoint* end) {
    char buffer[64];
    while (const std::size_t count = end->read(buffer, sizeof buffer)) {
      ++segments;
      end->write(std::string_view(buffer, count));
    }
  };
  net.network.listen("broker", 1883, [&](EndpointPtr end) {
    end->on_change([&answer, at = end.get()] { answer(at); });
    ends.push_back(std::move(end));
  });
  for (int i = 0; i < state.range(0); ++i) {
    const std::string name = "client" + std::to_string(i);
    net.network.add_host(name);
    EndpointPtr end = net.network.connect(name, "broker", 1883);
    end->on_change([&answer, at = end.get()] {
      if (at->readable())
        answer(at);
      else
        at->write("0123456789012345678901234567");
    });
    ends.push_back(std::move(end));
  }
  net.pass(1s);
  segments = 0;
  const std::uint64_t events_before = net.world.trace().event_count();
  for (auto _ : state) net.pass(1s);
  state.SetItemsProcessed(segments);
  state.counters["trace_events"] = benchmark::Counter(
      static_cast<double>(net.world.trace().event_count() - events_before), benchmark::Counter::kIsRate);
}
BENCHMARK(Network_PingPong)->Arg(1)->Arg(100);

}  // namespace
}  // namespace mqttvet::sim
