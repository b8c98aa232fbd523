// A History folded into what MQTT talks about: connections, sessions, subscriptions, publications and
// deliveries, as far as the clients' side of the network can know them. The oracles read this; none of them
// walks the events again.
//
// Knowledge is one-sided, and the view keeps to what is certain:
//   - what a client received, the broker did send;
//   - what a client sent, the broker may or may not have received;
//   - so an exchange that the client has not acknowledged is certainly unfinished at the broker, while one
//   that it has
//     acknowledged may be either.
// Sessions belong to client identifiers: two clients of a plan with one identifier share a session, and from
// the CONNACK of the newer connection on, the older one no longer speaks for it (its later events are left
// out).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/checkers/history.h"

namespace mqttvet::sim {

inline constexpr std::size_t kNoEvent = static_cast<std::size_t>(-1);
inline constexpr std::uint32_t kNever = 0xFFFFFFFF;  // of a session's expiry

// (topic, payload): what tells one Application Message from another on the wire. Generated payloads are
// unique.
using MessageKey = std::pair<std::string, std::string>;

struct ConnectionView {
  std::uint64_t number = 0;
  std::string client;     // name in the plan
  std::string client_id;  // as in CONNECT, or assigned by CONNACK
  wire::Version version = wire::Version::v3_1_1;
  bool clean_start = false;
  // Seconds; 0xFFFFFFFF: never; of 3.x: 0 or "as configured" (also 0xFFFFFFFF here). As CONNECT asked, as
  // CONNACK granted, and as a DISCONNECT that may or may not have arrived changed it.
  std::uint32_t requested_expiry = 0;
  std::uint32_t session_expiry = 0;
  std::optional<std::uint32_t> disconnect_expiry;
  std::uint32_t receive_maximum = 65535;
  std::optional<std::uint32_t> maximum_packet_size;
  std::uint16_t keep_alive = 0;
  std::size_t opened = kNoEvent;
  std::size_t connect = kNoEvent;     // CONNECT sent
  std::size_t connack = kNoEvent;     // CONNACK with success received
  std::size_t disconnect = kNoEvent;  // DISCONNECT sent
  std::size_t closed = kNoEvent;
  bool malformed = false;             // the client sent what is no packet: what follows is its own doing
  std::size_t superseded = kNoEvent;  // CONNACK of a newer connection with the same client identifier
  std::size_t refused = kNoEvent;     // CONNACK with a failure code
  std::vector<std::size_t> extra_pubcomps;  // sent, for exchanges that are not known here
  bool session_present = false;
  std::size_t session = kNoEvent;  // index into WireView::sessions

  std::uint32_t shortest_expiry() const {
    return std::min(session_expiry, disconnect_expiry.value_or(kNever));
  }
  std::uint32_t longest_expiry() const { return std::max(session_expiry, disconnect_expiry.value_or(0)); }
};

// One PUBLISH with QoS > 0 from the broker until the client's last word on it.
struct ExchangeView {
  std::uint16_t packet_id = 0;
  int qos = 0;
  MessageKey message;
  std::vector<std::size_t> arrivals;         // PUBLISH, first and repeated
  std::size_t acknowledged = kNoEvent;       // first PUBACK or PUBREC sent
  std::size_t last_acknowledged = kNoEvent;  // the last of them
  bool refused = false;                      // that PUBREC carried a failure code
  std::size_t released = kNoEvent;           // first PUBREL received
  std::size_t last_released = kNoEvent;      // the last of them
  std::size_t completed = kNoEvent;          // PUBACK sent, or PUBCOMP sent (first)
  std::size_t last_completed = kNoEvent;     // PUBCOMP sent (last)
  bool maybe_repeated = false;               // it may be another one that the client had finished
  bool expires = false;                      // it carries a Message Expiry Interval
  // The client had sent an acknowledgement too many under this packet id on this connection: the broker may
  // take it for this message's, and be right to.
  bool unsure = false;
  bool open() const { return completed == kNoEvent && !refused; }
};

struct SubscriptionView {
  std::string filter;
  int granted_qos = 0;
  bool no_local = false;
  std::size_t subscribe = kNoEvent;  // SUBSCRIBE sent
  std::size_t suback = kNoEvent;     // SUBACK received
  std::size_t ended = kNoEvent;      // UNSUBSCRIBE or a new SUBSCRIBE to the filter was sent
};

struct SessionView {
  std::string client_id;
  std::size_t begun = kNoEvent;  // CONNACK
  std::size_t ended = kNoEvent;  // from here on its state can no longer be relied on
  // false: it may hold more than is seen here: the broker may have made it for a CONNECT whose CONNACK was
  // lost, or (3.1) nobody tells whether it is new.
  bool certain = true;
  // false: a CONNECT that was never answered, and that asked for something else, may have ended it meanwhile.
  bool lasting = true;
  // Two clients connected with this identifier at once, and it is not known whom the broker heard last:
  // nothing is known of the session, nor which of the two has it.
  bool contested = false;
  bool strayed = false;  // the client has sent acknowledgements that nothing asked for (see unsure)
  std::set<std::string> requested;       // every Topic Filter of a SUBSCRIBE, answered or not
  std::vector<std::size_t> connections;  // indices into WireView::connections
  std::vector<ExchangeView> exchanges;   // in the order of their first arrival
  std::vector<SubscriptionView> subscriptions;
  // Every arrival of a message that is new to the application: QoS 0 and 1 each time, QoS 2 once per
  // exchange.
  struct Delivery {
    MessageKey message;
    int qos = 0;
    bool retain = false;
    bool dup = false;
    std::size_t event = kNoEvent;
  };
  std::vector<Delivery> deliveries;
};

// One Application Message on its way from a client to the broker.
struct PublicationView {
  std::string client_id;
  MessageKey message;
  int qos = 0;
  bool retain = false;
  bool expires = false;
  std::optional<std::uint32_t> expiry;  // seconds
  std::uint16_t packet_id = 0;
  std::vector<std::size_t> sends;   // PUBLISH, first and repeated
  std::size_t answered = kNoEvent;  // PUBACK or PUBREC with success received
  std::size_t released = kNoEvent;  // first PUBREL sent
  std::size_t accepted = kNoEvent;  // from here on the broker owes its delivery: PUBACK, or PUBCOMP
  std::size_t refused = kNoEvent;   // PUBACK or PUBREC with a failure code
  // By then the broker certainly had done what it does with the message: `accepted`; with QoS 0, the answer
  // to a later request on the same connection.
  std::size_t handled = kNoEvent;
  bool withheld = false;   // the access control list may keep it from everybody
  bool ambiguous = false;  // its packet id was in use: the client is to blame for what follows
};

struct WireView {
  const History* history = nullptr;
  std::vector<ConnectionView> connections;  // in the order of their CONNECT
  std::vector<SessionView> sessions;        // in the order of their beginning
  std::vector<PublicationView> publications;
  std::map<MessageKey, std::vector<std::size_t>> publications_of;  // indices, in the order of first sending
  // Messages that may come by a way that is not seen here: wills, and what a client published on a connection
  // that another one with its client identifier had taken the place of.
  std::set<MessageKey> untraceable;
  std::set<MessageKey> lost_track;             // the latter of them alone
  std::vector<std::size_t> unknown_aliases;    // PUBLISH received with a Topic Alias that nothing has taught
  std::vector<std::size_t> broker_crashes;     // events
  std::vector<std::size_t> broker_vanishings;  // events: its side of every connection was gone, untold
  std::size_t healed = kNoEvent;
  Time calm{0};  // from here on nothing went wrong any more
  Time ended{0};

  const HistoryEvent& event(std::size_t index) const { return history->events[index]; }
  Time time(std::size_t index) const { return history->events[index].at; }
  // Nothing takes the connection from the client between its CONNACK and the end of the run.
  bool lasts_to_the_end(const ConnectionView& connection) const;
  // The broker's side of the connection is gone, and the client may not have noticed yet.
  bool deserted(const ConnectionView& connection) const;
  // The same, by an event.
  bool deserted_before(const ConnectionView& connection, std::size_t event) const;
  // The connection of this session that lasts to the end, or null.
  const ConnectionView* final_connection(const SessionView& session) const;
  // A broker crash lies between two events.
  bool crashed_between(std::size_t from, std::size_t to) const;
};

// `history` must outlive the view.
WireView view(const History& history);

}  // namespace mqttvet::sim
