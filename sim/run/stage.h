// The pieces of one run and what several of them need to know: the world, the network, the broker's node, the
// clients.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/guest/scheduler.h"
#include "sim/network/network.h"
#include "sim/node/broker_node.h"
#include "sim/plan/client.h"
#include "sim/run/aim.h"
#include "sim/run/recorder.h"
#include "sim/run/result.h"
#include "sim/run/run.h"
#include "sim/world/world.h"

namespace mqttvet::sim {

inline constexpr const char* kBrokerHost = "broker";
inline constexpr std::uint16_t kBrokerPort = 1883;

class Stage {
 public:
  Stage(const Plan& plan, const RunOptions& options);

  const Plan& plan;
  World world;
  Network network;
  Recorder recorder;
  Aimer aimer;
  BrokerNode node;
  std::unique_ptr<Scheduler> scheduler;  // null: no client is a guest

  Client& client(const std::string& name) { return *clients_.at(name); }
  const ClientPlan& client_plan(const std::string& name) const { return *plans_.at(name); }

  // What the client was last told: to be connected, and how; or absent: never, or to disconnect.
  std::optional<DoConnect>& told_to_connect(const std::string& name) { return told_[name]; }

  void add_finding(std::string code, std::string client, std::string text,
                   std::vector<std::string> details = {});
  std::vector<Finding> findings;

  // Connections of the host (a client's, or the broker's: all) that are open at the clients' side.
  int open_connections(const std::string& host) const;
  // The last moment at which a packet other than PINGREQ and PINGRESP was seen, or a connection came or went.
  Time last_activity() const { return last_activity_; }
  std::uint64_t packet_count() const { return packets_; }

  // Called for each event of the recorder; must not call into the network, but may schedule.
  std::function<void(const HistoryEvent&)> on_event;

 private:
  void watch(const HistoryEvent& event);

  std::map<std::string, const ClientPlan*> plans_;
  std::map<std::string, std::optional<DoConnect>> told_;
  std::map<std::string, int> open_;
  Time last_activity_{0};
  std::uint64_t packets_ = 0;
  std::map<std::string, std::unique_ptr<Client>> clients_;  // gone first: their end is still an event
};

}  // namespace mqttvet::sim
