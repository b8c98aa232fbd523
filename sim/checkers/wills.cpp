// WIL: a will is published once, when it is due, or not at all (sections 3.1.2.5, 3.1.3.2.2).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {
namespace {

using std::chrono::seconds;

// Two clocks may differ a little: a second, and one in a hundred.
Duration at_least(std::uint32_t interval) {
  return std::max(seconds(interval) * 99 / 100 - seconds(1), seconds(0));
}
Duration at_most(std::uint32_t interval) {
  return seconds(interval) * 101 / 100 + seconds(1);
}

// What is known of the fate of one connection's will.
struct Fate {
  const WillView* will = nullptr;
  bool never = false;       // it certainly is not published
  Time earliest{0};         // it certainly is not published before
  std::optional<Time> due;  // it certainly is published, and by then
  std::string why;          // of `never`
};

class Fates {
 public:
  explicit Fates(const Model& model) : model_(model), view_(model.view) {}

  Fate of(const WillView& will) const {
    const ConnectionView& connection = view_.connections[will.connection];
    Fate fate;
    fate.will = &will;
    if (connection.refused != kNoEvent) {
      fate.never = true;
      fate.why = "its CONNECT was refused";
    } else if (certainly_discarded(connection)) {
      fate.never = true;
      fate.why = "the client disconnected with reason 0";
    }
    fate.earliest = earliest(will, connection);
    if (const ConnectionView* back = resumed_before(connection, fate.earliest); back != nullptr) {
      fate.never = true;
      fate.why = fmt::format("the client was back at {}, before the Will Delay Interval had passed",
                             seconds_text(view_.time(back->connack)));
    }
    if (!fate.never) fate.due = latest(will, connection);
    return fate;
  }

 private:
  template <class F>
  void each_later(const ConnectionView& connection, F visit) const {
    for (const ConnectionView& other : view_.connections)
      if (other.client_id == connection.client_id && other.connect > connection.connect) visit(other);
  }

  // DISCONNECT with reason 0 certainly arrived, while the broker still held the connection for alive.
  bool certainly_discarded(const ConnectionView& connection) const {
    if (connection.connack == kNoEvent || connection.disconnect == kNoEvent || connection.closed == kNoEvent)
      return false;
    const auto& packet = std::get<wire::Disconnect>(view_.event(connection.disconnect).packet);
    if (packet.reason_code != 0 || connection.malformed || connection.superseded != kNoEvent) return false;
    const std::string& closed = view_.event(connection.closed).text;
    if ((closed != "client closed" && closed != "server closed") || fell_silent(connection)) return false;
    if (packet.properties.size() > 0) return false;  // it may ask for what is a protocol error
    const Time gone = view_.time(connection.closed);
    bool contested = false;
    each_later(connection, [&](const ConnectionView& other) {
      contested = contested || view_.time(other.connect) < gone + seconds(1);
    });
    return !contested &&
           model_.disturbances.quiet(connection.client, view_.time(connection.opened), gone + seconds(5));
  }

  // Its keep-alive may have run out before its last packet came.
  bool fell_silent(const ConnectionView& connection) const {
    const std::uint32_t keep_alive = model_.keep_alive_of(connection);
    Time last = view_.time(connection.connect);
    bool silent = false;
    for (std::size_t i = connection.connect; keep_alive != 0 && i < connection.closed; ++i) {
      const HistoryEvent& event = view_.event(i);
      if (event.connection != connection.number || event.kind != HistoryEvent::Kind::sent) continue;
      silent = silent || event.at - last > at_least(keep_alive);
      last = event.at;
    }
    return silent;
  }

  // From here on the broker may hold the connection for lost.
  Time maybe_lost(const ConnectionView& connection) const {
    Time lost = view_.ended;
    if (connection.malformed) lost = view_.time(connection.connect);
    if (connection.closed != kNoEvent) {
      const Time closed = view_.time(connection.closed);
      lost = std::min(lost, closed - model_.disturbances.delay(connection.client, closed));
    }
    if (connection.disconnect != kNoEvent) lost = std::min(lost, view_.time(connection.disconnect));
    each_later(connection,
               [&](const ConnectionView& other) { lost = std::min(lost, view_.time(other.connect)); });
    for (const HistoryEvent& event : view_.history->events) {
      using Kind = HistoryEvent::Kind;
      const bool strikes = event.kind == Kind::fault || event.kind == Kind::broker_crashed ||
                           event.kind == Kind::broker_started || event.kind == Kind::broker_vanished;
      if (!strikes || event.at < view_.time(connection.connect)) continue;
      if (event.kind == Kind::fault && !event.client.empty() && event.client != connection.client) continue;
      lost = std::min(lost, event.at);
      break;
    }
    // A fault from before the connection may last.
    if (!model_.disturbances.quiet(connection.client, view_.time(connection.opened),
                                   view_.time(connection.opened)))
      lost = view_.time(connection.connect);
    return lost;
  }

  std::uint32_t least_delay(const WillView& will, const ConnectionView& connection) const {
    return std::min(will.delay, connection.shortest_expiry());
  }

  Time earliest(const WillView& will, const ConnectionView& connection) const {
    const Time lost = maybe_lost(connection);
    if (model_.facts.wall_clock_lies()) return lost;
    Time published = lost + at_least(least_delay(will, connection));
    // The end of the session ends the delay.
    each_later(connection, [&](const ConnectionView& other) {
      if (other.clean_start) published = std::min(published, view_.time(other.connect));
    });
    return std::max(published, lost);
  }

  const ConnectionView* resumed_before(const ConnectionView& connection, Time due) const {
    const ConnectionView* back = nullptr;
    bool ended = false;
    each_later(connection, [&](const ConnectionView& other) {
      ended = ended || other.clean_start;
      const bool resumed = other.connack != kNoEvent && other.session_present && !ended;
      if (back == nullptr && resumed && view_.time(other.connack) < due) back = &other;
    });
    return back;
  }

  // The client said nothing that discards it.
  bool certainly_wanted(const ConnectionView& connection) const {
    if (connection.disconnect == kNoEvent) return true;
    const auto& packet = std::get<wire::Disconnect>(view_.event(connection.disconnect).packet);
    return packet.reason_code == 0x04 && packet.properties.empty();
  }

  // By when it is certainly published; nullopt: perhaps never.
  std::optional<Time> latest(const WillView& will, const ConnectionView& connection) const {
    if (connection.connack == kNoEvent || connection.closed == kNoEvent || connection.malformed)
      return std::nullopt;
    if (connection.superseded != kNoEvent || !certainly_wanted(connection)) return std::nullopt;
    const AccessRules& access = model_.facts.access();  // asked again when the will is published
    if (access.may_publish(access.who(view_, connection), will.message.first, {connection.connect}) !=
        Right::allowed)
      return std::nullopt;
    if (connection.session == kNoEvent || view_.sessions[connection.session].contested) return std::nullopt;
    if (view_.deserted_before(connection, connection.closed)) return std::nullopt;
    const auto notice = model_.facts.notice_delay(connection, view_.event(connection.closed).text);
    if (!notice) return std::nullopt;
    const std::uint32_t delay = std::min(will.delay, connection.longest_expiry());
    const Time due = view_.time(connection.closed) + *notice + at_most(delay);
    bool back = false;
    each_later(connection, [&](const ConnectionView& other) {
      back = back || (delay > 0 && view_.time(other.connect) < due);
    });
    // An unpublished will of a session that ends with its connection is lost in a crash.
    for (const std::size_t crash : view_.broker_crashes)
      if (crash > connection.connect && view_.time(crash) < due + seconds(1)) return std::nullopt;
    return back ? std::nullopt : std::optional(due);
  }

  const Model& model_;
  const WireView& view_;
};

// --- What a session must have got, and must not have got ---------------------------------------------------

using ByMessage = std::map<MessageKey, std::vector<Fate>>;

void blame_early(const Model& model, const SessionView& session, const MessageKey& message,
                 const std::vector<Fate>& fates, std::size_t count, std::size_t event,
                 std::vector<Violation>& violations) {
  std::string known;
  std::vector<std::size_t> events;
  for (const Fate& fate : fates) {
    const ConnectionView& connection = model.view.connections[fate.will->connection];
    events.push_back(connection.connect);
    if (connection.closed != kNoEvent && connection.closed < event) events.push_back(connection.closed);
    known += fmt::format("; connection {}: {}", connection.number,
                         fate.never ? fate.why : "not before " + seconds_text(fate.earliest));
  }
  events.push_back(event);
  const bool resumed = std::any_of(fates.begin(), fates.end(), [](const Fate& fate) {
    return fate.never && fate.why.starts_with("the client was back");
  });
  const auto version = model.connection_of(event).version;
  violations.push_back(violation(
      model.view, "WIL", statement(version, "3.1.2-10", resumed ? "3.1.3-9" : "3.1.2-10"), session.client_id,
      fmt::format("the will {} came to \"{}\" {} times by then{}", name_of(message), session.client_id, count,
                  known),
      std::move(events)));
}

void check_forbidden(const Model& model, const SessionView& session, const ByMessage& wills,
                     std::vector<Violation>& violations) {
  std::map<MessageKey, std::size_t> copies;
  std::set<std::size_t> repeated;
  for (const ExchangeView& exchange : session.exchanges)
    repeated.insert(exchange.arrivals.begin() + 1, exchange.arrivals.end());
  for (const auto& delivery : session.deliveries) {
    const auto found = wills.find(delivery.message);
    if (found == wills.end() || delivery.retain || delivery.dup || repeated.contains(delivery.event))
      continue;
    std::size_t allowed = 0;
    for (const Fate& fate : found->second)
      if (!fate.never && fate.earliest <= model.view.time(delivery.event)) ++allowed;
    if (allowed > 0)
      allowed += model.view.broker_crashes.size();  // what it had published it may have forgotten
    allowed *= std::max<std::size_t>(matching_filters(session, delivery.message.first), 1);
    if (++copies[delivery.message] <= allowed) continue;
    blame_early(model, session, delivery.message, found->second, copies[delivery.message], delivery.event,
                violations);
    return;
  }
}

// With QoS 0 a will reaches those alone who are there when it is published, and whom nothing keeps from
// reading.
bool is_there(const Model& model, const SessionView& session, const Fate& fate) {
  const WireView& view = model.view;
  const ConnectionView* there = view.final_connection(session);
  if (there == nullptr || there->connack > view.connections[fate.will->connection].connect) return false;
  return model.disturbances.quiet(there->client, fate.earliest - seconds(1), *fate.due + seconds(1)) &&
         view.ended > *fate.due + seconds(1);
}

// The session certainly wanted the will from before the connection was lost.
const Request* wants(const Model& model, const SessionView& session, const Fate& fate) {
  const WillView& will = *fate.will;
  const ConnectionView& lost = model.view.connections[will.connection];
  for (const Request* request : model.requests_of(session)) {
    if (request->is_shared() || !model.is_of(*request, session) || !request->matches(will.message.first))
      continue;
    if (request->granted == kNoEvent || request->granted > lost.closed || request->contested != kNoEvent)
      continue;
    if (request->no_local && lost.client_id == session.client_id) continue;
    if (std::min(will.qos, request->qos) > 0 || is_there(model, session, fate)) return request;
  }
  return nullptr;
}

void check_due(const Model& model, const SessionView& session, const ByMessage& wills,
               std::vector<Violation>& violations) {
  const WireView& view = model.view;
  if (settled_connection(view, model.facts, session) == nullptr) return;
  if (drops_possible(view, model.facts, session)) return;
  for (const auto& [message, fates] : wills) {
    if (!may_get(view, model.facts, session, message.first, {})) continue;
    const auto seen =
        std::count_if(session.deliveries.begin(), session.deliveries.end(),
                      [&, &key = message](const auto& delivery) { return delivery.message == key; });
    std::int64_t due = 0;
    const Fate* last = nullptr;
    for (const Fate& fate : fates) {
      if (!fate.due || fate.will->expires || wants(model, session, fate) == nullptr) continue;
      if (view.ended - std::max(*fate.due, view.calm) < kBound) continue;
      ++due;
      last = &fate;
    }
    if (seen >= due) continue;
    const ConnectionView& lost = view.connections[last->will->connection];
    violations.push_back(violation(
        view, "WIL", statement(lost.version, "3.1.2-8", "3.1.2-8"), lost.client_id,
        fmt::format(
            "\"{}\" was lost at {} without a DISCONNECT; its will {} was due by {}, but came to \"{}\" "
            "{} times instead of {}",
            lost.client_id, seconds_text(view.time(lost.closed)), name_of(message), seconds_text(*last->due),
            session.client_id, seen, due),
        {lost.connect, lost.closed}));
  }
}

}  // namespace

void check_wills(const Model& model, std::vector<Violation>& violations) {
  ByMessage wills;
  const Fates fates(model);
  for (const WillView& will : model.wills) {
    // What is also published, or by a way that nobody follows, can't be told from the will.
    if (model.view.publications_of.contains(will.message) || model.untold(will.message)) continue;
    wills[will.message].push_back(fates.of(will));
  }
  if (wills.empty()) return;
  for (const SessionView& session : model.view.sessions) {
    if (session.contested) continue;
    check_forbidden(model, session, wills, violations);
    check_due(model, session, wills, violations);
  }
}

}  // namespace mqttvet::sim
