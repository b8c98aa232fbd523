#include "sim/run/stage.h"

#include <algorithm>

#include "sim/guest/paho_client.h"
#include "sim/plan/broker_config.h"
#include "sim/run/raw_client.h"

namespace mqttvet::sim {
namespace {

BrokerNodeOptions node_options(const Plan& plan, const RunOptions& run_options) {
  BrokerNodeOptions options;
  options.host = kBrokerHost;
  options.port = kBrokerPort;
  options.config = broker_config(plan.broker);
  options.users = broker_users(plan.broker);
  options.clock_drift_ppm = plan.broker.clock_drift_ppm;
  options.limits.message_rate_max = plan.broker.message_rate_max;
  options.unsettled = run_options.unsettled;
  return options;
}

bool is_ping(const HistoryEvent& event) {
  const wire::PacketType type = wire::type_of(event.packet);
  return type == wire::PacketType::pingreq || type == wire::PacketType::pingresp;
}

std::string_view code_of(NodeFinding::Kind kind) {
  switch (kind) {
    case NodeFinding::Kind::invariant:
      return "invariant";
    case NodeFinding::Kind::load_failed:
      return "load";
    case NodeFinding::Kind::store_failed:
      return "store";
  }
  return "node";
}

}  // namespace

Stage::Stage(const Plan& the_plan, const RunOptions& options)
    : plan(the_plan),
      world(the_plan.seed),
      network(world),
      recorder(world, network),
      aimer(world, network),
      node(world, network, node_options(the_plan, options), [this](const NodeFinding& finding) {
        add_finding(std::string(code_of(finding.kind)), {}, finding.text);
      }) {
  recorder.on_event([this](const HistoryEvent& event) { watch(event); });
  node.on_life([this](bool up) {
    recorder.add(up ? HistoryEvent::Kind::broker_started : HistoryEvent::Kind::broker_crashed, {},
                 up ? "the broker is up" : "the broker is down");
  });
  const bool has_guests = std::any_of(plan.clients.begin(), plan.clients.end(),
                                      [](const ClientPlan& client) { return client.driver != Driver::raw; });
  if (has_guests) {
    Scheduler::Options scheduling;
    scheduling.backend = options.backend;
    scheduling.policy = plan.schedule;
    scheduler = std::make_unique<Scheduler>(world, network, scheduling);
  }
  const auto ignore = [](const Arrival&) {};  // the oracles look at the wire
  for (const ClientPlan& client : plan.clients) {
    network.add_host(client.name);
    plans_[client.name] = &client;
    clients_[client.name] =
        client.driver == Driver::raw
            ? make_raw_client(world, network, client, kBrokerHost, kBrokerPort, ignore)
            : make_paho_client(world, network, *scheduler, client, kBrokerHost, kBrokerPort, ignore);
  }
}

void Stage::add_finding(std::string code, std::string client, std::string text,
                        std::vector<std::string> details) {
  findings.push_back(
      {std::move(code), {}, world.now(), std::move(client), std::move(text), std::move(details)});
}

int Stage::open_connections(const std::string& host) const {
  if (host == kBrokerHost) {
    int all = 0;
    for (const auto& [client, count] : open_) all += count;
    return all;
  }
  const auto found = open_.find(host);
  return found == open_.end() ? 0 : found->second;
}

void Stage::watch(const HistoryEvent& event) {
  using Kind = HistoryEvent::Kind;
  if (event.kind == Kind::opened) ++open_[event.client];
  if (event.kind == Kind::closed) --open_[event.client];
  const bool is_packet = event.kind == Kind::sent || event.kind == Kind::received;
  if (is_packet) ++packets_;
  if (!is_packet || !is_ping(event)) last_activity_ = event.at;
  if (on_event) on_event(event);
}

}  // namespace mqttvet::sim
