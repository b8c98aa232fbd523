// SUB: every delivery is one that a subscription asks for, in the way it asks for it (sections 3.3.4, 3.8.3).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/subscription_dues.h"

namespace mqttvet::sim {
namespace {

using Delivery = SessionView::Delivery;

// One way in which a delivery can have come about.
struct Cause {
  const Request* request;
  int published_qos;
  bool retain;       // RETAIN as it goes out this way
  bool own = false;  // the client's own message, which it asked not to get
};

std::string list_of(const WireView& view, const std::vector<const Request*>& requests) {
  std::string text;
  for (const Request* request : requests) text += (text.empty() ? "" : "; ") + text_of(view, *request);
  return text.empty() ? "none" : text;
}

class Judge {
 public:
  Judge(const Model& model, const SessionView& session, std::vector<Violation>& violations)
      : model_(model), view_(model.view), session_(session), violations_(violations) {}

  void judge() {
    for (const Delivery& delivery : session_.deliveries)
      if (!model_.untold(delivery.message)) judge(delivery);
  }

 private:
  void judge(const Delivery& delivery) {
    causes_.clear();
    collect(delivery);
    const auto is_own = [](const Cause& cause) { return cause.own; };
    const bool all_own = !causes_.empty() && std::all_of(causes_.begin(), causes_.end(), is_own);
    if (all_own) return blame(delivery, "3.8.3-3", "3.8.3-3", "it is the client's own, and No Local is set");
    std::erase_if(causes_, is_own);
    if (causes_.empty()) return blame_unmatched(delivery);
    check_qos(delivery);
    check_retain(delivery);
    if (model_.connection_of(delivery.event).version == wire::Version::v5_0) check_identifiers(delivery);
  }

  // --- How it can have come about ---

  void collect(const Delivery& delivery) {
    for (const PublicationView* publication : model_.publications(delivery.message, delivery.event)) {
      for (const Request* request : model_.requests_of(session_)) {
        if (request->sent > delivery.event || request->refused || !request->matches(delivery.message.first))
          continue;
        const bool own = request->no_local && publication->client_id == session_.client_id;
        if (request->possible(publication->sends.front(), delivery.event))
          causes_.push_back(
              {request, publication->qos, publication->retain && request->retain_as_published, own});
        if (publication->retain && request->retain_handling != 2 && !request->is_shared())
          causes_.push_back({request, publication->qos, true, own});
      }
    }
    if (model_.is_will(delivery.message)) collect_wills(delivery);
  }

  void collect_wills(const Delivery& delivery) {
    for (const WillView& will : model_.wills) {
      const ConnectionView& connection = view_.connections[will.connection];
      if (will.message != delivery.message || connection.connect > delivery.event) continue;
      for (const Request* request : model_.requests_of(session_)) {
        if (request->sent > delivery.event || request->refused || !request->matches(delivery.message.first))
          continue;
        const bool own = request->no_local && connection.client_id == session_.client_id;
        if (request->possible(connection.connect, delivery.event))
          causes_.push_back({request, will.qos, will.retain && request->retain_as_published, own});
        if (will.retain && request->retain_handling != 2 && !request->is_shared())
          causes_.push_back({request, will.qos, true, own});
      }
    }
  }

  // --- What it must look like ---

  void check_qos(const Delivery& delivery) {
    std::set<int> possible;
    for (const Cause& cause : causes_) {
      // Before SUBACK has come the broker may have granted less than was asked for.
      const int least = cause.request->granted == kNoEvent ? 0 : cause.request->qos;
      for (int qos = least; qos <= cause.request->qos; ++qos)
        possible.insert(std::min(cause.published_qos, qos));
    }
    if (possible.contains(delivery.qos)) return;
    std::string text;
    for (const int qos : possible) text += (text.empty() ? "" : " or ") + std::to_string(qos);
    blame(delivery, "3.8.4-6", "3.8.4-8", fmt::format("its QoS is {}, not {}", delivery.qos, text));
  }

  void check_retain(const Delivery& delivery) {
    const bool possible = std::any_of(causes_.begin(), causes_.end(),
                                      [&](const Cause& cause) { return cause.retain == delivery.retain; });
    if (possible) return;
    const bool as_published = std::all_of(causes_.begin(), causes_.end(), [](const Cause& cause) {
      return cause.request->retain_as_published;
    });
    const std::string_view number_5 = delivery.retain ? "3.3.1-12" : as_published ? "3.3.1-13" : "3.3.1-9";
    blame(delivery, delivery.retain ? "3.3.1-9" : "3.3.1-8", number_5,
          fmt::format("its RETAIN flag is {}", delivery.retain ? 1 : 0));
  }

  void check_identifiers(const Delivery& delivery) {
    const auto& packet = std::get<wire::Publish>(view_.event(delivery.event).packet);
    const auto carried = wire::subscription_identifiers(packet.properties);
    std::set<std::uint32_t> possible;
    bool all_have = true;
    for (const Cause& cause : causes_) {
      if (cause.request->identifier) possible.insert(*cause.request->identifier);
      all_have = all_have && cause.request->identifier;
    }
    for (const std::uint32_t identifier : carried)
      if (!possible.contains(identifier))
        return blame(delivery, "", "3.3.4-3",
                     fmt::format("no matching subscription has its Subscription Identifier {}", identifier));
    if (all_have && carried.empty())
      blame(delivery, "", "3.3.4-3", "it carries no Subscription Identifier, and every match has one");
  }

  // --- Blame ---

  void blame_unmatched(const Delivery& delivery) {
    const bool sent =
        !model_.publications(delivery.message, delivery.event).empty() || model_.is_will(delivery.message);
    blame(delivery, "3.3.5-1", "3.3.4-2",
          sent ? "no subscription that may be in force matches it" : "nobody ever published it");
  }

  void blame(const Delivery& delivery, std::string_view number_311, std::string_view number_5,
             const std::string& what) {
    std::vector<std::size_t> events;
    for (const PublicationView* publication : model_.publications(delivery.message, delivery.event))
      events.push_back(publication->sends.front());
    std::vector<const Request*> matching;
    for (const Request* request : model_.requests_of(session_))
      if (request->sent < delivery.event && request->matches(delivery.message.first))
        matching.push_back(request);
    for (const Request* request : matching) events.push_back(request->sent);
    std::sort(events.begin(), events.end());
    events.push_back(delivery.event);
    violations_.push_back(
        violation(view_, "SUB", statement(model_.connection_of(delivery.event).version, number_311, number_5),
                  session_.client_id,
                  fmt::format("{} was delivered to \"{}\", but {}; subscriptions that match: {}",
                              name_of(delivery.message), session_.client_id, what, list_of(view_, matching)),
                  std::move(events)));
  }

  const Model& model_;
  const WireView& view_;
  const SessionView& session_;
  std::vector<Violation>& violations_;
  std::vector<Cause> causes_;
};

}  // namespace

void check_subscriptions(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions) {
    if (session.contested) continue;
    Judge(model, session, violations).judge();
    check_copies(model, session, violations);
  }
  check_subscription_dues(model, violations);
}

}  // namespace mqttvet::sim
