// Where a broker listens, as its user writes it: "mqtt://127.0.0.1:1883", "mqtt://[::1]:1883",
// "mqtt://localhost".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mqttvet::net {

enum class Scheme : std::uint8_t { mqtt };  // plain TCP; mqtts, ws and wss get their own

struct ListenAddress {
  Scheme scheme = Scheme::mqtt;
  std::string host;        // an IPv4 or IPv6 address without brackets
  std::uint16_t port = 0;  // 0: any that is free
  bool loopback = false;   // reached from this machine only
};

// The address, or one line that says what is wrong with it and what was expected. The port defaults to the
// scheme's, 1883. Host names other than localhost are not looked up.
std::variant<ListenAddress, std::string> parse_listen_address(std::string_view url);

// "mqtt://[::1]:1883"
std::string to_string(const ListenAddress& address);

}  // namespace mqttvet::net
