// SEC: who says a wrong password is not let in, and what was refused as not authorized reaches nobody
// (sections 3.1.4, 3.4.2.1). What the access control list allows is the plan's to expect.
#include <fmt/format.h>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

constexpr std::uint8_t kNotAuthorized = 0x87;

void check_passwords(const Model& model, std::vector<Violation>& violations) {
  const auto& users = model.view.history->plan.broker.users;
  if (users.empty()) return;
  for (const ConnectionView& connection : model.view.connections) {
    if (connection.connack == kNoEvent) continue;
    const auto& connect = std::get<wire::Connect>(model.view.event(connection.connect).packet);
    if (!connect.user_name || wire::find(connect.properties, wire::PropertyId::authentication_method))
      continue;
    const auto user = users.find(*connect.user_name);
    if (user != users.end() && connect.password == user->second) continue;
    violations.push_back(violation(
        model.view, "SEC", statement(connection.version, "", "3.1.4-2"), connection.client,
        fmt::format("\"{}\" was let in as user {}: {}", connection.client, wire::quoted(*connect.user_name),
                    user == users.end() ? "there is no such user" : "its password is wrong"),
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

}  // namespace

void check_security(const Model& model, std::vector<Violation>& violations) {
  check_passwords(model, violations);
  check_denied(model, violations);
}

}  // namespace mqttvet::sim
