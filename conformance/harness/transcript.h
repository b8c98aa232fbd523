// What happened on the wire during one run, packet by packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/harness/target.h"

namespace mqttvet::conformance {

struct TranscriptEntry {
  enum class Kind : std::uint8_t {
    sent,
    received,
    opened,
    ended,      // by the target, or by the network
    closed,     // by the client
    malformed,  // received bytes that are no packet
    note,       // a word of the case or of the harness
  } kind = Kind::note;
  Time at{0};
  std::string client;            // its name in the case; empty: none
  std::uint32_t connection = 0;  // 1, 2, ... in the order of opening; 0: none
  std::string text;              // the packet in one line, or what happened
  std::string bytes;             // of sent, received and malformed, as on the wire
};

using Transcript = std::vector<TranscriptEntry>;

// "  0.000213  alice -> CONNECT 5.0 client=..." , one line each, times in seconds.
std::string to_text(const Transcript& transcript);

}  // namespace mqttvet::conformance
