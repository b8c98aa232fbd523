#include "sim/run/marks.h"

#include <algorithm>
#include <optional>
#include <set>

namespace mqttvet::sim {
namespace {

using Kind = HistoryEvent::Kind;
using wire::PropertyId;

constexpr const char* kCatalogue[] = {"alias from the broker",
                                      "alias from a client",
                                      "crash in the middle of QoS 2",
                                      "id wrap with a slow id",
                                      "keep-alive ran out",
                                      "loss of a shared member with a message in flight",
                                      "half-done QoS 2 or too much of it ended a connection",
                                      "message expired in the broker",
                                      "message too large for its receiver",
                                      "not authorized: delivery, PUBLISH or will",
                                      "not authorized: SUBSCRIBE",
                                      "no room for a retained message, or for a subscription",
                                      "queue alarm raised",
                                      "queue alarm cleared",
                                      "queue overflow",
                                      "reload of users or rules",
                                      "wrong password refused",
                                      "Receive Maximum reached",
                                      "retained message cleared",
                                      "second cut during a resume",
                                      "session expired",
                                      "takeover with a QoS 2 exchange open",
                                      "will published",
                                      "will delay equal to session expiry, and neither cancelled"};

constexpr std::uint8_t kKeepAliveTimeout = 0x8D;
constexpr std::uint8_t kNotAuthorized = 0x87;
constexpr std::uint8_t kQuotaExceeded = 0x97;
constexpr std::uint8_t kBadUserNameOrPassword = 0x86;
constexpr std::uint8_t kBadUserNameOrPassword311 = 4;

// What one client is in the middle of, as it sees it itself.
struct ClientState {
  std::string client_id;
  std::set<std::uint16_t> open;  // received, QoS above 0, not completed by the client
  std::set<std::uint16_t> open_qos2;
  std::optional<std::uint16_t> last_new_id;
  std::uint32_t receive_maximum = 65535;
  bool connected = false;
  bool resuming = false;  // the session was resumed with something open, and not all of it is done
  bool cut_in_resume = false;
  bool shares = false;
  bool left_politely = false;
  bool will_meets_expiry = false;
};

class Reading {
 public:
  Reading() {
    for (const char* name : kCatalogue) met_[name] = 0;
  }
  void take(const HistoryEvent& event) {
    ClientState& client = clients_[event.client];
    if (event.kind == Kind::broker_crashed) crashed();
    if (event.kind == Kind::reloaded) meet("reload of users or rules");
    if (event.kind == Kind::closed) closed(client);
    if (event.kind == Kind::sent) std::visit([&](const auto& packet) { sent(packet, client); }, event.packet);
    if (event.kind == Kind::received)
      std::visit([&](const auto& packet) { received(packet, client); }, event.packet);
  }
  void count(const core::Counters& counters) {
    met_["message expired in the broker"] = counters.dropped_expired;
    met_["message too large for its receiver"] = counters.dropped_too_large;
    met_["not authorized: delivery, PUBLISH or will"] = counters.dropped_not_authorized;
    met_["no room for a retained message, or for a subscription"] +=
        counters.not_retained_full + counters.not_retained_too_large;
    met_["queue overflow"] = counters.dropped_queue_full;
    met_["session expired"] = counters.sessions_expired;
    met_["will published"] = counters.wills_published;
  }
  std::map<std::string, std::uint64_t> result() { return std::move(met_); }

 private:
  void meet(const char* name) { ++met_.at(name); }

  void crashed() {
    for (const auto& [name, client] : clients_)
      if (client.connected && !client.open_qos2.empty()) return meet("crash in the middle of QoS 2");
  }

  void closed(ClientState& client) {
    if (client.connected && client.resuming && !client.open.empty()) {
      if (client.cut_in_resume) meet("second cut during a resume");
      client.cut_in_resume = true;
    }
    if (client.shares && !client.open.empty()) meet("loss of a shared member with a message in flight");
    if (client.will_meets_expiry && !client.left_politely)
      meet("will delay equal to session expiry, and neither cancelled");
    client.connected = false;
  }

  // --- From the client ---
  void sent(const wire::Connect& packet, ClientState& client) {
    for (const auto& [name, other] : clients_)
      if (&other != &client && other.connected && other.client_id == packet.client_id &&
          !other.open_qos2.empty())
        meet("takeover with a QoS 2 exchange open");
    client.client_id = packet.client_id;
    client.receive_maximum = wire::number(packet.properties, PropertyId::receive_maximum).value_or(65535);
    client.left_politely = false;
    const auto expiry = wire::number(packet.properties, PropertyId::session_expiry_interval);
    client.will_meets_expiry =
        packet.will && expiry && *expiry > 0 &&
        wire::number(packet.will->properties, PropertyId::will_delay_interval) == expiry;
  }
  void sent(const wire::Publish& packet, ClientState&) {
    if (packet.retain && packet.payload.empty()) meet("retained message cleared");
    if (packet.topic.empty()) meet("alias from a client");
  }
  void sent(const wire::Subscribe& packet, ClientState& client) {
    for (const wire::Subscription& each : packet.subscriptions)
      if (each.topic_filter.starts_with("$share/") || each.topic_filter.starts_with("$queue/"))
        client.shares = true;
  }
  void sent(const wire::Puback& packet, ClientState& client) { complete(packet.packet_id, client); }
  void sent(const wire::Pubcomp& packet, ClientState& client) { complete(packet.packet_id, client); }
  void sent(const wire::Disconnect&, ClientState& client) { client.left_politely = true; }
  template <class Other>
  void sent(const Other&, ClientState&) {}

  void complete(std::uint16_t packet_id, ClientState& client) {
    client.open.erase(packet_id);
    client.open_qos2.erase(packet_id);
    if (client.open.empty()) client.resuming = client.cut_in_resume = false;
  }

  // --- From the broker ---
  void received(const wire::Connack& packet, ClientState& client) {
    if (packet.reason_code == kBadUserNameOrPassword || packet.reason_code == kBadUserNameOrPassword311)
      meet("wrong password refused");
    if (packet.reason_code != 0) return;
    client.connected = true;
    client.resuming = packet.session_present && !client.open.empty();
    if (packet.session_present) return;
    client.open.clear();
    client.open_qos2.clear();
    client.last_new_id.reset();
    client.cut_in_resume = client.shares = false;
  }
  void received(const wire::Publish& packet, ClientState& client) {
    if (packet.topic.empty()) meet("alias from the broker");
    if (packet.topic.starts_with("$SYS/broker/alarms/"))
      meet(packet.topic.ends_with("alert") ? "queue alarm raised" : "queue alarm cleared");
    if (packet.qos == 0) return;
    if (!packet.dup) {
      const bool wrapped = client.last_new_id && packet.packet_id < *client.last_new_id;
      if (wrapped && client.open.upper_bound(packet.packet_id) != client.open.end())
        meet("id wrap with a slow id");
      client.last_new_id = packet.packet_id;
    }
    client.open.insert(packet.packet_id);
    if (packet.qos == 2) client.open_qos2.insert(packet.packet_id);
    if (client.open.size() == client.receive_maximum) meet("Receive Maximum reached");
  }
  void received(const wire::Disconnect& packet, ClientState&) {
    if (packet.reason_code == kKeepAliveTimeout) meet("keep-alive ran out");
    if (packet.reason_code == kQuotaExceeded) meet("half-done QoS 2 or too much of it ended a connection");
  }
  void received(const wire::Suback& packet, ClientState&) {
    for (const std::uint8_t reason : packet.reason_codes) {
      if (reason == kNotAuthorized) meet("not authorized: SUBSCRIBE");
      if (reason == kQuotaExceeded) meet("no room for a retained message, or for a subscription");
    }
  }
  template <class Other>
  void received(const Other&, ClientState&) {}

  std::map<std::string, std::uint64_t> met_;
  std::map<std::string, ClientState> clients_;
};

}  // namespace

std::map<std::string, std::uint64_t> marks(const History& history, const core::Counters& counters) {
  Reading reading;
  for (const HistoryEvent& event : history.events) reading.take(event);
  reading.count(counters);
  return reading.result();
}

}  // namespace mqttvet::sim
