// A client's Session State (section 4.1) and its packet identifiers. Knows no socket and no time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "conformance/wire/packet.h"

namespace mqttvet::sim {

class RawSession {
 public:
  // What asked for a message to be published; it is told when the message is done with.
  using OperationId = std::uint64_t;
  struct Finished {
    OperationId operation = 0;
    std::uint8_t reason_code = 0;
  };

  // --- Outgoing ---
  void publish(wire::Publish message, OperationId operation) {
    queue_.push_back({std::move(message), operation});
  }
  // How many QoS 1 and 2 exchanges the broker takes at once; holds until the next connection.
  void set_send_quota(std::uint32_t receive_maximum) { receive_maximum_ = receive_maximum; }
  // The next message of the queue, with its packet id, if the quota allows: to be sent now.
  struct ToSend {
    wire::Publish packet;
    OperationId operation;
  };
  std::optional<ToSend> next();
  // After a CONNACK with Session Present 1: the PUBRELs in the order of their PUBRECs, then the PUBLISHes in
  // theirs, with DUP [MQTT5-4.4.0-1] [MQTT5-4.6.0-1].
  std::vector<wire::Packet> resume() const;
  // After one with 0: every exchange is given up [MQTT5-3.2.2-5]. Returns whose they were. The queue stays.
  std::vector<OperationId> discard();

  // Answers of the broker; nullopt if they end nothing.
  std::optional<Finished> handle(const wire::Puback& puback);
  std::optional<Finished> handle(const wire::Pubcomp& pubcomp);
  std::optional<Finished> handle(const wire::Pubrec& pubrec);  // ends the exchange only with an error
  bool is_released(std::uint16_t packet_id) const;             // a PUBREL is due (again)

  // A free id for SUBSCRIBE or UNSUBSCRIBE, taken until give_back().
  std::uint16_t take_id();
  void give_back(std::uint16_t packet_id) { taken_.erase(packet_id); }

  // --- Incoming QoS 2 ---
  // False: this message is known already.
  bool receive(std::uint16_t packet_id) { return received_.insert(packet_id).second; }
  // False: there is no such message.
  bool release(std::uint16_t packet_id) { return received_.erase(packet_id) > 0; }

 private:
  struct Queued {
    wire::Publish message;
    OperationId operation = 0;
  };
  struct Released {
    std::uint16_t packet_id = 0;
    OperationId operation = 0;
  };
  std::optional<Finished> finish_published(std::uint16_t packet_id, std::uint8_t qos,
                                           std::uint8_t reason_code);

  std::deque<Queued> queue_;  // not yet sent
  // PUBLISH sent, neither PUBACK nor PUBREC received; in the order of sending, and mostly of leaving.
  std::deque<Queued> published_;
  std::vector<Released> released_;  // PUBREC received, PUBCOMP not; in the order of the PUBRECs
  std::set<std::uint16_t> received_;
  std::set<std::uint16_t> taken_;  // all ids in use
  std::uint16_t last_id_ = 0;
  std::uint32_t receive_maximum_ = 65535;
};

}  // namespace mqttvet::sim
