// Whatever the network does short of ending a connection, each stream arrives whole and in order; and however
// a connection ends, what arrived is a prefix of what was sent.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/network/network.h"
#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

struct Chaos {
  enum Fault { none, stalls, partitions, ends };
  Fault faults = none;
  std::uint64_t seed = 0;
  int connections = 1;
  LinkConditions conditions;
};

rc::Gen<LinkConditions> conditions() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 50), rc::gen::inRange(0, 50), rc::gen::inRange<std::size_t>(1, 1460),
                     rc::gen::arbitrary<std::uint8_t>(), rc::gen::inRange<std::size_t>(1, 3000),
                     rc::gen::inRange<std::size_t>(1, 3000)),
      [](const auto& drawn) {
        const auto [latency, more, segment, flags, send_buffer, receive_buffer] = drawn;
        LinkConditions made;
        made.latency_min = std::chrono::milliseconds(latency);
        made.latency_max = made.latency_min + std::chrono::milliseconds(more);
        made.segment_bytes_max = segment;
        made.fragment = flags & 1;
        made.short_reads = flags & 2;
        made.partial_writes = flags & 4;
        made.send_buffer_bytes = send_buffer;
        made.receive_buffer_bytes = receive_buffer;
        return made;
      });
}

// One end with a text of its own to send, in pieces and with pauses; it reads when it likes.
struct Talker {
  Talker(World& w, EndpointPtr e, Random r, std::string name) : world(w), random(r), endpoint(std::move(e)) {
    const auto count = random.below(400);
    for (std::uint64_t i = 0; i < count; ++i) text += name + std::to_string(i) + " ";
    endpoint->on_change([this] { act(); });
    act();
  }
  void act() {
    char buffer[97];
    bool stopped_reading = false;
    for (std::size_t count; (count = endpoint->read(buffer, 1 + random.below(sizeof buffer))) > 0;) {
      heard.append(buffer, count);
      if ((stopped_reading = random.chance(1, 8))) break;
    }
    const std::size_t size = std::min<std::size_t>(text.size() - sent, random.below(700));
    sent += endpoint->write(std::string_view(text).substr(sent, size));
    if (stopped_reading || sent < text.size()) pulse();
  }
  void pulse() {
    if (pulsing || pulses == 0) return;
    pulsing = true;
    --pulses;
    world.after(std::chrono::milliseconds(random.below(40)), [this] {
      pulsing = false;
      act();
    });
  }
  World& world;
  Random random;
  EndpointPtr endpoint;
  std::string text;
  std::size_t sent = 0;
  std::string heard;
  bool pulsing = false;
  int pulses = 20'000;
};

struct Result {
  std::uint64_t hash = 0;
  std::size_t bytes = 0;
};

void inject(TestNetwork& net, const std::string& host, Chaos::Fault kind, Random& random) {
  const Duration length = std::chrono::milliseconds(random.below(3000));
  const auto direction = static_cast<Network::Direction>(random.below(3));
  if (kind == Chaos::stalls) net.network.stall(host, direction, length);
  if (kind == Chaos::partitions) {
    net.network.partition(host, "broker", random.chance(1, 2), random.chance(1, 2));
    net.world.after(length, [&net, host] { net.network.partition(host, "broker", false, false); });
  }
  if (kind != Chaos::ends) return;
  switch (random.below(4)) {
    case 0:
      net.network.cut(host, true);
      break;
    case 1:
      net.network.cut(host, false);
      break;
    case 2:
      net.network.vanish(host);
      break;
    case 3:
      net.network.drop_all(host);
      break;
  }
}

Result run(const Chaos& chaos) {
  TestNetwork net(chaos.seed);
  net.network.set_conditions(chaos.conditions);
  std::vector<std::unique_ptr<Talker>> servers;
  net.network.listen("broker", 1883, [&](EndpointPtr endpoint) {
    const std::string name = endpoint->peer_host();
    servers.push_back(std::make_unique<Talker>(net.world, endpoint, net.world.random("to " + name), "s"));
  });
  std::vector<std::unique_ptr<Talker>> clients;
  Random faults = net.world.random("faults");
  for (int i = 0; i < chaos.connections; ++i) {
    const std::string name = "client" + std::to_string(i);
    net.network.add_host(name);
    clients.push_back(std::make_unique<Talker>(net.world, net.network.connect(name, "broker", 1883),
                                               net.world.random("from " + name), "c"));
    net.world.schedule(std::chrono::milliseconds(faults.below(2000)),
                       [&net, name, &chaos, &faults] { inject(net, name, chaos.faults, faults); });
  }
  net.pass(30min);
  Result result;
  for (const auto& server : servers) {
    const auto client = std::find_if(clients.begin(), clients.end(), [&](const auto& c) {
      return c->endpoint->connection_number() == server->endpoint->connection_number();
    });
    RC_ASSERT(client != clients.end());
    RC_ASSERT((*client)->text.starts_with(server->heard));
    RC_ASSERT(server->text.starts_with((*client)->heard));
    if (chaos.faults == Chaos::ends) continue;
    RC_ASSERT(server->heard == (*client)->text);
    RC_ASSERT((*client)->heard == server->text);
  }
  if (chaos.faults != Chaos::ends) RC_ASSERT(servers.size() == clients.size());
  for (const auto& talkers : {&clients, &servers})
    for (const auto& talker : *talkers) {
      result.bytes += talker->heard.size();
      talker->endpoint->close();
    }
  net.pass(2min);
  RC_ASSERT(net.network.resources().connections == 0u);
  RC_ASSERT(net.network.resources().bytes_buffered == 0u);
  result.hash = net.world.trace().hash();
  return result;
}

Chaos drawn(Chaos::Fault faults) {
  Chaos chaos;
  chaos.faults = faults;
  chaos.seed = *rc::gen::arbitrary<std::uint64_t>();
  chaos.connections = *rc::gen::inRange(1, 6);
  chaos.conditions = *conditions();
  return chaos;
}

RC_GTEST_PROP(NetworkProperty, EveryStreamArrivesWholeAndInOrder, ()) {
  run(drawn(Chaos::none));
}
RC_GTEST_PROP(NetworkProperty, AlsoThroughStalls, ()) {
  run(drawn(Chaos::stalls));
}
RC_GTEST_PROP(NetworkProperty, AlsoThroughPartitions, ()) {
  run(drawn(Chaos::partitions));
}
RC_GTEST_PROP(NetworkProperty, HoweverItEnds_APrefixArrived_AndNothingIsLeft, ()) {
  run(drawn(Chaos::ends));
}

RC_GTEST_PROP(NetworkProperty, OneSeedIsOneTrace, ()) {
  Chaos chaos = drawn(static_cast<Chaos::Fault>(*rc::gen::inRange(0, 4)));
  const Result first = run(chaos);
  RC_ASSERT(run(chaos).hash == first.hash);
  ++chaos.seed;
  RC_ASSERT(run(chaos).hash != first.hash);
}

}  // namespace
}  // namespace mqttvet::sim
