#include "sim/plan/generate.h"

#include <algorithm>

#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {

using namespace std::chrono_literals;

namespace {

bool all_raw(const Plan& plan) {
  return std::all_of(plan.clients.begin(), plan.clients.end(),
                     [](const ClientPlan& client) { return client.driver == Driver::raw; });
}

// What Paho can't stand: it does not heed a Server Keep Alive below its own and is thrown out again and
// again; and while it waits to write it does not read, so that through a small buffer it misses its
// keep-alives.
void strain(Plan& plan, Draw draw, const Features& features) {
  if (!all_raw(plan)) return;
  if (features.short_keep_alive)
    plan.broker.config["server_keep_alive_max"] = std::to_string(draw.between(2, 6));
  if (features.small_buffers) plan.socket_buffer_bytes = draw.one_of<std::size_t>({300, 1000, 4000});
}

}  // namespace

void put_in_order(std::vector<Step>& steps) {
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& one, const Step& other) { return *one.at < *other.at; });
  int id = 0;
  for (Step& step : steps) step.id = ++id;
}

Plan generate(std::uint64_t seed, const GeneratorOptions& options) {
  Plan plan;
  plan.name = "seed " + std::to_string(seed);
  plan.seed = seed;
  const Features features = pick_features(Draw(seed, "features"), options);
  const Duration end = Draw(seed, "end").duration(10s, 60s);
  plan.broker = generate_broker(Draw(seed, "broker"), features);
  const Limits limits = generate_limits(Draw(seed, "limits"), features, plan.broker);
  plan.clients = generate_clients(Draw(seed, "clients"), features, limits);
  strain(plan, Draw(seed, "strain"), features);
  plan.steps = generate_workload(seed, features, limits, plan.clients, end);
  plan.faults = generate_faults(seed, plan.clients, end, options);
  generate_access(seed, features, plan, end);
  add_hostile_client(seed, plan, end);
  put_in_order(plan.steps);
  plan.heal_at = end + 1s;
  return plan;
}

}  // namespace mqttvet::sim
