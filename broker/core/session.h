// The Session State of one client id (section 4.1). It outlives connections.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "broker/codec/boxed.h"
#include "broker/codec/packet.h"
#include "broker/core/access.h"
#include "broker/core/outgoing.h"
#include "broker/core/seam.h"
#include "broker/core/timers.h"

namespace mqttvet::core {

struct Subscription {
  codec::SubscriptionOptions options;
  std::optional<std::uint32_t> subscription_identifier;
};

// A QoS 2 PUBLISH that was received and whose PUBREL was not.
struct Incoming {
  ConnectionId counted_on{};    // the connection whose Receive Maximum it takes up
  bool had_subscribers = true;  // planted bug B032
  MessagePtr held;              // planted bug E_C01
  int repeated_count = 0;       // planted bug B024
  Monotonic received_at{};
};

struct Session {
  Session(std::string id, std::uint64_t number, PacketId first_packet_id, PacketId last_packet_id)
      : client_id(std::move(id)), serial(number), outgoing(first_packet_id, last_packet_id) {}
  Session(const Session&) = delete;  // timers and the subscription tree point here

  const std::string client_id;
  const std::uint64_t serial;  // in order of creation: the order of fan-out

  // --- Section 4.1, in its order ---
  std::map<std::string, Subscription, std::less<>> subscriptions;  // by topic filter
  Outgoing outgoing;                      // sent and not completely acknowledged; pending transmission
  std::map<PacketId, Incoming> incoming;  // QoS 2 received and not completely acknowledged
  codec::Boxed<codec::Will> will;         // with its delay; of the connection that is, or was the last
  std::optional<Monotonic> ends_at;       // while offline; absent then: never

  // --- What the state depends on ---
  codec::ProtocolVersion version = codec::ProtocolVersion::v5_0;
  std::chrono::seconds expiry_interval{0};  // 0: ends with its connection; kNeverExpires
  std::string user_name;
  Connection* connection = nullptr;     // null: offline
  std::optional<Wall> disconnected_at;  // while offline
  std::optional<Monotonic> will_due;    // while offline and with a will
  Timer timer{Timer::Purpose::session, nullptr, this, {}, 0};

  // --- Scratch ---
  std::uint64_t routed_in = 0;  // the routing that found it last, and where it put it
  std::size_t routed_index = 0;
  bool queue_full_logged = false;
  bool queue_alarm = false;  // the queue has reached its high watermark, and not its low one since
  bool restored = false;     // planted bug B056

  Identity identity() const { return {client_id, user_name}; }
  bool is_persistent() const { return expiry_interval.count() > 0; }
};

}  // namespace mqttvet::core
