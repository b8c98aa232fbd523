// Where a broker listens, as its user writes it: "mqtt://127.0.0.1:1883", "mqtts://[::1]",
// "ws://localhost/mqtt".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mqttvet::net {

// What carries the packets: TCP, TLS, WebSocket, WebSocket over TLS.
enum class Scheme : std::uint8_t { mqtt, mqtts, ws, wss };

constexpr bool uses_tls(Scheme scheme) {
  return scheme == Scheme::mqtts || scheme == Scheme::wss;
}
constexpr bool uses_websocket(Scheme scheme) {
  return scheme == Scheme::ws || scheme == Scheme::wss;
}

struct ListenAddress {
  Scheme scheme = Scheme::mqtt;
  std::string host;        // an IPv4 or IPv6 address without brackets
  std::uint16_t port = 0;  // 0: any that is free
  bool loopback = false;   // reached from this machine only
  std::string path{};      // of ws and wss: the one that is served, as in "/mqtt"; empty: "/" and "/mqtt"
};

// The address, or one line that says what is wrong with it and what was expected. The port defaults to the
// scheme's: 1883, 8883, 8083 and 8084. Host names other than localhost are not looked up.
std::variant<ListenAddress, std::string> parse_listen_address(std::string_view url);

// "mqtt://[::1]:1883"
std::string to_string(const ListenAddress& address);

}  // namespace mqttvet::net
