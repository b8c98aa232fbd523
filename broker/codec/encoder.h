// Packets to a client -> bytes, in the version that the connection speaks. What a version can't express is
// left out: 3.1.1 has no properties and no reason codes but in CONNACK and SUBACK, 3.1 has no Session
// Present.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "broker/codec/packet.h"

namespace mqttvet::codec {

// Each appends one whole packet to `out`, in its shortest form. Disconnect and Auth must not be encoded
// for 3.1.1 or 3.1 (asserted). A CONNACK for 3.1.1 or 3.1 whose reason has no return code there appends
// nothing: the connection is closed without one [MQTT311-3.2.2-6].
void encode(const Connack&, ProtocolVersion, Bytes& out);
void encode(const Puback&, ProtocolVersion, Bytes& out);
void encode(const Pubrec&, ProtocolVersion, Bytes& out);
void encode(const Pubrel&, ProtocolVersion, Bytes& out);
void encode(const Pubcomp&, ProtocolVersion, Bytes& out);
void encode(const Suback&, ProtocolVersion, Bytes& out);
void encode(const Unsuback&, ProtocolVersion, Bytes& out);
void encode(const Pingresp&, ProtocolVersion, Bytes& out);
void encode(const Disconnect&, ProtocolVersion, Bytes& out);
void encode(const Auth&, ProtocolVersion, Bytes& out);

// A PUBLISH to a subscriber without its payload, which is shared between all subscribers and follows on the
// wire.
struct PublishHead {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  BytesView topic_name;                                         // empty with a topic alias that is known
  PacketId packet_id = 0;                                       // non-zero exactly if qos > 0 (asserted)
  std::optional<std::chrono::seconds> message_expiry_interval;  // what remains of it
  std::optional<std::uint16_t> topic_alias;
  const MessageProperties* properties = nullptr;                         // may be null: none
  const std::vector<std::uint32_t>* subscription_identifiers = nullptr;  // may be null: none
};
// Appends fixed header and variable header; the Remaining Length counts `payload_bytes` more to come.
void encode_head(const PublishHead&, std::size_t payload_bytes, ProtocolVersion, Bytes& out);

}  // namespace mqttvet::codec
