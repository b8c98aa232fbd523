// One case of the matrix: an exchange, where it is cut, and how the client comes back.
#pragma once

#include <cstdint>
#include <string_view>

#include "conformance/harness/case.h"
#include "conformance/matrix/exchange.h"

namespace mqttvet::conformance {

enum class Resume : std::uint8_t {
  at_once,            // the connection was reset; the session is taken up again
  after_fin,          // the same, but the connection ended with a FIN and no DISCONNECT
  takeover,           // the same, but the first connection is still open
  second_cut,         // cut once more as soon as the exchange has been taken up
  clean_start,        // the session is not wanted any more
  session_not_kept,   // its Session Expiry Interval is 0 (3.1.1: Clean Session 1)
  session_expired,    // its Session Expiry Interval has elapsed
  message_expired,    // the Message Expiry Interval has elapsed: of this message, and of one not yet sent
  receive_maximum_1,  // with two messages in flight
  unsubscribed,       // with UNSUBSCRIBE as the first packet
  qos_0_subscribed,   // with SUBSCRIBE for QoS 0 as the first packet
};
// "resume-receive-maximum-1"
std::string_view name_of(Resume resume);
// The client finds its session again.
bool keeps_session(Resume resume);

struct MatrixCase {
  Exchange exchange;
  Cut cut;
  Resume resume;
};

// The target sends, the client receives.
void run_outbound(Run& run, const MatrixCase& what);
// The client sends; a second client has subscribed.
void run_inbound(Run& run, const MatrixCase& what);

// --- For both ---

// First connection of the client that will be cut.
void connect_first(Client& client, Resume resume, Properties properties = {});
// The cut is inside a packet of the target, or before it: to be arranged before the client connects.
bool cut_by_fault(const MatrixCase& what);
Fault fault_of(const MatrixCase& what);
// What of a packet of the client's own passes before the cut.
void send_until_cut(Client& client, const Packet& packet, Extent extent);
// Cuts the connection as `resume` wants it, lets elapse what shall have elapsed, connects again and checks
// Session Present. Returns the client that has the new connection.
Client& come_back(Run& run, Client& client, const MatrixCase& what, Properties properties = {});
// Long enough for a target that is not silent to have sent what it sends.
void let_it_answer(Run& run);

}  // namespace mqttvet::conformance
