// Topic Aliases of one network connection (MQTT 5.0, 3.3.2.3.4), both directions, as a client keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "conformance/wire/packet.h"

namespace mqttvet::sim {

class TopicAliases {
 public:
  // A new connection: no alias means anything any more [MQTT5-3.3.2-7]. The broker takes aliases up to
  // `outgoing_max`, the client asked for some up to `incoming_max`; 0: none at all.
  void begin(std::uint16_t outgoing_max, std::uint16_t incoming_max);

  // --- To the broker ---
  // The topic's alias instead of the topic; the first time both. First come, first served: when all are given
  // away the packet stays as it is, as does one that has an alias already (its meaning is remembered).
  void shorten(wire::Publish& packet);
  // A packet that is to be sent again, maybe on another connection: its whole topic and no alias.
  void lengthen(wire::Publish& packet) const;

  // --- From the broker ---
  // Gives the packet its topic. Otherwise the reason to disconnect with: an alias of 0 or above the maximum
  // is invalid [MQTT5-3.3.2-8] [MQTT5-3.3.2-9], one that was never given a topic breaks the protocol.
  std::optional<std::uint8_t> resolve(wire::Publish& packet);

 private:
  std::uint16_t outgoing_max_ = 0;
  std::uint16_t incoming_max_ = 0;
  std::map<std::string, std::uint16_t> outgoing_;
  std::map<std::uint16_t, std::string> incoming_;
  std::map<std::uint16_t, std::string> said_;  // what the client's aliases last meant, on any connection
};

}  // namespace mqttvet::sim
