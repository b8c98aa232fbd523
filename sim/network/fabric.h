// What connections share: hosts, listeners, conditions, faults, the observer and the gate. Internal to this
// folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/network/network.h"

namespace mqttvet::sim {

using Accept = std::function<void(EndpointPtr)>;

struct Host {
  int id = 0;
  std::string name;
  std::string address;
  bool is_down = false;             // lost power, and did nothing since
  std::uint16_t next_port = 49152;  // of its next connect(): the ephemeral range of RFC 6335
  std::uint64_t connect_count = 0;
  std::optional<LinkConditions> conditions;
  Time to_client_stalled_until{0};
  Time to_server_stalled_until{0};
  Time reads_held_until{0};
  std::map<std::uint16_t, std::shared_ptr<Accept>> listeners;
};

// Shared by the network and its connections: an endpoint may outlive the network, and still knows its hosts.
class Fabric : public std::enable_shared_from_this<Fabric> {
 public:
  explicit Fabric(World& w) : world(w) {}
  // The network is gone: closes every connection, schedules nothing any more.
  void close();

  World& world;
  NetworkTimeouts timeouts;
  LinkConditions conditions;
  std::map<std::string, Host> hosts;
  Host nowhere;  // the server of connections to a name that nobody has
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections;
  std::set<std::pair<int, int>> partitions;  // host ids: from, to
  std::function<void(const Observed&)> observer;
  Network::Gate gate;
  std::uint64_t last_connection_number = 0;

  Host& host(const std::string& name);  // std::logic_error if there is none
  const LinkConditions& conditions_between(const Host& client, const Host& server) const {
    return client.conditions ? *client.conditions : server.conditions ? *server.conditions : conditions;
  }
  // The host does something: if it had lost power it has it again, and nothing of its former life arrives.
  void power_up(Host& host);
  bool is_blocked(const Host& from, const Host& to) const {
    return to.is_down || (!partitions.empty() && partitions.contains({from.id, to.id}));
  }
  static Time stalled_until(const Host& client, const Host& server, bool to_server) {
    return to_server ? std::max(client.to_server_stalled_until, server.to_server_stalled_until)
                     : std::max(client.to_client_stalled_until, server.to_client_stalled_until);
  }
  void note(const Host& who, std::string_view what, std::uint64_t number, std::string_view bytes = {}) {
    world.trace().note(world.now(), who.name, what, number, bytes);
  }

  // A copy, so that faults may end connections meanwhile.
  std::vector<std::shared_ptr<Connection>> connections_of(const Host& host) const;
  // The connection is over: it leaves `connections` at once, and memory when nobody can be inside it.
  void retire(std::uint64_t connection_number);

 private:
  std::vector<std::shared_ptr<Connection>> retired_;
  World::EventId burial_ = World::EventId::none;
};

}  // namespace mqttvet::sim
