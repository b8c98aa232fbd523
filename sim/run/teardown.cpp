#include "sim/run/teardown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/plan/broker_config.h"
#include "sim/run/raw_client.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHost = "(teardown)";             // no client of a plan can have this name
constexpr Duration kPatience = 15s;                     // for one part of it: nothing goes wrong any more
constexpr Duration kSilence = 1s;                       // for what is on its way
constexpr std::uint64_t kBufferBytesKept = 128 * 1024;  // per connection, whatever it has sent

}  // namespace

Teardown::Teardown(Stage& stage, std::function<void()> over) : stage_(stage), over_(std::move(over)) {}

void Teardown::begin() {
  stage_.world.trace().note(stage_.world.now(), "teardown", "begin", 0);
  stage_.network.add_host(kHost);
  look_at_buffers();
  stage_.node.reload(nullptr, {});  // users and rules would not let a stranger sweep
  send_clients_away();
}

// What is received and not a whole packet yet takes memory; what is merely announced must not.
void Teardown::look_at_buffers() {
  const core::Resources held = stage_.node.resources();
  const std::uint64_t received = stage_.node.counters().received_bytes;
  const std::uint64_t allowed = held.connections * kBufferBytesKept + 2 * received;
  if (held.receive_buffer_bytes <= allowed) return;
  buffers_ =
      fmt::format("{} bytes to receive into, after {} bytes received", held.receive_buffer_bytes, received);
}

void Teardown::look_at_history() {
  std::map<std::uint64_t, Identity> connections;
  for (const HistoryEvent& event : stage_.recorder.events()) {
    if (const auto* connect = std::get_if<wire::Connect>(&event.packet)) {
      const Identity identity{connect->client_id, connect->user_name, connect->password};
      connections[event.connection] = identity;
      if (!identity.client_id.empty()) identities_.insert(identity);
      if (connect->will) topics_.insert(connect->will->topic);
    } else if (const auto* connack = std::get_if<wire::Connack>(&event.packet)) {
      Identity identity = connections[event.connection];
      const auto id = wire::text(connack->properties, wire::PropertyId::assigned_client_identifier);
      identity.client_id = id.value_or("");
      if (id) identities_.insert(identity);
    } else if (const auto* publish = std::get_if<wire::Publish>(&event.packet)) {
      // A topic of too many levels was refused, and would be again.
      const auto levels = 1 + std::ranges::count(publish->topic, '/');
      if (!publish->topic.empty() && levels <= broker_config(stage_.plan.broker).topic_levels_max)
        topics_.insert(publish->topic);
    }
  }
}

std::function<void(Outcome)> Teardown::expect(std::size_t operations, std::function<void()> then) {
  struct Expected {
    std::size_t left;
    std::function<void()> then;
  };
  const auto expected = std::make_shared<Expected>(Expected{operations, std::move(then)});
  const auto end = [expected] {
    if (const auto next = std::exchange(expected->then, nullptr)) next();
  };
  stage_.world.after(operations == 0 ? Duration{0} : kPatience, end);
  return [expected, end](const Outcome&) {
    if (--expected->left == 0) end();
  };
}

// Those that are connected go with a DISCONNECT.
void Teardown::send_clients_away() {
  std::vector<Client*> connected;
  for (const ClientPlan& plan : stage_.plan.clients) {
    Client& client = stage_.client(plan.name);
    if (client.connected()) connected.push_back(&client);
  }
  const auto done = expect(connected.size(), [this] { switch_clients_off(); });
  for (Client* client : connected) client->perform(DoDisconnect{}, done);
}

// Or one that tries to come back would do so when all is swept.
void Teardown::switch_clients_off() {
  DoCrash off;
  off.for_good = true;
  for (const ClientPlan& plan : stage_.plan.clients)
    stage_.client(plan.name).perform(off, [](const Outcome&) {});
  stage_.world.after(kSilence, [this] { end_sessions(); });
}

Client& Teardown::sweeper(const Identity& identity) {
  ClientPlan plan;
  plan.name = kHost;
  plan.client_id = identity.client_id;
  plan.user_name = identity.user_name;
  plan.password = identity.password;
  plan.driver = Driver::raw;
  plan.version = Version::v5_0;
  plan.clean_start = true;
  plan.reconnect = false;
  sweepers_.push_back(
      make_raw_client(stage_.world, stage_.network, plan, kBrokerHost, kBrokerPort, [](const Arrival&) {}));
  return *sweepers_.back();
}

// What was left of a session may publish its will now: so this comes before the retained messages.
void Teardown::end_sessions() {
  look_at_history();  // only now: clients were still publishing when the run's end was called
  const auto done = expect(identities_.size(), [this] { clear_retained(); });
  for (const Identity& identity : identities_) {
    Client& client = sweeper(identity);
    client.perform(DoConnect{}, [&client, done](const Outcome& outcome) {
      if (!outcome.done) return done(outcome);
      client.perform(DoDisconnect{}, done);
    });
  }
}

void Teardown::clear_retained() {
  if (identities_.empty() || !broker_config(stage_.plan.broker).retain_available) return finish();
  const auto done = expect(1, [this] { finish(); });
  Client& client = sweeper(*identities_.begin());
  client.perform(DoConnect{}, [](const Outcome&) {});
  for (const std::string& topic : topics_) {
    DoPublish nothing;
    nothing.topic = topic;
    nothing.retain = nothing.empty_payload = true;
    client.perform(nothing, [](const Outcome&) {});
  }
  client.perform(DoDisconnect{}, done);
}

// A machine that was switched off before its CONNECT is given up by the broker after its connect_timeout.
void Teardown::finish() {
  stage_.world.after(broker_config(stage_.plan.broker).connect_timeout + kSilence, over_);
}

std::vector<std::string> Teardown::left_over() const {
  const core::Resources held = stage_.node.resources();
  std::vector<std::string> left;
  const auto count = [&left](std::size_t number, std::string_view what) {
    if (number > 0) left.push_back(fmt::format("{} {}", number, what));
  };
  count(held.connections, "connections");
  count(held.sessions, "sessions");
  count(held.subscriptions, "subscriptions");
  count(held.shared_groups, "shared groups");
  count(held.filter_nodes, "nodes of the subscription tree");
  count(held.queued_messages, "queued messages");
  count(held.inflight_messages, "messages in flight");
  count(held.incoming_packet_ids, "incoming packet identifiers");
  count(held.retained_messages, "retained messages");
  count(held.wills, "wills");
  // That of $SYS goes on for as long as the broker runs.
  const bool tells_sys = broker_config(stage_.plan.broker).sys_interval.count() > 0;
  if (!buffers_.empty()) left.push_back(buffers_);
  count(held.timers - std::min<std::size_t>(held.timers, tells_sys ? 1 : 0), "timers");
  return left;
}

}  // namespace mqttvet::sim
