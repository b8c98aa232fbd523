// What the planted bugs remember that the broker has no word for. All of it is empty while none is on.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/core/message.h"
#include "broker/core/seam.h"

namespace mqttvet::core {

struct PlantedState {
  std::vector<std::function<void()>> later;         // what is put off to the end of the next step
  std::vector<std::function<void()>> at_persisted;  // and to the next word of the disk
  bool crashed = false;                             // in this step

  std::set<std::string, std::less<>> null_filters;    // B095: unsubscribed without having been subscribed
  std::set<std::string, std::less<>> dead_clients;    // B052: gone while it was found out who they are
  std::set<ConnectionId> saw_session;                 // B049: whose CONNECT found a session
  std::set<ConnectionId> saw_owner;                   // B051: and a connection of it
  std::set<ConnectionId> stale;                       // B037: taken over, and listened to
  std::set<std::string, std::less<>> in_handover;     // B048: whose sessions are being copied
  std::vector<MessagePtr> leaked;                     // B110
  std::set<ConnectionId> refused;                     // E_F01
  std::map<ConnectionId, std::string> taken_over;     // E_D07: whose session it was
  std::optional<std::chrono::nanoseconds> wall_lead;  // B075: of the wall clock before the monotonic one
};

}  // namespace mqttvet::core
