// SHR: a message goes to one member of a shared subscription, and is not lost with a member (section 4.8.2).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

using Delivery = SessionView::Delivery;
using Share = std::pair<std::string, std::string>;  // name and topic filter

Share share_of(const Request& request) {
  return {request.group, std::string(request.topic_filter())};
}

// One arrival of the message at a session that can only have got it as a member.
struct Copy {
  const SessionView* session;
  const Delivery* delivery;
};

class Judge {
 public:
  Judge(const Model& model, std::vector<Violation>& violations)
      : model_(model), view_(model.view), violations_(violations) {
    for (const SessionView& session : view_.sessions)
      for (const Delivery& delivery : session.deliveries) {
        arrived_.insert(delivery.message);  // RETAIN 1 may be that of the publisher (Retain As Published)
        if (!delivery.retain) deliveries_[delivery.message].push_back({&session, &delivery});
      }
  }

  void judge(const PublicationView& publication) {
    if (model_.untold(publication.message) || model_.is_will(publication.message)) return;
    if (publication.sends.size() > 1 || publication.ambiguous) return;
    if (model_.publications(publication.message, kNoEvent).size() != 1) return;
    std::set<Share> shares;
    for (const Request& request : model_.requests)
      if (request.is_shared() && request.possible(publication.sends.front(), kNoEvent) &&
          request.matches(publication.message.first))
        shares.insert(share_of(request));
    if (shares.empty()) return;
    check_single(publication, shares.size());
    for (const Share& share : shares) check_lost(publication, share);
  }

 private:
  // --- One member ---

  bool member_only(const SessionView& session, const PublicationView& publication) const {
    const auto& requests = model_.requests_of(session);
    return session.certain && !session.contested &&
           std::none_of(requests.begin(), requests.end(), [&](const Request* request) {
             return !request->is_shared() && request->possible(publication.sends.front(), kNoEvent) &&
                    request->matches(publication.message.first);
           });
  }

  // The broker had no reason left to give the message to somebody else before `event`.
  bool settled_before(const Copy& copy, std::size_t event) const {
    if (copy.delivery->qos != 1) return true;  // QoS 2 stays with its member whatever happens
    const std::uint64_t connection = view_.event(copy.delivery->event).connection;
    const auto exchange =
        std::find_if(copy.session->exchanges.begin(), copy.session->exchanges.end(),
                     [&](const ExchangeView& each) { return each.arrivals.front() == copy.delivery->event; });
    const auto trips = model_.round_trips.find(connection);
    if (exchange == copy.session->exchanges.end() || exchange->completed == kNoEvent) return false;
    if (trips == model_.round_trips.end()) return false;
    return std::any_of(trips->second.begin(), trips->second.end(), [&](const RoundTrip& trip) {
      return trip.sent > exchange->completed && trip.answered < event;
    });
  }

  void check_single(const PublicationView& publication, std::size_t shares) {
    const auto found = deliveries_.find(publication.message);
    if (found == deliveries_.end()) return;
    std::vector<Copy> certain;
    for (const Copy& copy : found->second) {
      if (!member_only(*copy.session, publication)) continue;
      const bool again = std::any_of(certain.begin(), certain.end(),
                                     [&](const Copy& each) { return each.session == copy.session; });
      if (!again) certain.push_back(copy);
    }
    if (certain.size() <= shares) return;
    const auto later = [](const Copy& a, const Copy& b) { return a.delivery->event < b.delivery->event; };
    std::sort(certain.begin(), certain.end(), later);
    const Copy& last = certain.back();
    const auto excused = std::count_if(certain.begin(), certain.end() - 1, [&](const Copy& copy) {
      return !settled_before(copy, last.delivery->event);
    });
    if (certain.size() - static_cast<std::size_t>(excused) <= shares) return;
    std::vector<std::size_t> events = {publication.sends.front()};
    std::string who;
    for (const Copy& copy : certain) {
      events.push_back(copy.delivery->event);
      who += (who.empty() ? "\"" : ", \"") + copy.session->client_id + "\"";
    }
    violations_.push_back(
        violation(view_, "SHR", "", last.session->client_id,
                  fmt::format("{} matches {} shared subscription(s) and nothing else, but it came to {}",
                              name_of(publication.message), shares, who),
                  std::move(events)));
  }

  // --- Not lost ---

  // The broker knew before the event that the session had ended: its client came again. Of one whose
  // connection is lost it may learn late, and choose it until then.
  bool is_certainly_over(const SessionView& session, std::size_t event) const {
    return std::any_of(view_.connections.begin(), view_.connections.end(),
                       [&](const ConnectionView& connection) {
                         return connection.client_id == session.client_id &&
                                connection.connack > session.ended && connection.connack < event;
                       });
  }

  // Whoever may have been chosen can be accounted for at the end, and somebody is there who gets it.
  const Request* accountable(const PublicationView& publication, const Share& share) const {
    const Request* heir = nullptr;
    for (const Request& request : model_.requests) {
      if (!request.is_shared() || share_of(request) != share) continue;
      if (!request.possible(publication.sends.front(), kNoEvent)) continue;
      if (request.session == kNoEvent || request.granted == kNoEvent || request.qos == 0) return nullptr;
      const SessionView& session = view_.sessions[request.session];
      if (session.contested || !session.lasting) return nullptr;
      if (session.ended != kNoEvent) {
        if (is_certainly_over(session, publication.sends.front())) continue;
        if (publication.qos == 2 || !view_.broker_crashes.empty()) return nullptr;
        continue;
      }
      if (settled_connection(view_, model_.facts, session) == nullptr) return nullptr;
      if (drops_possible(view_, model_.facts, session)) return nullptr;
      if (!may_get(view_, model_.facts, session, publication.message.first, {publication.sends.front()}))
        return nullptr;
      if (request.granted < publication.sends.front() && request.contested == kNoEvent) heir = &request;
    }
    return heir;
  }

  void check_lost(const PublicationView& publication, const Share& share) {
    if (publication.qos == 0 || publication.accepted == kNoEvent) return;
    if (publication.expires || publication.withheld) return;
    if (arrived_.contains(publication.message) || !had_time_since(view_, publication.accepted)) return;
    const Request* heir = accountable(publication, share);
    if (heir == nullptr) return;
    violations_.push_back(
        violation(view_, "SHR", "", heir->client_id,
                  fmt::format("{} was acknowledged to \"{}\" at {} and matches {}, but no member ever got it",
                              name_of(publication.message), publication.client_id,
                              seconds_text(view_.time(publication.accepted)), text_of(view_, *heir)),
                  {heir->granted, publication.sends.front(), publication.accepted}));
  }

  const Model& model_;
  const WireView& view_;
  std::vector<Violation>& violations_;
  std::set<MessageKey> arrived_;                        // at anybody
  std::map<MessageKey, std::vector<Copy>> deliveries_;  // that no retained message can be
};

}  // namespace

void check_shared(const Model& model, std::vector<Violation>& violations) {
  const bool any = std::any_of(model.requests.begin(), model.requests.end(),
                               [](const Request& request) { return request.is_shared(); });
  if (!any) return;
  Judge judge(model, violations);
  for (const PublicationView& publication : model.view.publications) judge.judge(publication);
}

}  // namespace mqttvet::sim
