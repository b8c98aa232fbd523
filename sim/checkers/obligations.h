// What the broker owes at the end of a run: for each session that is connected to the end, the acknowledged
// messages that match its subscriptions. ALO, LIV and DUR ask the same question and differ in whom they
// blame.
#pragma once

#include <string_view>
#include <vector>

#include "sim/checkers/plan_facts.h"
#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// Time the broker has for an answer, for a delivery, for the next step of an exchange, once nothing goes
// wrong any more: well above the longest retransmission of TCP in this world, 8 s.
inline constexpr Duration kBound = std::chrono::seconds(20);

// Whether the broker has had that time since `event`, on a connection that opened before, after the last
// fault.
bool had_time_since(const WireView& view, std::size_t event);

// The connection that lasts to the end, if the broker has had the time to do on it whatever it owes, and
// nothing permits it to hold back or to drop; null: there is none.
const ConnectionView* settled_connection(const WireView& view, const PlanFacts& facts,
                                         const SessionView& session);
// The queue may have been full, so that a documented drop excuses a missing message.
bool drops_possible(const WireView& view, const PlanFacts& facts, const SessionView& session);

// The access control list certainly lets the session receive from the topic, all the time between two events.
bool may_get(const WireView& view, const PlanFacts& facts, const SessionView& session,
             std::string_view topic_name, Span span);

// A message that is due and did not come.
struct Missing {
  const SessionView* session;
  const SubscriptionView* subscription;
  const PublicationView* publication;
  enum class Why {
    lost,     // later messages of the subscription came: it is gone
    stalled,  // nothing later came either: the deliveries have stopped
    crashed,  // the broker crashed after it had acknowledged the message
  } why;
};
std::vector<Missing> missing_messages(const WireView& view, const PlanFacts& facts);
// The same, of the sessions whose queue may have been full.
std::vector<Missing> droppable_messages(const WireView& view, const PlanFacts& facts);

// An exchange that the client could not finish because the broker never went on with it.
struct Unfinished {
  const SessionView* session;
  const ExchangeView* exchange;
  enum class Lacks { repetition, pubrel } lacks;
  bool crashed;  // the broker crashed since the client's last word
};
std::vector<Unfinished> unfinished_exchanges(const WireView& view, const PlanFacts& facts);

}  // namespace mqttvet::sim
