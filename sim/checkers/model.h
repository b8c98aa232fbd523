// The model behind the oracles: a reference MQTT session model (3.1.1 and 5.0), written from the standard,
// over what the clients' side of the network saw. For each session it says which deliveries are
//   forbidden: nothing that can have happened explains them;
//   due:       whatever happened at the broker, they must have come by now;
//   allowed:   all others. Uncertainty always ends here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/checkers/disturbances.h"
#include "sim/checkers/obligations.h"
#include "sim/checkers/plan_facts.h"
#include "sim/checkers/requests.h"
#include "sim/checkers/round_trips.h"
#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// One connection's will (section 3.1.2.5).
struct WillView {
  std::size_t connection = kNoEvent;  // index into WireView::connections
  MessageKey message;
  int qos = 0;
  bool retain = false;
  std::uint32_t delay = 0;  // seconds
  bool expires = false;
};

class Model {
 public:
  // `seen` must outlive it.
  explicit Model(const WireView& seen);

  const WireView& view;
  PlanFacts facts;
  Disturbances disturbances;
  std::vector<Request> requests;  // in the order of sending
  std::vector<WillView> wills;    // in the order of CONNECT
  RoundTrips round_trips;
  std::vector<Missing> missing;
  std::vector<Unfinished> unfinished;

  // Requests that may be in force in a session, those of its predecessors included if it may have gone on
  // from one.
  const std::vector<const Request*>& requests_of(const SessionView& session) const;
  const ConnectionView& connection_of(std::size_t event) const;
  bool is_of(const Request& request, const SessionView& session) const {
    return request.session == static_cast<std::size_t>(&session - view.sessions.data());
  }
  // What the broker enforces, in seconds; 0: nothing.
  std::uint32_t keep_alive_of(const ConnectionView& connection) const;
  // The publications of a message that can have given a delivery at `event`.
  std::vector<const PublicationView*> publications(const MessageKey& message, std::size_t event) const;
  // Retained publications of a topic, the deleting ones included, in the order of their sending.
  const std::vector<const PublicationView*>& retained(const std::string& topic) const;
  const std::map<std::string, std::vector<const PublicationView*>>& retained() const { return retained_; }
  bool is_will(const MessageKey& message) const { return will_keys_.contains(message); }
  // May come by a way that nobody follows.
  bool untold(const MessageKey& message) const;
  // The message certainly had its effect at the broker before `event` was sent or happened, and keeps it.
  bool certainly_before(const PublicationView& publication, std::size_t event) const;

 private:
  void collect_wills();
  void collect_requests();

  std::vector<std::vector<const Request*>> requests_of_;  // by session
  std::map<std::uint64_t, std::size_t> by_number_;
  std::map<std::string, std::vector<const PublicationView*>> retained_;
  std::set<MessageKey> will_keys_;
};

// "SUBSCRIBE "a/+" at 1.234567s" for messages.
std::string text_of(const WireView& view, const Request& request);

}  // namespace mqttvet::sim
