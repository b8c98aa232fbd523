// What a target takes at most, as its file says. A case that would have to send more is skipped.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

struct Limits {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::size_t topic_bytes_max = kNone;
  std::size_t topic_levels_max = kNone;
  std::size_t client_id_bytes_max = kNone;
  std::size_t packet_bytes_max = kNone;         // a whole packet, as Maximum Packet Size of 5.0
  std::vector<std::string> forbidden_topics{};  // no topic name or filter may begin so
  std::string topic_prefix{};                   // run.topic() begins so: "test/"
};

// What of this packet is beyond them, in a clause; empty: nothing.
std::string what_exceeds(const Limits& limits, const wire::Packet& packet, wire::Version version);

}  // namespace mqttvet::conformance
