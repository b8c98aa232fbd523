// What the standard says about an exchange of QoS 1 or 2 that is cut (4.3.2, 4.3.3, 4.4), as a small model
// from which the expectations of the matrix are computed.
//
//   QoS 1   step 0  PUBLISH          1  PUBACK
//   QoS 2   step 0  PUBLISH          1  PUBREC          2  PUBREL          3  PUBCOMP
//           the sender's             the receiver's     the sender's       the receiver's
//
// A side's progress is the number of steps that have happened as far as it knows. Whoever sends the message
// owes the even steps: on a resume it takes up the exchange at the last of them that was not answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "conformance/harness/fault.h"
#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

enum class Side : std::uint8_t { client, server };

struct Exchange {
  Side sender = Side::server;  // of the message
  std::uint8_t qos = 1;

  std::size_t step_count() const { return qos == 1 ? 2 : 4; }
  wire::PacketType packet_at(std::size_t step) const;
  Side side_at(std::size_t step) const;
  // The step at which the sender goes on after a resume; step_count(): nothing is left to do.
  std::size_t resumed_at(std::size_t sender_progress) const;
  std::string name() const;  // "out-q2": outbound, from the target to the client; "in-q1"
};

// The connection is cut when so much of the packet has passed. Extent::none, of a packet of the target: it is
// on its way, and lost.
struct Cut {
  std::size_t step = 0;
  Extent extent = Extent::whole;
};

// Every place to cut this exchange, in order.
std::vector<Cut> cuts_of(const Exchange& exchange);
std::string name_of(const Exchange& exchange, const Cut& cut);  // "inside-pubrel-half"

// What the target's progress can be when the connection is cut there. What the client sent last may have
// been lost, and the answer may have been under way; whatever began to come from the target was sent by it.
struct Progress {
  std::size_t least = 0;
  std::size_t most = 0;
};
Progress target_progress(const Exchange& exchange, const Cut& cut);
// The client's own: what it has sent and what has arrived.
std::size_t client_progress(const Exchange& exchange, const Cut& cut);

}  // namespace mqttvet::conformance
