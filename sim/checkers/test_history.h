// Histories written by hand, in MQTT's words: a Story is what the clients' side of the network saw.
//
//   Story story;
//   story.in("alice").subscribes("alice", "t", 1).in("bob").publishes("bob", 1, 1, "m1");
//   EXPECT_EQ(story.blames(), "ALO");
//
// Every packet takes a millisecond. Unless a line says otherwise, the topic is "t", clients speak 3.1.1 with
// CleanSession 0, and a client's identifier is its name.
#pragma once

#include <set>
#include <string>

#include "sim/checkers/oracles.h"

namespace mqttvet::sim {

class Story {
 public:
  // --- The plan ---
  Story& speaks(const std::string& client, wire::Version version) {
    clients_[client].version = version;
    return *this;
  }
  Story& shares_id(const std::string& client, const std::string& client_id) {
    clients_[client].client_id = client_id;
    return *this;
  }
  Story& with(const std::string& key, const std::string& value) {
    history_.plan.broker.config[key] = value;
    return *this;
  }
  Plan& plan() { return history_.plan; }
  const History& history() const { return history_; }

  // --- Connections ---
  Story& opens(const std::string& client) {
    clients_[client].connection = ++last_connection_;
    return event(HistoryEvent::Kind::opened, client);
  }
  struct How {
    bool clean = false;
    bool session_present = false;
    wire::Properties properties{};  // of CONNECT
    std::uint16_t keep_alive = 0;
  };
  Story& connects(const std::string& client, const How& how) {
    wire::Connect connect;
    connect.version = clients_[client].version;
    connect.clean_start = how.clean;
    connect.keep_alive = how.keep_alive;
    connect.client_id = clients_[client].client_id.empty() ? client : clients_[client].client_id;
    connect.properties = how.properties;
    const bool for_ever = connect.version == wire::Version::v5_0 && !how.clean &&
                          !wire::number(how.properties, wire::PropertyId::session_expiry_interval);
    if (for_ever)
      connect.properties.emplace_back(wire::PropertyId::session_expiry_interval, std::uint32_t{0xFFFFFFFF});
    return opens(client).sends(client, connect);
  }
  Story& in(const std::string& client, const How& how) {
    return connects(client, how).gets(client, wire::Connack{how.session_present});
  }
  Story& in(const std::string& client) { return in(client, How{}); }
  Story& resumes(const std::string& client) { return in(client, {.session_present = true}); }
  Story& cut(const std::string& client, const std::string& how = "cut") {
    return event(HistoryEvent::Kind::closed, client, how);
  }
  // The client's next events are on the connection it had before the last one.
  Story& on_old_connection(const std::string& client) {
    --clients_[client].connection;
    return *this;
  }

  // --- Packets ---
  Story& sends(const std::string& client, wire::Packet packet) {
    return event(HistoryEvent::Kind::sent, client, {}, std::move(packet));
  }
  Story& gets(const std::string& client, wire::Packet packet) {
    return event(HistoryEvent::Kind::received, client, {}, std::move(packet));
  }
  Story& subscribes(const std::string& client, const std::string& filter, std::uint8_t qos) {
    const auto id = ++last_packet_id_;
    return sends(client, wire::Subscribe{id, {}, {{filter, qos}}}).gets(client, wire::Suback{id, {}, {qos}});
  }
  Story& unsubscribes(const std::string& client, const std::string& filter) {
    const auto id = ++last_packet_id_;
    return sends(client, wire::Unsubscribe{id, {}, {filter}}).gets(client, wire::Unsuback{id});
  }
  static wire::Publish publish(int qos, std::uint16_t id, const std::string& payload, bool dup = false) {
    wire::Publish packet;
    packet.dup = dup;
    packet.qos = static_cast<std::uint8_t>(qos);
    packet.topic = "t";
    packet.packet_id = id;
    packet.payload = payload;
    return packet;
  }
  // A client publishes, and the broker acknowledges to the end.
  Story& publishes(const std::string& client, int qos, std::uint16_t id, const std::string& payload) {
    sends(client, publish(qos, id, payload));
    if (qos == 1) gets(client, wire::Puback{id});
    if (qos == 2)
      gets(client, wire::Pubrec{id}).sends(client, wire::Pubrel{id}).gets(client, wire::Pubcomp{id});
    return *this;
  }
  // The broker delivers: PUBLISH alone, ...
  Story& comes(const std::string& client, int qos, std::uint16_t id, const std::string& payload) {
    return gets(client, publish(qos, id, payload));
  }
  Story& comes_again(const std::string& client, int qos, std::uint16_t id, const std::string& payload) {
    return gets(client, publish(qos, id, payload, true));
  }
  // ... or the whole exchange.
  Story& delivered(const std::string& client, int qos, std::uint16_t id, const std::string& payload) {
    comes(client, qos, id, payload);
    if (qos == 1) puback(client, id);
    if (qos == 2) pubrec(client, id).pubrel(client, id).pubcomp(client, id);
    return *this;
  }
  Story& puback(const std::string& client, std::uint16_t id) { return sends(client, wire::Puback{id}); }
  Story& pubrec(const std::string& client, std::uint16_t id) { return sends(client, wire::Pubrec{id}); }
  Story& pubrel(const std::string& client, std::uint16_t id) { return gets(client, wire::Pubrel{id}); }
  Story& pubcomp(const std::string& client, std::uint16_t id) { return sends(client, wire::Pubcomp{id}); }

  // --- The world ---
  Story& after(Duration pause) {
    now_ += pause;
    return *this;
  }
  Story& crash() { return event(HistoryEvent::Kind::broker_crashed, ""); }
  Story& restart() { return event(HistoryEvent::Kind::broker_started, ""); }
  Story& fault() { return event(HistoryEvent::Kind::fault, ""); }
  Story& reloads(int fault) {
    event(HistoryEvent::Kind::reloaded, "");
    history_.events.back().fault = fault;
    return *this;
  }
  Story& heal() { return event(HistoryEvent::Kind::healed, ""); }

  // --- The verdict: the run goes on for 100 quiet seconds and ends. ---
  std::vector<Violation> violations() {
    after(std::chrono::seconds(100)).event(HistoryEvent::Kind::ended, "");
    return check(history_);
  }
  // "" or the codes of the oracles that blame, each once: "ALO PID".
  std::string blames() {
    std::set<std::string> codes;
    for (const Violation& violation : violations()) codes.insert(violation.oracle);
    std::string text;
    for (const std::string& code : codes) text += (text.empty() ? "" : " ") + code;
    return text;
  }

 private:
  struct Told {
    wire::Version version = wire::Version::v3_1_1;
    std::string client_id;
    std::uint64_t connection = 0;
  };

  Story& event(HistoryEvent::Kind kind, const std::string& client, std::string text = {},
               wire::Packet packet = {}) {
    now_ += std::chrono::milliseconds(1);
    const std::uint64_t connection = client.empty() ? 0 : clients_[client].connection;
    history_.events.push_back({kind, now_, client, connection, std::move(packet), std::move(text)});
    return *this;
  }

  History history_;
  std::map<std::string, Told> clients_;
  Time now_{0};
  std::uint64_t last_connection_ = 0;
  std::uint16_t last_packet_id_ = 1000;  // of SUBSCRIBE and UNSUBSCRIBE
};

}  // namespace mqttvet::sim
