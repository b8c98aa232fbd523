// RET: per topic a register. A SUBSCRIBE gets the last retained message of each matching topic, once, and
// nothing else does (section 3.3.1.3).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

using Delivery = SessionView::Delivery;

class Judge {
 public:
  Judge(const Model& model, const SessionView& session, std::vector<Violation>& violations)
      : model_(model), view_(model.view), session_(session), violations_(violations) {}

  void judge() {
    std::map<std::string, std::size_t> copies;  // by topic
    for (const Delivery& delivery : session_.deliveries) {
      if (!delivery.retain || delivery.dup || model_.untold(delivery.message)) continue;
      if (!maybe_live(delivery)) check_value(delivery);
      check_count(delivery, ++copies[delivery.message.first]);
    }
    for (const Request* request : model_.requests_of(session_))
      if (request->granted != kNoEvent && model_.is_of(*request, session_)) check_due(*request);
  }

 private:
  // A message that carries RETAIN because a subscription asks for it as published.
  bool maybe_live(const Delivery& delivery) const {
    const auto& requests = model_.requests_of(session_);
    return std::any_of(requests.begin(), requests.end(), [&](const Request* request) {
      return request->retain_as_published && request->sent < delivery.event &&
             request->matches(delivery.message.first);
    });
  }

  // Whether the SUBSCRIBE may bring retained messages of the topic.
  bool may_bring(const Request& request, const std::string& topic) const {
    if (request.retain_handling == 2 || request.refused || request.is_shared()) return false;
    return !(request.retain_handling == 1 && certainly_existed(request)) && request.matches(topic);
  }

  // The same subscription was in force when the SUBSCRIBE was sent.
  bool certainly_existed(const Request& request) const {
    const auto& requests = model_.requests_of(session_);
    return std::any_of(requests.begin(), requests.end(), [&](const Request* other) {
      return other->filter == request.filter && other->session == request.session &&
             other->granted != kNoEvent && other->granted < request.sent && other->contested == request.sent;
    });
  }
  bool certainly_new(const Request& request) const {
    const auto& requests = model_.requests_of(session_);
    return session_.certain && std::none_of(requests.begin(), requests.end(), [&](const Request* other) {
             return other->filter == request.filter && other->possible(request.sent, request.sent);
           });
  }

  // --- The value ---

  // Another retained message certainly took its place before the event.
  const PublicationView* successor(const PublicationView& publication, std::size_t event) const {
    if (publication.handled == kNoEvent) return nullptr;
    for (const PublicationView* later : model_.retained(publication.message.first))
      if (later->sends.front() > publication.handled && model_.certainly_before(*later, event)) return later;
    return nullptr;
  }

  void check_value(const Delivery& delivery) {
    const std::string& topic = delivery.message.first;
    const auto blamed_on = [&](std::string text, std::string_view number_311, std::string_view number_5,
                               std::vector<std::size_t> events) {
      events.push_back(delivery.event);
      violations_.push_back(violation(
          view_, "RET", statement(model_.connection_of(delivery.event).version, number_311, number_5),
          session_.client_id,
          fmt::format("\"{}\" got {} as the retained message, {}", session_.client_id,
                      name_of(delivery.message), text),
          std::move(events)));
    };
    if (delivery.message.second.empty()) return blamed_on("which is empty", "3.3.1-11", "3.3.1-7", {});
    if (model_.is_will(delivery.message)) return;
    const PublicationView* taken_by = nullptr;
    std::size_t first = kNoEvent;
    for (const PublicationView* publication : model_.publications(delivery.message, delivery.event)) {
      if (!publication->retain) continue;
      first = publication->sends.front();
      for (const Request* request : model_.requests_of(session_)) {
        if (request->sent > delivery.event || !may_bring(*request, topic)) continue;
        const PublicationView* later = successor(*publication, request->sent);
        if (later == nullptr) return;  // explained
        taken_by = later;
      }
    }
    if (taken_by == nullptr) return;  // SUB's
    const bool deleted = taken_by->message.second.empty();
    blamed_on(fmt::format("{} at {}, before it subscribed", deleted ? "deleted" : "replaced",
                          seconds_text(view_.time(taken_by->handled))),
              deleted ? "3.3.1-10" : "3.3.1-5", deleted ? "3.3.1-6" : "3.3.1-5",
              {first, taken_by->sends.front(), taken_by->handled});
  }

  // --- The number ---

  void check_count(const Delivery& delivery, std::size_t count) {
    const std::string& topic = delivery.message.first;
    std::size_t allowed = 0;
    std::size_t as_published = 0;
    bool handling_forbids = false;
    for (const Request* request : model_.requests_of(session_)) {
      if (request->sent > delivery.event || !request->matches(topic)) continue;
      if (may_bring(*request, topic)) ++allowed;
      handling_forbids = handling_forbids || request->retain_handling != 0;
      if (request->retain_as_published) ++as_published;
    }
    if (as_published > 0) {
      for (const PublicationView* publication : model_.retained(topic))
        if (publication->sends.front() < delivery.event) allowed += as_published * publication->sends.size();
      for (const WillView& will : model_.wills)
        if (will.retain && will.message.first == topic) allowed += 2 * as_published;
    }
    if (count != allowed + 1) return;
    violations_.push_back(violation(
        view_, "RET",
        statement(model_.connection_of(delivery.event).version, "3.3.1-9",
                  handling_forbids ? "3.3.1-11" : "3.3.1-12"),
        session_.client_id,
        fmt::format("\"{}\" got {} retained messages of {}; it sent {} SUBSCRIBEs that ask for one, the last "
                    "was {}",
                    session_.client_id, count, wire::quoted(topic), allowed, name_of(delivery.message)),
        {delivery.event}));
  }

  // --- What is due ---

  void check_due(const Request& request) {
    if (request.is_shared() || request.refused || request.contested != kNoEvent) return;
    const bool asks =
        request.retain_handling == 0 || (request.retain_handling == 1 && certainly_new(request));
    if (!asks || model_.facts.limits_retained()) return;
    if (drops_possible(view_, model_.facts, session_)) return;
    const ConnectionView* settled = settled_connection(view_, model_.facts, session_);
    const RoundTrip* proof = settled == nullptr ? proof_of(request) : nullptr;
    if (settled == nullptr && proof == nullptr) return;
    const std::size_t until = proof == nullptr ? kNoEvent : proof->answered;
    for (const auto& [topic, publications] : model_.retained()) {
      if (topic.starts_with('$') || !request.matches(topic)) continue;
      if (!may_get(view_, model_.facts, session_, topic, {request.sent})) continue;
      const PublicationView* value = certain_value(topic, publications, request);
      if (value == nullptr || (request.no_local && value->client_id == session_.client_id)) continue;
      const bool once = std::min(value->qos, request.qos) == 0;
      if (settled != nullptr && once && request.connection != settled->number) continue;
      const bool came =
          std::any_of(session_.deliveries.begin(), session_.deliveries.end(), [&](const Delivery& delivery) {
            return delivery.retain && delivery.event > request.sent && delivery.event < until &&
                   delivery.message == value->message;
          });
      if (came) continue;
      violations_.push_back(violation(
          view_, "RET", statement(model_.connection_of(request.sent).version, "3.3.1-6", "3.3.1-9"),
          session_.client_id,
          fmt::format("{} is the retained message of its topic since {}; \"{}\" subscribed to {} at {} and "
                      "never got it",
                      name_of(value->message), seconds_text(view_.time(value->handled)), session_.client_id,
                      wire::quoted(request.filter), seconds_text(view_.time(request.sent))),
          {value->sends.front(), value->handled, request.sent, request.granted}));
    }
  }

  // A round trip behind the SUBACK, begun when nothing kept the client's window shut: what the SUBSCRIBE
  // brought came before its answer, whatever became of the connection afterwards.
  const RoundTrip* proof_of(const Request& request) const {
    const auto trips = model_.round_trips.find(request.connection);
    const ConnectionView& connection = model_.connection_of(request.sent);
    if (trips == model_.round_trips.end() || connection.malformed || connection.maximum_packet_size)
      return nullptr;
    if (session_.strayed) return nullptr;
    for (const RoundTrip& trip : trips->second)
      if (trip.idle && trip.sent > request.granted && trip.answered < connection.superseded) return &trip;
    return nullptr;
  }

  // A will that may be retained before the SUBSCRIBE is handled: that of a connection that may be lost by
  // then.
  bool may_be_published(const WillView& will, std::size_t event) const {
    const ConnectionView& connection = view_.connections[will.connection];
    if (connection.connect > event) return false;
    const bool open = connection.connack < event && connection.closed > event &&
                      connection.superseded > event && connection.disconnect > event && !connection.malformed;
    return !open ||
           !model_.disturbances.quiet(connection.client, view_.time(connection.opened), view_.time(event));
  }

  // The message that the register certainly holds while the SUBSCRIBE is handled, or null.
  const PublicationView* certain_value(const std::string& topic,
                                       const std::vector<const PublicationView*>& publications,
                                       const Request& request) const {
    const PublicationView* value = nullptr;
    for (const PublicationView* publication : publications) {
      if (publication->sends.front() > request.granted) continue;
      if (publication->expires || model_.untold(publication->message)) return nullptr;
      if (!model_.certainly_before(*publication, request.sent)) return nullptr;
      if (value != nullptr && value->handled > publication->sends.front())
        return nullptr;  // which came last?
      value = publication;
    }
    const bool will = std::any_of(model_.wills.begin(), model_.wills.end(), [&](const WillView& each) {
      return each.retain && each.message.first == topic && may_be_published(each, request.granted);
    });
    const bool lost_track = std::any_of(view_.lost_track.begin(), view_.lost_track.end(),
                                        [&](const MessageKey& message) { return message.first == topic; });
    return will || lost_track || value == nullptr || value->message.second.empty() ? nullptr : value;
  }

  const Model& model_;
  const WireView& view_;
  const SessionView& session_;
  std::vector<Violation>& violations_;
};

}  // namespace

void check_retained(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions)
    if (!session.contested) Judge(model, session, violations).judge();
}

}  // namespace mqttvet::sim
