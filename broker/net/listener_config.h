// What a listener is told: where it listens, what carries the packets there, and what its clients may do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "broker/net/listen_address.h"

namespace mqttvet::net {

// Whether a client has to show a certificate, signed by client_ca_file.
enum class VerifyClient : std::uint8_t {
  off,       // it is not asked for one
  optional,  // it may have none; a wrong one ends the handshake
  required,
};

// Of one listener, whatever the others allow.
struct ListenerLimits {
  // Connections at the same time. More are accepted and closed at once.
  std::size_t connections_max = 100'000;
  // New connections per second, as many of them at once; 0: no limit. More are accepted and closed at once.
  std::uint32_t connect_rate_max = 0;
  // PUBLISH packets per second and connection, as many of them at once; 0: no limit. What comes faster waits
  // in the client: the connection is not read meanwhile.
  std::uint32_t message_rate_max = 0;
  // Of a whole packet, in bytes, told to 5.0 clients; 0: maximum_packet_size_bytes of core::Config alone.
  std::uint32_t packet_size_bytes_max = 0;
  // From accepting to a complete CONNECT, any handshake of TLS or WebSocket included; 0: connect_timeout of
  // core::Config.
  std::chrono::seconds connect_timeout{0};
};

struct ListenerConfig {
  ListenAddress address{};
  // PEM files. The certificate may be followed by its chain. REQUIRED for mqtts and wss, unused otherwise.
  std::string certificate_file{};
  std::string key_file{};
  // PEM file of the authorities that sign client certificates. REQUIRED unless verify_client is off.
  std::string client_ca_file{};
  VerifyClient verify_client = VerifyClient::off;
  // The common name of a client's verified certificate is its user name, and no password is asked for. Who
  // shows no certificate is asked as everywhere. REQUIRES: verify_client is not off.
  bool use_certificate_name = false;
  ListenerLimits limits{};
};

// What is wrong with the files that the listener needs, in one line; nullopt: they can be used.
std::optional<std::string> check_files(const ListenerConfig& config);

}  // namespace mqttvet::net
