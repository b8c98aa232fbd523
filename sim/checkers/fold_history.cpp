#include "sim/checkers/fold_history.h"

#include <algorithm>
#include <variant>

#include "sim/checkers/topic_aliases.h"

namespace mqttvet::sim {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// What one client identifier is in the middle of.
struct ClientState {
  std::size_t connection = kNoEvent;  // the one that speaks for it
  std::size_t session = kNoEvent;
  bool session_ended = true;
  std::map<std::uint16_t, std::size_t> exchanges;     // open or just completed, by packet id
  std::map<std::uint16_t, std::size_t> publications;  // unfinished, by packet id
  // QoS 2 packet ids that the broker may still hold for a message that is no longer followed here: it may
  // take a new PUBLISH with one of them for a repetition.
  std::set<std::uint16_t> clouded;
  std::map<std::uint16_t, const wire::Subscribe*> subscribes;
  std::map<std::uint16_t, std::size_t> subscribe_events;
  std::map<std::string, std::size_t> last_change;  // last SUBSCRIBE or UNSUBSCRIBE sent, by filter
  std::set<std::uint16_t> strayed;   // packet ids acknowledged once too often on this connection
  std::set<std::size_t> unanswered;  // connections whose CONNECT has no CONNACK
  bool haunted = false;              // one of those may end the session at any time
};

class Folding {
 public:
  explicit Folding(const History& history) { view_.history = &history; }

  WireView run() {
    const auto& events = view_.history->events;
    for (const ClientPlan& client : view_.history->plan.clients)
      if (client.will) view_.untraceable.emplace(client.will->topic, client.will->payload);
    for (std::size_t index = 0; index < events.size(); ++index) take(index, events[index]);
    if (!events.empty()) view_.ended = events.back().at;
    view_.untraceable.insert(view_.lost_track.begin(), view_.lost_track.end());
    if (view_.healed == kNoEvent) view_.calm += longest_fault();
    return std::move(view_);
  }

 private:
  using Kind = HistoryEvent::Kind;

  Duration longest_fault() const {
    Duration longest{0};
    for (const Fault& fault : view_.history->plan.faults) longest = std::max(longest, fault.duration);
    return longest;
  }

  void take(std::size_t index, const HistoryEvent& event) {
    switch (event.kind) {
      case Kind::opened:
        opened_[event.connection] = index;
        break;
      case Kind::sent:
        sent(index, event);
        break;
      case Kind::received:
        received(index, event);
        break;
      case Kind::closed:
        closed(index, event);
        break;
      case Kind::malformed_sent:
        if (ConnectionView* connection = connection_of(event)) connection->malformed = true;
        break;
      case Kind::broker_crashed:
        view_.broker_crashes.push_back(index);
        view_.calm = event.at;
        break;
      case Kind::healed:
        view_.healed = index;
        view_.calm = event.at;
        break;
      case Kind::broker_vanished:
        view_.broker_vanishings.push_back(index);
        view_.calm = event.at;
        break;
      case Kind::fault:
      case Kind::broker_started:
        view_.calm = event.at;
        break;
      default:
        break;
    }
  }

  ConnectionView* connection_of(const HistoryEvent& event) {
    const auto found = by_number_.find(event.connection);
    return found == by_number_.end() ? nullptr : &view_.connections[found->second];
  }

  // --- sent by the client ---

  void sent(std::size_t index, const HistoryEvent& event) {
    if (const auto* packet = std::get_if<wire::Connect>(&event.packet)) return connect(index, event, *packet);
    ConnectionView* connection = connection_of(event);
    if (connection == nullptr) return;
    if (connection->superseded != kNoEvent) {
      if (const auto* packet = std::get_if<wire::Publish>(&event.packet)) {
        view_.lost_track.emplace(topic_of(index, *packet), packet->payload);
        if (packet->qos == 2) clients_[connection->client_id].clouded.insert(packet->packet_id);
      }
      return;
    }
    ClientState& client = clients_[connection->client_id];
    std::visit(
        Overloaded{
            [&](const wire::Publish& packet) { publish_sent(index, packet, *connection, client); },
            [&](const wire::Puback& packet) {
              acknowledged(index, packet.packet_id, 1, packet.reason_code, client);
            },
            [&](const wire::Pubrec& packet) {
              acknowledged(index, packet.packet_id, 2, packet.reason_code, client);
            },
            [&](const wire::Pubcomp& packet) { completed(index, packet.packet_id, *connection, client); },
            [&](const wire::Pubrel& packet) { publication_released(index, packet.packet_id, client); },
            [&](const wire::Subscribe& packet) { subscribe(index, packet, client); },
            [&](const wire::Unsubscribe& packet) {
              for (const auto& filter : packet.topic_filters) end_subscription(index, filter, client);
            },
            [&](const wire::Disconnect& packet) { disconnect(index, packet, *connection); },
            [](const auto&) {},
        },
        event.packet);
  }

  void subscribe(std::size_t index, const wire::Subscribe& packet, ClientState& client) {
    client.subscribes[packet.packet_id] = &packet;
    client.subscribe_events[packet.packet_id] = index;
    for (const auto& request : packet.subscriptions) {
      end_subscription(index, request.topic_filter, client);
      if (client.session != kNoEvent) view_.sessions[client.session].requested.insert(request.topic_filter);
    }
  }

  void disconnect(std::size_t index, const wire::Disconnect& packet, ConnectionView& connection) {
    connection.disconnect = index;
    if (const auto expiry = wire::number(packet.properties, wire::PropertyId::session_expiry_interval))
      connection.disconnect_expiry = *expiry;
  }

  void connect(std::size_t index, const HistoryEvent& event, const wire::Connect& packet) {
    ConnectionView connection;
    connection.number = event.connection;
    connection.client = event.client;
    connection.client_id = packet.client_id;
    if (connection.client_id.empty()) connection.client_id = "connection " + std::to_string(event.connection);
    connection.version = packet.version;
    connection.clean_start = packet.clean_start;
    connection.keep_alive = packet.keep_alive;
    if (packet.version == wire::Version::v5_0) {
      using Id = wire::PropertyId;
      connection.session_expiry = wire::number(packet.properties, Id::session_expiry_interval).value_or(0);
      connection.receive_maximum = wire::number(packet.properties, Id::receive_maximum).value_or(65535);
      connection.maximum_packet_size = wire::number(packet.properties, Id::maximum_packet_size);
    } else {
      connection.session_expiry = packet.clean_start ? 0 : kNever;
    }
    connection.requested_expiry = connection.session_expiry;
    if (packet.will) view_.untraceable.emplace(packet.will->topic, packet.will->payload);
    const auto opened = opened_.find(event.connection);
    connection.opened = opened == opened_.end() ? index : opened->second;
    connection.connect = index;
    by_number_[event.connection] = view_.connections.size();
    // From here on the broker may have wiped the session, whether or not its CONNACK ever arrives.
    ClientState& client = clients_[connection.client_id];
    if (packet.clean_start) end_session(index, client);
    client.unanswered.insert(view_.connections.size());
    view_.connections.push_back(std::move(connection));
  }

  // A Topic Alias is the connection's and the direction's own.
  std::string topic_of(std::size_t index, const wire::Publish& packet) {
    const HistoryEvent& event = view_.event(index);
    const bool from_client = event.kind == Kind::sent;
    bool known = true;
    std::string topic = aliases_[{event.connection, from_client}].topic_of(packet, known);
    if (!known && !from_client) view_.unknown_aliases.push_back(index);
    return topic;
  }

  void publish_sent(std::size_t index, const wire::Publish& packet, const ConnectionView& connection,
                    ClientState& client) {
    const MessageKey message{topic_of(index, packet), packet.payload};
    if (packet.qos > 0) {
      const auto open = client.publications.find(packet.packet_id);
      if (open != client.publications.end()) {
        PublicationView& publication = view_.publications[open->second];
        if (publication.message == message) {
          publication.sends.push_back(index);
          return;
        }
        if (publication.qos == 2) client.clouded.insert(packet.packet_id);
        publication.ambiguous = true;  // the id is taken: the broker may take this for a repetition
      }
    }
    PublicationView publication;
    publication.client_id = connection.client_id;
    publication.message = message;
    publication.qos = packet.qos;
    publication.retain = packet.retain;
    publication.packet_id = packet.packet_id;
    publication.expiry = wire::number(packet.properties, wire::PropertyId::message_expiry_interval);
    publication.expires = publication.expiry.has_value();
    publication.ambiguous = packet.qos > 0 && (client.publications.contains(packet.packet_id) ||
                                               client.clouded.contains(packet.packet_id));
    publication.sends.push_back(index);
    if (packet.qos > 0) client.publications[packet.packet_id] = view_.publications.size();
    view_.publications_of[message].push_back(view_.publications.size());
    view_.publications.push_back(std::move(publication));
  }

  void acknowledged(std::size_t index, std::uint16_t packet_id, int qos, std::uint8_t reason_code,
                    ClientState& client) {
    ExchangeView* exchange = exchange_of(packet_id, client);
    const bool fits = exchange != nullptr && exchange->qos == qos;
    if (!fits || same_connection(exchange->last_acknowledged, index)) stray(packet_id, exchange, client);
    if (!fits) return;
    if (exchange->acknowledged == kNoEvent) exchange->acknowledged = index;
    exchange->last_acknowledged = index;
    if (qos == 1 && exchange->completed == kNoEvent) exchange->completed = index;
    if (qos == 2 && reason_code >= 0x80) exchange->refused = true;
  }

  bool same_connection(std::size_t a, std::size_t b) const {
    return a != kNoEvent && b != kNoEvent && view_.event(a).connection == view_.event(b).connection;
  }

  void stray(std::uint16_t packet_id, ExchangeView* exchange, ClientState& client) {
    client.strayed.insert(packet_id);
    if (exchange != nullptr) exchange->unsure = true;
    if (client.session != kNoEvent) view_.sessions[client.session].strayed = true;
  }

  void publication_released(std::size_t index, std::uint16_t packet_id, ClientState& client) {
    const auto found = client.publications.find(packet_id);
    if (found == client.publications.end()) return;
    PublicationView& publication = view_.publications[found->second];
    if (publication.qos == 2 && publication.released == kNoEvent) publication.released = index;
  }

  void completed(std::size_t index, std::uint16_t packet_id, ConnectionView& connection,
                 ClientState& client) {
    ExchangeView* exchange = exchange_of(packet_id, client);
    if (exchange == nullptr || exchange->qos != 2 || exchange->released == kNoEvent) {
      connection.extra_pubcomps.push_back(index);
      return;
    }
    if (exchange->completed == kNoEvent) exchange->completed = index;
    exchange->last_completed = index;
  }

  void end_subscription(std::size_t index, const std::string& filter, ClientState& client) {
    client.last_change[filter] = index;
    if (client.session == kNoEvent) return;
    for (auto& subscription : view_.sessions[client.session].subscriptions)
      if (subscription.filter == filter && subscription.ended == kNoEvent) subscription.ended = index;
  }

  // --- received by the client ---

  void received(std::size_t index, const HistoryEvent& event) {
    ConnectionView* connection = connection_of(event);
    if (connection == nullptr || connection->superseded != kNoEvent) return;
    if (const auto* packet = std::get_if<wire::Connack>(&event.packet))
      return connack(index, *packet, *connection);
    ClientState& client = clients_[connection->client_id];
    if (client.session == kNoEvent) return;
    std::visit(
        Overloaded{
            [&](const wire::Publish& packet) { publish_received(index, packet, client); },
            [&](const wire::Pubrel& packet) { released(index, packet.packet_id, client); },
            [&](const wire::Puback& packet) {
              answered(index, packet.packet_id, 1, packet.reason_code, client);
            },
            [&](const wire::Pubrec& packet) {
              answered(index, packet.packet_id, 2, packet.reason_code, client);
            },
            [&](const wire::Pubcomp& packet) { publication_completed(index, packet.packet_id, client); },
            [&](const wire::Suback& packet) { suback(index, packet, client); },
            [](const auto&) {},
        },
        event.packet);
  }

  void released(std::size_t index, std::uint16_t packet_id, ClientState& client) {
    ExchangeView* exchange = exchange_of(packet_id, client);
    if (exchange == nullptr || exchange->qos != 2) return;
    if (exchange->released == kNoEvent) exchange->released = index;
    exchange->last_released = index;
  }

  void connack(std::size_t index, const wire::Connack& packet, ConnectionView& connection) {
    const std::size_t self = by_number_[connection.number];
    clients_[connection.client_id].unanswered.erase(self);
    if (packet.reason_code != 0) {
      connection.refused = index;
      return;
    }
    if (const auto assigned = wire::text(packet.properties, wire::PropertyId::assigned_client_identifier))
      connection.client_id = *assigned;
    if (const auto expiry = wire::number(packet.properties, wire::PropertyId::session_expiry_interval))
      connection.session_expiry = *expiry;
    connection.connack = index;
    connection.session_present = packet.session_present;
    ClientState& client = clients_[connection.client_id];
    look_for_ghosts(index, connection, client);
    const bool contested = is_contested(connection, client);
    const bool was_contested = client.session != kNoEvent && view_.sessions[client.session].contested;
    if (client.connection != kNoEvent && client.connection != self) supersede(index, client);
    client.connection = self;
    // 3.1 has no Session Present: what came before may go on, or not.
    const bool maybe_older =
        packet.session_present || (connection.version == wire::Version::v3_1 && !connection.clean_start);
    const bool goes_on = packet.session_present && !client.session_ended && !connection.clean_start &&
                         !client.haunted && !contested && !was_contested;
    if (!goes_on) begin_session(index, maybe_older || contested, connection, client);
    view_.sessions[client.session].contested = contested;
    connection.session = client.session;
    view_.sessions[client.session].connections.push_back(self);
    client.subscribes.clear();
    client.subscribe_events.clear();
    client.strayed.clear();
  }

  // The last CONNACK came while this CONNECT was on its way: the broker may have heard either first.
  bool is_contested(const ConnectionView& connection, ClientState& client) {
    if (client.connection == kNoEvent || view_.connections[client.connection].connack < connection.connect)
      return false;
    if (client.session != kNoEvent) {
      view_.sessions[client.session].contested = true;
      view_.sessions[client.session].lasting = false;
    }
    return true;
  }

  // A CONNECT without an answer may have reached the broker, or reach it later still, and take the session
  // over. That matters if it asked for a clean start or for another expiry, or if the session may have
  // expired before it came.
  void look_for_ghosts(std::size_t index, const ConnectionView& connection, ClientState& client) {
    for (std::size_t other : client.unanswered) {
      const ConnectionView& ghost = view_.connections[other];
      bool differs = ghost.clean_start || ghost.requested_expiry != connection.requested_expiry;
      if (client.connection != kNoEvent)
        differs = differs ||
                  ghost.requested_expiry != view_.connections[client.connection].requested_expiry ||
                  may_have_expired(view_.connections[client.connection], index);
      client.haunted = client.haunted || differs;
    }
    if (client.haunted && client.session != kNoEvent) view_.sessions[client.session].lasting = false;
  }

  // Since the earliest moment at which the broker can have missed the client.
  bool may_have_expired(const ConnectionView& last, std::size_t now) const {
    if (last.shortest_expiry() == kNever) return false;
    const auto& faults = view_.history->plan.faults;
    const bool clock_jumps = std::any_of(
        faults.begin(), faults.end(), [](const Fault& fault) { return fault.kind == FaultKind::clock_jump; });
    return clock_jumps ||
           view_.time(now) - view_.time(last.opened) >= std::chrono::seconds(last.shortest_expiry());
  }

  void supersede(std::size_t index, ClientState& client) {
    ConnectionView& old = view_.connections[client.connection];
    if (old.closed != kNoEvent) return;
    old.superseded = index;
    if (old.shortest_expiry() == 0) end_session(index, client);
  }

  void begin_session(std::size_t index, bool maybe_older, const ConnectionView& connection,
                     ClientState& client) {
    end_session(index, client);
    SessionView session;
    session.client_id = connection.client_id;
    session.begun = index;
    session.certain = !maybe_older;
    session.lasting = !client.haunted;
    if (client.session != kNoEvent && view_.sessions[client.session].contested) session.lasting = false;
    client.session = view_.sessions.size();
    client.session_ended = false;
    client.exchanges.clear();
    // What the broker may still know from before, a new use of its packet id may be taken for.
    for (const auto& [packet_id, publication] : client.publications)
      if (maybe_older) view_.publications[publication].ambiguous = true;
    if (!maybe_older) {
      client.publications.clear();
      client.clouded.clear();
    }
    view_.sessions.push_back(std::move(session));
  }

  void end_session(std::size_t index, ClientState& client) {
    if (client.session == kNoEvent || client.session_ended) return;
    view_.sessions[client.session].ended = index;
    client.session_ended = true;
  }

  ExchangeView* exchange_of(std::uint16_t packet_id, ClientState& client) {
    const auto found = client.exchanges.find(packet_id);
    return found == client.exchanges.end() ? nullptr
                                           : &view_.sessions[client.session].exchanges[found->second];
  }

  void publish_received(std::size_t index, const wire::Publish& packet, ClientState& client) {
    SessionView& session = view_.sessions[client.session];
    const MessageKey message{topic_of(index, packet), packet.payload};
    bool new_to_application = true;
    if (packet.qos > 0) {
      ExchangeView* exchange = exchange_of(packet.packet_id, client);
      const bool same = exchange != nullptr && exchange->message == message && exchange->qos == packet.qos;
      // With DUP and after the client's PUBACK: a repetition by a broker that has not had the PUBACK, or
      // another copy of the message, under the same packet id, whose first sending was lost. A story of its
      // own.
      const bool maybe_repeated = same && packet.dup && !exchange->open();
      const bool refused_before = maybe_repeated && exchange->refused;
      const bool repeated = same && exchange->open();
      if (repeated) {
        exchange->arrivals.push_back(index);
        new_to_application = packet.qos == 1;
      } else {
        new_to_application = !refused_before;
        ExchangeView fresh;
        fresh.packet_id = packet.packet_id;
        fresh.qos = packet.qos;
        fresh.message = message;
        fresh.arrivals.push_back(index);
        fresh.expires = wire::find(packet.properties, wire::PropertyId::message_expiry_interval) != nullptr;
        fresh.maybe_repeated = maybe_repeated;
        fresh.unsure = client.strayed.contains(packet.packet_id);
        client.exchanges[packet.packet_id] = session.exchanges.size();
        session.exchanges.push_back(std::move(fresh));
      }
    }
    if (new_to_application)
      session.deliveries.push_back({message, packet.qos, packet.retain, packet.dup, index});
  }

  void answered(std::size_t index, std::uint16_t packet_id, int qos, std::uint8_t reason_code,
                ClientState& client) {
    const auto found = client.publications.find(packet_id);
    if (found == client.publications.end() || view_.publications[found->second].qos != qos) return;
    PublicationView& publication = view_.publications[found->second];
    if (reason_code >= 0x80) {
      publication.refused = index;
      client.publications.erase(found);
      return;
    }
    if (publication.answered == kNoEvent) publication.answered = index;
    if (qos == 1) {
      publication.accepted = index;
      client.publications.erase(found);
    }
  }

  void publication_completed(std::size_t index, std::uint16_t packet_id, ClientState& client) {
    client.clouded.erase(packet_id);
    const auto found = client.publications.find(packet_id);
    if (found == client.publications.end() || view_.publications[found->second].qos != 2) return;
    if (view_.publications[found->second].released == kNoEvent) return;  // for an older use of the packet id
    view_.publications[found->second].accepted = index;
    client.publications.erase(found);
  }

  void suback(std::size_t index, const wire::Suback& packet, ClientState& client) {
    const auto found = client.subscribes.find(packet.packet_id);
    if (found == client.subscribes.end()) return;
    const wire::Subscribe& subscribe = *found->second;
    for (std::size_t i = 0; i < subscribe.subscriptions.size() && i < packet.reason_codes.size(); ++i) {
      if (packet.reason_codes[i] > 2) continue;
      const auto& request = subscribe.subscriptions[i];
      auto& subscriptions = view_.sessions[client.session].subscriptions;
      // Later words on the same filter, in this SUBSCRIBE or in one already on its way, win.
      for (auto& older : subscriptions)
        if (older.filter == request.topic_filter && older.ended == kNoEvent) older.ended = index;
      const std::size_t subscribed = client.subscribe_events[packet.packet_id];
      const std::size_t changed = client.last_change[request.topic_filter];
      subscriptions.push_back({request.topic_filter, packet.reason_codes[i], request.no_local, subscribed,
                               index, changed > subscribed ? changed : kNoEvent});
    }
    client.subscribes.erase(found);
  }

  void closed(std::size_t index, const HistoryEvent& event) {
    ConnectionView* connection = connection_of(event);
    if (connection == nullptr) return;
    connection->closed = index;
    if (connection->superseded != kNoEvent) return;
    ClientState& client = clients_[connection->client_id];
    const bool speaks = client.connection != kNoEvent && &view_.connections[client.connection] == connection;
    if (speaks && connection->shortest_expiry() == 0) end_session(index, client);
  }

  WireView view_;
  std::map<std::uint64_t, std::size_t> opened_;
  std::map<std::uint64_t, std::size_t> by_number_;
  std::map<std::string, ClientState> clients_;
  std::map<std::pair<std::uint64_t, bool>, TopicAliases> aliases_;  // connection, from the client
};

}  // namespace

WireView fold_history(const History& history) {
  return Folding(history).run();
}

}  // namespace mqttvet::sim
