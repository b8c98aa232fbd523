// SEC: who says a wrong password is not let in; what was refused as not authorized reaches nobody; what the
// access control list forbids is refused and reaches nobody, and what it allows is not refused
// (sections 3.1.4, 3.4.2.1, 5.4.2).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

constexpr std::uint8_t kNotAuthorized = 0x87;

void check_passwords(const Model& model, std::vector<Violation>& violations) {
  for (const ConnectionView& connection : model.view.connections) {
    if (connection.connack == kNoEvent) continue;
    const auto& connect = std::get<wire::Connect>(model.view.event(connection.connect).packet);
    if (wire::find(connect.properties, wire::PropertyId::authentication_method)) continue;
    const Right right = model.facts.access().may_connect(connect, {connection.connect, connection.connack});
    if (right != Right::forbidden) continue;
    const std::string user = connect.user_name ? "as user " + wire::quoted(*connect.user_name) : "as nobody";
    violations.push_back(
        violation(model.view, "SEC", statement(connection.version, "", "3.1.4-2"), connection.client,
                  fmt::format("\"{}\" was let in {}: {}", connection.client, user,
                              connect.user_name ? "there is no such user, or its password is another"
                                                : "it has no user name"),
                  {connection.connect, connection.connack}));
  }
}

bool was_denied(const WireView& view, const PublicationView& publication) {
  if (publication.refused == kNoEvent || publication.sends.size() > 1) return false;
  const wire::Packet& answer = view.event(publication.refused).packet;
  if (const auto* puback = std::get_if<wire::Puback>(&answer)) return puback->reason_code == kNotAuthorized;
  const auto* pubrec = std::get_if<wire::Pubrec>(&answer);
  return pubrec != nullptr && pubrec->reason_code == kNotAuthorized;
}

void check_denied(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions) {
    for (const auto& delivery : session.deliveries) {
      const auto publications = model.publications(delivery.message, delivery.event);
      if (publications.size() != 1 || !was_denied(model.view, *publications.front())) continue;
      violations.push_back(violation(
          model.view, "SEC", "", session.client_id,
          fmt::format("{} was refused to \"{}\" as not authorized, but it came to \"{}\"",
                      name_of(delivery.message), publications.front()->client_id, session.client_id),
          {publications.front()->sends.front(), publications.front()->refused, delivery.event}));
    }
  }
}

// --- The access control list -------------------------------------------------------------------------------

class Rights {
 public:
  Rights(const Model& model, std::vector<Violation>& violations)
      : model_(model), view_(model.view), access_(model.facts.access()), violations_(violations) {}

  void judge() {
    for (const ConnectionView& connection : view_.connections) judge_will(connection);
    for (const Request& request : model_.requests) judge(request);
    for (const PublicationView& publication : view_.publications) judge(publication);
    for (const SessionView& session : view_.sessions)
      for (const auto& delivery : session.deliveries) judge(delivery);
  }

 private:
  Right right_to_publish(const PublicationView& publication) const {
    return access_.may_publish(access_.who(view_, model_.connection_of(publication.sends.front())),
                               publication.message.first,
                               {publication.sends.front(), answer_of(publication)});
  }

  // By then the broker had asked whether it may be published; 3.1.1 and QoS 0: nobody knows when.
  static std::size_t answer_of(const PublicationView& publication) {
    if (publication.sends.size() > 1) return kNoEvent;
    return std::min({publication.answered, publication.refused, publication.handled});
  }

  void judge_will(const ConnectionView& connection) {
    const auto& connect = std::get<wire::Connect>(view_.event(connection.connect).packet);
    if (connection.connack == kNoEvent || !connect.will) return;
    const Right right = access_.may_publish(access_.who(view_, connection), connect.will->topic,
                                            {connection.connect, connection.connack});
    if (right != Right::forbidden) return;
    blame(connection, fmt::format("was let in with a will for {}", wire::quoted(connect.will->topic)),
          {connection.connect, connection.connack});
  }

  void judge(const Request& request) {
    if (request.granted == kNoEvent) return;
    const ConnectionView& connection = model_.connection_of(request.sent);
    const Who who = access_.who(view_, connection);
    const Span span{request.sent, request.granted};
    if (access_.may_subscribe(who, request.topic_filter(), span) != Right::forbidden) return;
    blame(connection, "was granted " + text_of(view_, request), {request.sent, request.granted});
  }

  // What a 3.1.1 client may not publish is acknowledged all the same (SPEC_NOTES N18).
  void judge(const PublicationView& publication) {
    const ConnectionView& connection = model_.connection_of(publication.sends.front());
    const Right right = right_to_publish(publication);
    if (right == Right::forbidden && publication.answered != kNoEvent &&
        connection.version == wire::Version::v5_0)
      blame(connection, fmt::format("was told that {} is accepted", name_of(publication.message)),
            {publication.sends.front(), publication.answered});
    if (right == Right::allowed && was_denied(view_, publication))
      violations_.push_back(
          violation(view_, "SEC", "", connection.client,
                    fmt::format("{} was refused to \"{}\" as not authorized, but the access control list "
                                "allows it",
                                name_of(publication.message), connection.client),
                    {publication.sends.front(), publication.refused}));
  }

  void judge(const SessionView::Delivery& delivery) {
    const ConnectionView& connection = model_.connection_of(delivery.event);
    const std::string& topic = delivery.message.first;
    // With DUP it may have been sent first before the connection; what is in flight is brought to its end.
    const Span span{delivery.dup ? 0 : connection.connect, delivery.event};
    if (access_.may_receive(access_.who(view_, connection), topic, span) == Right::forbidden)
      return blame(connection, "received " + name_of(delivery.message), {delivery.event});
    if (model_.untold(delivery.message) || model_.is_will(delivery.message)) return;
    const auto publications = model_.publications(delivery.message, delivery.event);
    if (publications.empty()) return;  // SUB's
    for (const PublicationView* publication : publications)
      if (right_to_publish(*publication) != Right::forbidden) return;
    const ConnectionView& publisher = model_.connection_of(publications.front()->sends.front());
    blame(publisher,
          fmt::format("published {}, and \"{}\" got it", name_of(delivery.message), connection.client),
          {publications.front()->sends.front(), delivery.event});
  }

  void blame(const ConnectionView& connection, const std::string& what, std::vector<std::size_t> events) {
    violations_.push_back(
        violation(view_, "SEC", "", connection.client,
                  fmt::format("\"{}\" {}; the access control list forbids it", connection.client, what),
                  std::move(events)));
  }

  const Model& model_;
  const WireView& view_;
  const AccessRules& access_;
  std::vector<Violation>& violations_;
};

}  // namespace

void check_security(const Model& model, std::vector<Violation>& violations) {
  check_passwords(model, violations);
  check_denied(model, violations);
  if (!model.facts.access().none()) Rights(model, violations).judge();
}

}  // namespace mqttvet::sim
