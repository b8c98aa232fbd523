// Random histories of the model broker, five clients and a network that cuts: for the oracles' own tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/checkers/history.h"
#include "sim/checkers/test_model_broker.h"

namespace mqttvet::sim::model_world {

// --- Clients: as Paho, with persistence; `crash` takes it away ---

struct ModelClient {
  std::string name;
  std::string client_id;
  wire::Version version = wire::Version::v3_1_1;
  bool clean = false;
  std::uint64_t connection = 0;
  std::uint16_t last_id = 0;
  std::map<std::uint16_t, wire::Publish> publishing{};  // QoS 1 and 2, no PUBACK or PUBREC yet
  std::vector<std::uint16_t> order{};                   // of sending
  std::set<std::uint16_t> releasing{};                  // PUBREL sent, no PUBCOMP yet
};

class ModelWorld {
 public:
  ModelWorld(std::uint64_t seed, Mistake mistake) : random_(seed), broker_(mistake, random_) {
    history_.plan.broker.config = {{"max_inflight", std::to_string(kMaxInflight)}};
    const auto version = [&] { return random_.below(2) == 0 ? wire::Version::v5_0 : wire::Version::v3_1_1; };
    for (const char* name : {"alice", "bob", "carol", "dave", "alice2"})
      clients_.push_back({name, std::string(name).substr(0, 5), version()});
    clients_[3].clean = true;
    crashes_ = random_.below(2) == 0;
  }

  History run() {
    for (int i = 0; i < 1500; ++i) step();
    note(HistoryEvent::Kind::healed, "", 0);
    clients_.pop_back();  // alice2 leaves alice alone
    for (auto& [number, wire] : broker_.wires)
      if (wire.client == "alice2" && wire.client_open) cut(number);
    for (bool busy = true; busy;) {  // everybody in, and everything at rest
      for (ModelClient& client : clients_)
        if (client.connection == 0) connect(client);
      busy = travel();
    }
    now_ += std::chrono::seconds(100);
    note(HistoryEvent::Kind::ended, "", 0);
    return std::move(history_);
  }

 private:
  void step() {
    now_ += std::chrono::milliseconds(random_.below(500));
    ModelClient& client = clients_[random_.below(clients_.size())];
    const auto what = random_.below(200);
    if (what == 0) return crashes_ ? crash_broker() : void();
    if (what == 1) return forget(client);
    if (what < 4 && client.connection != 0) return cut(client.connection);
    if (what == 4) return disconnect(client);
    if (what < 20) return client.connection == 0 ? connect(client) : void();
    if (what < 25) return subscribe(client);
    if (what < 60) return publish(client);
    travel();
  }

  // One packet goes on: into the broker, or into a client's host. False: none is on its way.
  bool travel() {
    std::vector<std::pair<std::uint64_t, bool>> ready;
    for (auto& [number, wire] : broker_.wires) {
      if (!wire.to_broker.empty() && wire.broker_open) ready.emplace_back(number, true);
      if ((!wire.to_client.empty() || !wire.broker_open) && wire.client_open)
        ready.emplace_back(number, false);
      if (wire.to_broker.empty() && wire.broker_open && !wire.client_open) ready.emplace_back(number, true);
    }
    if (ready.empty()) return false;
    const auto [number, to_broker] = ready[random_.below(ready.size())];
    Wire& wire = broker_.wires[number];
    if (to_broker && wire.to_broker.empty()) return broker_.close(number), true;
    if (to_broker) {
      const wire::Packet packet = wire.to_broker.front();
      wire.to_broker.pop_front();
      return broker_.handle(number, packet), true;
    }
    if (wire.to_client.empty()) return end(number, "server closed"), true;
    const wire::Packet packet = wire.to_client.front();
    wire.to_client.pop_front();
    note(HistoryEvent::Kind::received, wire.client, number, packet);
    for (ModelClient& client : clients_)
      if (client.connection == number && random_.below(50) != 0)
        receive(client, wire, packet);
      else if (client.connection == number)
        cut(number);  // it arrived, but the client never read it
    return true;
  }

  void receive(ModelClient& client, Wire& wire, const wire::Packet& packet) {
    if (const auto* p = std::get_if<wire::Connack>(&packet)) return let_in(client, wire, p->session_present);
    if (const auto* p = std::get_if<wire::Publish>(&packet)) {
      if (p->qos == 1) send(client, wire::Puback{p->packet_id});
      if (p->qos == 2) send(client, wire::Pubrec{p->packet_id});
    } else if (const auto* rel = std::get_if<wire::Pubrel>(&packet)) {
      send(client, wire::Pubcomp{rel->packet_id});
    } else if (const auto* ack = std::get_if<wire::Puback>(&packet)) {
      client.publishing.erase(ack->packet_id);
    } else if (const auto* rec = std::get_if<wire::Pubrec>(&packet)) {
      client.publishing.erase(rec->packet_id);
      client.releasing.insert(rec->packet_id);
      send(client, wire::Pubrel{rec->packet_id});
    } else if (const auto* comp = std::get_if<wire::Pubcomp>(&packet)) {
      client.releasing.erase(comp->packet_id);
    }
  }

  // Whatever Session Present says, what is unfinished is sent again, as Paho does; a clean client forgets it.
  void let_in(ModelClient& client, Wire& wire, bool) {
    wire.greeted = true;
    const auto order = std::exchange(client.order, {});
    for (std::uint16_t id : order) {
      if (client.releasing.contains(id)) send(client, wire::Pubrel{id});
      const auto found = client.publishing.find(id);
      if (found != client.publishing.end()) {
        wire::Publish again = found->second;
        again.dup = true;
        send(client, again);
      }
      if (found != client.publishing.end() || client.releasing.contains(id)) client.order.push_back(id);
    }
  }

  void connect(ModelClient& client) {
    const std::uint64_t number = ++last_connection_;
    client.connection = number;
    Wire& wire = broker_.wires[number];
    wire.client = client.name;
    wire.version = client.version;
    note(HistoryEvent::Kind::opened, client.name, number);
    wire::Connect connect;
    connect.version = client.version;
    connect.client_id = client.client_id;
    connect.clean_start = client.clean || random_.below(20) == 0;
    if (connect.clean_start) forget_exchanges(client);
    if (client.name == "bob" || client.name == "dave")
      connect.will = wire::Will{1, false, {}, "w", client.name + " is gone"};
    if (client.version == wire::Version::v5_0) {
      if (!connect.clean_start)
        connect.properties.emplace_back(wire::PropertyId::session_expiry_interval, std::uint32_t{0xFFFFFFFF});
      connect.properties.emplace_back(wire::PropertyId::receive_maximum,
                                      static_cast<std::uint32_t>(1 + random_.below(4)));
    }
    send(client, connect);
  }

  void subscribe(ModelClient& client) {
    if (!ready(client)) return;
    static const std::vector<std::string> filters = {"t/1", "t/2", "#", "w"};
    const std::string& filter = filters[random_.below(filters.size())];
    const std::uint16_t id = next_id(client);
    if (random_.below(4) == 0) return send(client, wire::Unsubscribe{id, {}, {filter}});
    wire::Subscribe subscribe{id, {}, {{filter, static_cast<std::uint8_t>(random_.below(3))}}};
    if (client.version == wire::Version::v5_0) {
      subscribe.subscriptions.front().no_local = random_.below(4) == 0;
      if (random_.below(2) == 0)
        subscribe.properties.emplace_back(wire::PropertyId::subscription_identifier,
                                          static_cast<std::uint32_t>(1 + random_.below(9)));
    }
    send(client, subscribe);
  }

  // The network is idle for that long: the broker has the DISCONNECT at once.
  void disconnect(ModelClient& client) {
    const std::uint64_t number = client.connection;
    if (!ready(client)) return;
    send(client, wire::Disconnect{});
    Wire& wire = broker_.wires[number];
    while (wire.broker_open && !wire.to_broker.empty()) {
      const wire::Packet packet = wire.to_broker.front();
      wire.to_broker.pop_front();
      broker_.handle(number, packet);
    }
    end(number, "client closed");
    now_ += std::chrono::seconds(10);
  }

  void publish(ModelClient& client) {
    if (!ready(client)) return;
    wire::Publish packet;
    packet.topic = random_.below(3) == 0 ? "t/2" : "t/1";
    packet.qos = static_cast<std::uint8_t>(random_.below(3));
    packet.payload = client.name + "#" + std::to_string(++last_payload_);
    packet.retain = random_.below(5) == 0;
    if (packet.qos > 0) {
      packet.packet_id = next_id(client);
      client.publishing[packet.packet_id] = packet;
      client.order.push_back(packet.packet_id);
    }
    send(client, packet);
  }

  bool ready(const ModelClient& client) {
    return client.connection != 0 && broker_.wires[client.connection].greeted && client.order.size() < 20;
  }

  std::uint16_t next_id(ModelClient& client) {
    do client.last_id = client.last_id % 60 + 1;
    while (client.publishing.contains(client.last_id) || client.releasing.contains(client.last_id));
    std::erase(client.order, client.last_id);
    return client.last_id;
  }

  void send(ModelClient& client, const wire::Packet& packet) {
    Wire& wire = broker_.wires[client.connection];
    if (!wire.client_open) return;
    note(HistoryEvent::Kind::sent, client.name, client.connection, packet);
    if (wire.broker_open) wire.to_broker.push_back(packet);
  }

  // The client's side of the connection is gone. What it sent may still arrive, all or a beginning of it.
  void cut(std::uint64_t number) {
    Wire& wire = broker_.wires[number];
    wire.to_broker.resize(random_.below(wire.to_broker.size() + 1));
    end(number, "cut");
  }
  void end(std::uint64_t number, const char* how) {
    Wire& wire = broker_.wires[number];
    wire.client_open = false;
    note(HistoryEvent::Kind::closed, wire.client, number, {}, how);
    for (ModelClient& client : clients_)
      if (client.connection == number) client.connection = 0;
  }

  void crash_broker() {
    note(HistoryEvent::Kind::broker_crashed, "", 0);
    for (auto& [number, wire] : broker_.wires)  // of what was on its way to the clients, a beginning arrives
      wire.to_client.resize(wire.client_open ? random_.below(wire.to_client.size() + 1) : 0);
    broker_.crash();
    note(HistoryEvent::Kind::broker_started, "", 0);
  }

  void forget(ModelClient& client) {
    if (client.connection != 0) cut(client.connection);
    forget_exchanges(client);
    client.last_id = 0;
  }
  static void forget_exchanges(ModelClient& client) {
    client.publishing.clear();
    client.releasing.clear();
    client.order.clear();
  }

  void note(HistoryEvent::Kind kind, const std::string& client, std::uint64_t connection,
            const wire::Packet& packet = {}, const char* text = "") {
    now_ += std::chrono::milliseconds(1);
    history_.events.push_back({kind, now_, client, connection, packet, text});
  }

  Random random_;
  ModelBroker broker_;
  std::vector<ModelClient> clients_;
  History history_;
  Time now_{0};
  std::uint64_t last_connection_ = 0;
  int last_payload_ = 0;
  bool crashes_ = false;
};

}  // namespace mqttvet::sim::model_world
