// Anything may come, in any order: no invariant breaks, nothing is lost track of, and everything ends.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

// One thing that happens. What the numbers mean depends on the kind; every combination means something.
struct Event {
  int kind = 0;
  int client = 0;
  int a = 0;
  int b = 0;
};

void showValue(const Event& event, std::ostream& out) {
  out << "{" << event.kind << ", " << event.client << ", " << event.a << ", " << event.b << "}";
}

rc::Gen<Event> any_event() {
  return rc::gen::build<Event>(rc::gen::set(&Event::kind, rc::gen::inRange(0, 18)),
                               rc::gen::set(&Event::client, rc::gen::inRange(0, 3)),
                               rc::gen::set(&Event::a, rc::gen::inRange(0, 64)),
                               rc::gen::set(&Event::b, rc::gen::inRange(0, 64)));
}

const std::array<std::string, 6> kTopics = {"a", "a/b", "a/b/c", "$x/b", "b", "/"};
const std::array<std::string, 11> kFilters = {"#", "a/#", "+/b",        "a/b",          "$x/#",      "b",
                                              "+", "a#",  "$share/g/#", "$share/g/a/b", "$queue/a/#"};

class Chaos {
 public:
  explicit Chaos(Config config) : world(config) {
    world.quiet = true;
    for (int i = 0; i < 3; ++i) clients.push_back(world.open());
    for (int i = 0; i < 2; ++i) {  // two that listen from the beginning
      clients[static_cast<std::size_t>(i)].send(connect("client" + std::to_string(i)));
      clients[static_cast<std::size_t>(i)].send(subscribe(1, "a/#", 2));
    }
  }

  void happen(const Event& e) {
    Client& client = clients[static_cast<std::size_t>(e.client)];
    const bool v5 = versions[static_cast<std::size_t>(e.client)] == 5;
    const auto id = static_cast<std::uint16_t>(e.a % 5 + 1);
    switch (e.kind) {
      case 0:
      case 1:
        return reconnect(e);
      case 2:
        client.send(subscribe(id, kFilters[static_cast<std::size_t>(e.b) % kFilters.size()],
                              e.a % 3 | (v5 ? e.b & 0x3C : 0),
                              v5 ? std::optional<std::string>(e.a % 2 == 0 ? "0B07" : "") : std::nullopt));
        return;
      case 3:
        client.send(unsubscribe(id, kFilters[static_cast<std::size_t>(e.b) % kFilters.size()], v5));
        return;
      case 4:
      case 5:
      case 6:
      case 7:
        client.send(publish(kTopics[static_cast<std::size_t>(e.b) % kTopics.size()],
                            std::string(static_cast<std::size_t>(e.b) % 3 * 20, 'x'),
                            {.qos = e.kind % 3,
                             .packet_id = id,
                             .dup = e.a % 7 == 0 && e.kind % 3 > 0,
                             .retain = e.a % 4 == 0,
                             .properties = v5 ? std::optional<std::string>(e.a % 3 == 0 ? "0200000003" : "")
                                              : std::nullopt}));
        return;
      case 8:
        client.send(pubrel(id));
        return;
      case 9:
        client.send(puback(id));
        return;
      case 10:
        client.send(pubrec(id, v5 && e.b % 8 == 0 ? std::optional<int>(0x80) : std::nullopt));
        return;
      case 11:
        client.send(pubcomp(id));
        return;
      case 12:
        client.cut();
        return;
      case 13:
        client.send(v5 ? disconnect(e.a % 2 == 0 ? 0 : 4, e.b % 3 == 0 ? "1100000002" : "") : disconnect());
        return;
      case 14:
        world.advance(std::chrono::milliseconds(e.a * 100));
        return;
      case 15:
        if (e.a % 4 == 0) restart(std::chrono::seconds(e.b % 8));
        return;
      case 16:
        world.written_at_once = e.a % 2 == 0;
        if (world.written_at_once) world.step(Written{client.id(), 100000});
        return;
      default:
        client.send(std::string(1, static_cast<char>(e.a * 4)) + std::string(1, static_cast<char>(e.b)));
    }
  }

  void reconnect(const Event& e) {
    const auto index = static_cast<std::size_t>(e.client);
    const int version = e.a % 3 + 3;
    versions[index] = version;
    if (e.b % 2 == 0) clients[index].cut();  // else: a takeover
    ConnectOptions options{
        .version = version, .clean = e.b % 5 == 0, .keep_alive = static_cast<std::uint16_t>(e.b % 4)};
    if (version == 5) {
      options.properties = e.b % 3 == 0   ? "1100000005"
                           : e.b % 3 == 1 ? "11FFFFFFFF 210002"
                                          : "1100000003 2700000030";
      if (e.a % 2 == 0) options.will_properties = "1800000002";
    }
    if (e.a % 4 < 2) options.will_topic = "a/b";
    options.will_qos = e.a % 3;
    clients[index] = world.open(version == 5);
    clients[index].send(connect("client" + std::to_string(e.client % 2), options));
  }

  void restart(std::chrono::seconds down) {
    world.crash_and_restart(down);
    for (Client& client : clients) client = world.open();
  }

  // Everybody comes back, reads and acknowledges until there is nothing more.
  void heal() {
    world.written_at_once = true;
    for (int i = 0; i < 2; ++i) {
      clients[static_cast<std::size_t>(i)] = world.open();
      clients[static_cast<std::size_t>(i)].send(connect("client" + std::to_string(i)));
    }
    for (bool quiet = false; !quiet;) {
      quiet = true;
      for (int i = 0; i < 2; ++i) {
        Client& client = clients[static_cast<std::size_t>(i)];
        for (const std::string& line : client.received()) quiet = acknowledge(client, line) && quiet;
      }
    }
  }

  static bool acknowledge(Client& client, const std::string& line) {
    const auto number = [&](const std::string& after) {
      return static_cast<std::uint16_t>(std::stoi(line.substr(line.find(after) + after.size())));
    };
    if (line.starts_with("PUBREL ")) {
      client.send(pubcomp(number("PUBREL ")));
    } else if (line.starts_with("PUBLISH ") && line.find(" q1 ") != std::string::npos) {
      client.send(puback(number(" id=")));
    } else if (line.starts_with("PUBLISH ") && line.find(" q2 ") != std::string::npos) {
      client.send(pubrec(number(" id=")));
    } else {
      return true;
    }
    return false;
  }

  TestBroker world;
  std::vector<Client> clients;
  std::array<int, 3> versions{4, 4, 4};
};

void run(const Config& config) {
  const auto events = *rc::gen::container<std::vector<Event>>(any_event());
  Chaos chaos(config);
  for (const Event& event : events) {
    chaos.happen(event);
    RC_ASSERT(chaos.world.problems == std::vector<std::string>{});
  }
  chaos.heal();
  RC_ASSERT(chaos.world.problems == std::vector<std::string>{});
  RC_ASSERT(chaos.world.resources().queued_messages == 0u);
  RC_ASSERT(chaos.world.resources().inflight_messages == 0u);
  for (Client& client : chaos.clients) client.cut();
  chaos.world.advance(std::chrono::hours(49));
  const Resources left = chaos.world.resources();
  RC_ASSERT(chaos.world.problems == std::vector<std::string>{});
  RC_ASSERT(left.sessions == 0u);
  RC_ASSERT(left.filter_nodes == 0u);
  RC_ASSERT(left.timers == 0u);
  RC_ASSERT(left.connections == 0u);
}

RC_GTEST_PROP(AnyHistory, BreaksNoInvariant, ()) {
  run({});
}

RC_GTEST_PROP(AnyHistory, BreaksNoInvariant_WhenEveryLimitIsSmall, ()) {
  Config config;
  config.max_inflight = 2;
  config.receive_maximum = 2;
  config.queue_messages_max = 3;
  config.queue_qos0 = true;
  config.last_packet_id = 3;
  config.first_packet_id = 3;
  config.write_queue_bytes_max = 60;
  config.retained_messages_max = 2;
  config.retry_interval = 1s;
  run(config);
}

RC_GTEST_PROP(AnyHistory, BreaksNoInvariant_WithPriorities_AndGroupsThatHandOverAtOnce, ()) {
  Config config;
  config.max_inflight = 2;
  config.max_awaiting_rel = 2;
  config.await_rel_timeout = 2s;
  config.shared_redispatch_at_disconnect = true;
  config.queue_messages_max = 4;
  config.queue_qos0 = true;
  config.queue_type = QueueType::priority;
  config.queue_topic_priorities = {{"a/#", 3}, {"+", 9}};
  config.queue_drop_policy =
      *rc::gen::element(QueueDropPolicy::oldest, QueueDropPolicy::newest, QueueDropPolicy::lowest_priority);
  config.retained_payload_bytes_max = 30;
  config.retained_expiry_interval = 5s;
  run(config);
}

}  // namespace
}  // namespace mqttvet::core::testing
