#include "sim/checkers/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace mqttvet::sim {

Model::Model(const WireView& seen)
    : view(seen),
      facts(seen),
      disturbances(seen),
      requests(fold_requests(seen)),
      round_trips(fold_round_trips(seen)),
      missing(missing_messages(seen, facts)),
      unfinished(unfinished_exchanges(seen, facts)) {
  for (std::size_t i = 0; i < view.connections.size(); ++i) by_number_[view.connections[i].number] = i;
  for (const PublicationView& publication : view.publications)
    if (publication.retain) retained_[publication.message.first].push_back(&publication);
  collect_wills();
  collect_requests();
}

void Model::collect_wills() {
  for (std::size_t i = 0; i < view.connections.size(); ++i) {
    const auto& connect = std::get<wire::Connect>(view.event(view.connections[i].connect).packet);
    if (!connect.will) continue;
    using Id = wire::PropertyId;
    WillView will;
    will.connection = i;
    will.message = {connect.will->topic, connect.will->payload};
    will.qos = connect.will->qos;
    will.retain = connect.will->retain;
    will.delay = wire::number(connect.will->properties, Id::will_delay_interval).value_or(0);
    will.expires = wire::find(connect.will->properties, Id::message_expiry_interval) != nullptr;
    will_keys_.insert(will.message);
    wills.push_back(std::move(will));
  }
}

// A request belongs to the session in which it was made, and to the later ones that may have gone on from it.
void Model::collect_requests() {
  requests_of_.resize(view.sessions.size());
  std::map<std::string, std::vector<const Request*>> alive;  // by client id
  auto next = requests.begin();
  for (std::size_t i = 0; i < view.sessions.size(); ++i) {
    const SessionView& session = view.sessions[i];
    for (; next != requests.end() && next->sent < session.begun; ++next)
      alive[next->client_id].push_back(&*next);
    std::vector<const Request*>& mine = alive[session.client_id];
    // A request on its way when the session began, on its own connection, is its own.
    if (session.certain) std::erase_if(mine, [&](const Request* request) { return request->session != i; });
    requests_of_[i] = mine;
  }
  for (const Request& request : requests) {
    for (std::size_t i = 0; i < view.sessions.size(); ++i) {
      const SessionView& session = view.sessions[i];
      const bool during = session.client_id == request.client_id && request.sent > session.begun &&
                          (request.session == i || request.session == kNoEvent);
      if (during) requests_of_[i].push_back(&request);
    }
  }
}

const std::vector<const Request*>& Model::requests_of(const SessionView& session) const {
  return requests_of_[static_cast<std::size_t>(&session - view.sessions.data())];
}

const ConnectionView& Model::connection_of(std::size_t event) const {
  return view.connections[by_number_.at(view.event(event).connection)];
}

std::uint32_t Model::keep_alive_of(const ConnectionView& connection) const {
  if (connection.connack == kNoEvent) return connection.keep_alive;
  const auto& answer = std::get<wire::Connack>(view.event(connection.connack).packet).properties;
  return wire::number(answer, wire::PropertyId::server_keep_alive).value_or(connection.keep_alive);
}

std::vector<const PublicationView*> Model::publications(const MessageKey& message, std::size_t event) const {
  std::vector<const PublicationView*> found;
  const auto all = view.publications_of.find(message);
  if (all == view.publications_of.end()) return found;
  for (std::size_t index : all->second)
    if (view.publications[index].sends.front() < event) found.push_back(&view.publications[index]);
  return found;
}

const std::vector<const PublicationView*>& Model::retained(const std::string& topic) const {
  static const std::vector<const PublicationView*> none;
  const auto found = retained_.find(topic);
  return found == retained_.end() ? none : found->second;
}

bool Model::untold(const MessageKey& message) const {
  return view.lost_track.contains(message) || message.first.empty() || message.first.front() == '$';
}

bool Model::certainly_before(const PublicationView& publication, std::size_t event) const {
  if (publication.handled == kNoEvent || publication.handled > event) return false;
  if (publication.ambiguous || publication.withheld || publication.refused != kNoEvent) return false;
  // What nobody acknowledged may be forgotten in a crash.
  return publication.qos > 0 || !view.crashed_between(publication.sends.front(), event);
}

std::string text_of(const WireView& view, const Request& request) {
  return fmt::format("SUBSCRIBE {} of \"{}\" at {}", wire::quoted(request.filter), request.client_id,
                     seconds_text(view.time(request.sent)));
}

}  // namespace mqttvet::sim
