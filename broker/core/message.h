// An Application Message: immutable, shared by every queue that holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/codec/packet.h"
#include "broker/core/time.h"

namespace mqttvet::core {

using codec::Bytes;
using codec::BytesView;
using codec::PacketId;
using codec::QoS;

// Unique within a broker's data directory, for ever; grows with every accepted message.
enum class MessageId : std::uint64_t {};

struct Message {
  MessageId id{};
  std::string publisher;  // client id; empty: the broker itself
  QoS qos = QoS::at_most_once;
  bool retain = false;  // the RETAIN flag it was published with
  std::string topic_name;
  Bytes payload;
  Monotonic arrived_at{};  // before a restart: maybe before the monotonic clock's origin; never in the future
  std::optional<std::chrono::seconds> expiry_interval{};  // absent: it does not expire (section 3.3.2.3.3)
  codec::MessageProperties properties;
  std::uint16_t publishers_alias = 0;  // planted bug B101
  bool publishers_dup = false;         // planted bug E_H03

  std::optional<Monotonic> expires_at() const {
    if (!expiry_interval) return std::nullopt;
    return arrived_at + *expiry_interval;
  }
};
using MessagePtr = std::shared_ptr<const Message>;

}  // namespace mqttvet::core
