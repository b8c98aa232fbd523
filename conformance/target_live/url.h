// Where a live target listens: mqtt://[USER[:PASSWORD]@]HOST[:PORT], also mqtts, ws, wss with an optional
// /PATH.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/harness/target.h"

namespace mqttvet::conformance {

struct Url {
  enum class Scheme : std::uint8_t { mqtt, mqtts, ws, wss } scheme = Scheme::mqtt;
  std::string host;            // a name or an address; IPv6 in brackets in the text, without here
  std::uint16_t port = 0;      // default: 1883, 8883, 80, 443
  std::string path = "/mqtt";  // of ws and wss
  Credentials credentials;

  bool has_tls() const { return scheme == Scheme::mqtts || scheme == Scheme::wss; }
  bool has_websocket() const { return scheme == Scheme::ws || scheme == Scheme::wss; }
};

// Throws std::invalid_argument that says what is wrong and what was expected.
Url parse_url(std::string_view text);

}  // namespace mqttvet::conformance
