// A day: bursts of what a short run does, and idle hours between them in which sessions and messages expire,
// keep-alives fire and faults strike.

#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h;

// Payloads are unique in a burst; the burst's number makes them unique in the day.
void add_burst(Plan& plan, int burst, Time begin, std::vector<Step> steps) {
  for (Step& step : steps) {
    if (auto* publish = std::get_if<DoPublish>(&step.operation); publish && !publish->empty_payload)
      publish->payload += "@" + std::to_string(burst);
    *step.at += begin;
    plan.steps.push_back(std::move(step));
  }
}

// One real Paho at most: each costs a scheduled thread a wake-up a second, all day long.
void slow_down(std::vector<ClientPlan>& clients, Draw draw) {
  bool has_paho = false;
  for (ClientPlan& client : clients) {
    const bool is_paho = client.driver != Driver::raw;
    if (is_paho && std::exchange(has_paho, true)) client.driver = Driver::raw;
    client.keep_alive = draw.one_of<std::chrono::seconds>({20s, 60s, 300s, 1200s});
    client.reconnect_max = draw.one_of<Duration>({8s, 30s, 120s});
    if (client.session_expiry && draw.chance(50))
      client.session_expiry = draw.one_of<std::chrono::seconds>({60s, 600s, 3600s, 4h});
  }
}

}  // namespace

Plan generate_day(std::uint64_t seed, const GeneratorOptions& options) {
  Plan plan;
  plan.name = "day " + std::to_string(seed);
  plan.seed = seed;
  Features features = pick_features(Draw(seed, "features"), options);
  features.goodbyes = false;
  plan.broker = generate_broker(Draw(seed, "broker"), features);
  const Limits limits = generate_limits(Draw(seed, "limits"), features, plan.broker);
  plan.clients = generate_clients(Draw(seed, "clients"), features, limits);
  slow_down(plan.clients, Draw(seed, "slow down"));
  Draw draw(seed, "bursts");
  const int bursts = draw.between(6, 12);
  for (int burst = 0; burst < bursts; ++burst) {
    const Time begin = kDay * burst / bursts + draw.duration(0ms, 90min);
    const Duration length = draw.duration(10s, 60s);
    add_burst(plan, burst, begin,
              generate_workload(Random::stream(seed, "burst").next() + static_cast<std::uint64_t>(burst),
                                features, limits, plan.clients, length));
  }
  plan.faults = generate_faults(seed, plan.clients, kDay, options);
  generate_access(seed, features, plan, kDay);
  put_in_order(plan.steps);
  plan.heal_at = kDay + 1h;
  return plan;
}

}  // namespace mqttvet::sim
