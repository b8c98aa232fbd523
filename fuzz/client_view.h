// What one client sees of a broker, judged as far as its own connection tells: every byte is a packet that a
// server may send, and
//   - CONNACK comes first and once, and nothing follows one that refuses;
//   - no packet is larger than the client takes [MQTT5-3.1.2-24];
//   - a packet id in flight names no other message [MQTT5-2.2.1-4], and 5.0 repeats nothing on a connection
//     that stands [MQTT5-4.4.0-1];
//   - messages with QoS 1 and 2 never outnumber the Receive Maximum [MQTT5-3.3.4-9];
//   - topic aliases stay within the client's maximum and stand for what they were given [MQTT5-3.3.2-8].
//
// In doubt for the broker: what the client has sent counts as read by it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "conformance/wire/reader.h"

namespace mqttvet::fuzz {

class ClientView {
 public:
  void sends(std::string_view bytes);
  // Fails the run (require.h) if the broker has said what it must not.
  void receives(std::string_view bytes);

  // Absent until the client has sent a CONNECT.
  std::optional<wire::Version> version() const { return from_broker_.version(); }
  // The packet that the oldest packet of the broker not answered yet asks for.
  std::optional<wire::Packet> next_answer();

 private:
  void note_sent(const wire::Packet& packet);
  void judge(const wire::Arrival& arrival);
  void judge(const wire::Publish& publish);
  void finish(std::uint16_t packet_id) { in_flight_.erase(packet_id); }

  wire::Reader to_broker_{wire::Direction::client_to_server};
  wire::Reader from_broker_{wire::Direction::server_to_client};
  bool lost_ = false;  // the client sent what the judge can't read: what it meant is unknown
  bool connected_ = false;
  bool refused_ = false;
  std::uint32_t maximum_packet_size_ = UINT32_MAX;
  std::uint32_t receive_maximum_ = UINT32_MAX;
  std::uint32_t topic_alias_maximum_ = 0;
  std::map<std::uint32_t, std::string> topic_aliases_;
  std::set<std::uint16_t> in_flight_;  // PUBLISH received on this connection, exchange not complete
  std::set<std::uint16_t> unasked_;    // of a PUBREC that answers nothing: the PUBREL after it means nothing
  std::deque<wire::Packet> answers_;
};

}  // namespace mqttvet::fuzz
