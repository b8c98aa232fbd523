// The oracles against a broker that is right by construction, and against the same broker with one mistake:
// random histories of a tiny model broker, four clients and a network that cuts. No oracle may blame the
// first; the expected one must find the second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <optional>
#include <set>

#include "sim/checkers/oracles.h"
#include "sim/world/random.h"

namespace mqttvet::sim {
namespace {

enum class Mistake : std::uint8_t {
  none,
  drop_queued,       // a message of the queue is lost on a resume
  reuse_id,          // the next packet id is taken without a look whether it is in use
  new_id_on_resend,  // what is in flight is sent again under a new packet id
  no_dup,            // ... without DUP
  reverse_resend,    // ... in reverse
  forget_pubrel,     // PUBRELs are not sent again
  present_always,    // Session Present is always 1
  present_never,     // ... or always 0, while the session goes on
  exceed_window,     // Receive Maximum and max_inflight are passed by one
  route_again,       // a repeated QoS 2 PUBLISH is routed again
  queue_backwards,   // a new message goes before the last of the queue
  crash_forgets,     // a crash of the broker loses the queues
  silent_suback,     // one SUBSCRIBE in four has no answer
  no_wake_up,        // an acknowledgement opens the window, but nobody looks at the queue
  publish_first,     // a resumed session's PUBLISH before its CONNACK
};

constexpr std::uint16_t kLastId = 6;  // so that ids wrap soon
constexpr std::size_t kMaxInflight = 4;

// --- The broker: sessions that survive everything, connections that don't ---

struct Outgoing {
  std::uint16_t id;
  wire::Publish publish;
  bool released = false;
  bool sent = false;  // on this connection
};

struct Session {
  std::map<std::string, std::uint8_t> subscriptions;
  std::deque<wire::Publish> queue;
  std::deque<Outgoing> in_flight;       // PUBLISH in the order of sending
  std::vector<std::uint16_t> releases;  // waiting for PUBCOMP, in the order of PUBREC
  std::set<std::uint16_t> received;     // QoS 2 ids between PUBLISH and PUBREL
  std::uint16_t last_id = 0;
  std::uint64_t connection = 0;  // 0: offline
  bool clean = false;
  bool copies = false;  // one copy per matching subscription, as the standard permits
};

struct Wire {
  std::string client;
  std::string client_id;
  wire::Version version = wire::Version::v3_1_1;
  std::size_t receive_maximum = 65535;
  std::deque<wire::Packet> to_broker;
  std::deque<wire::Packet> to_client;
  bool client_open = true;
  bool broker_open = true;
  bool greeted = false;    // CONNACK has arrived
  std::size_t credit = 0;  // PUBLISHes sent and not finished on this connection
};

bool matches(const std::string& filter, const std::string& topic) {
  return filter == "#" || filter == topic;
}

class ModelBroker {
 public:
  ModelBroker(Mistake mistake, Random& random) : mistake_(mistake), random_(random) {}

  std::map<std::uint64_t, Wire> wires;

  void handle(std::uint64_t number, const wire::Packet& packet) {
    Wire& wire = wires[number];
    if (const auto* connect = std::get_if<wire::Connect>(&packet))
      return handle_connect(number, wire, *connect);
    const auto found = sessions_.find(wire.client_id);
    if (found == sessions_.end() || found->second.connection != number)
      return;  // taken over: no longer heard
    std::visit([&](const auto& p) { handle(wire, found->second, p); }, packet);
  }

  void close(std::uint64_t number) {
    Wire& wire = wires[number];
    wire.broker_open = false;
    wire.to_broker.clear();
    const auto found = sessions_.find(wire.client_id);
    if (found == sessions_.end() || found->second.connection != number) return;
    found->second.connection = 0;
    if (found->second.clean) sessions_.erase(found);
  }

  void crash() {
    for (auto& [number, wire] : wires)
      if (wire.broker_open) close(number);
    if (mistake_ == Mistake::crash_forgets)
      for (auto& [client_id, session] : sessions_) session.queue.clear();
  }

 private:
  void handle_connect(std::uint64_t number, Wire& wire, const wire::Connect& connect) {
    wire.client_id = connect.client_id;
    wire.receive_maximum =
        wire::number(connect.properties, wire::PropertyId::receive_maximum).value_or(65535);
    if (const auto old = sessions_.find(wire.client_id);
        old != sessions_.end() && old->second.connection != 0) {
      Wire& taken = wires[old->second.connection];
      taken.broker_open = false;
      taken.to_broker.clear();
      old->second.connection = 0;
      if (old->second.clean) sessions_.erase(old);
    }
    if (connect.clean_start) sessions_.erase(wire.client_id);
    bool present = sessions_.contains(wire.client_id);
    Session& session = sessions_[wire.client_id];
    session.connection = number;
    session.clean = connect.clean_start;
    session.copies = wire.client_id == "carol";
    if (mistake_ == Mistake::present_always) present = true;
    if (mistake_ == Mistake::present_never) present = false;
    if (mistake_ == Mistake::publish_first && !session.in_flight.empty()) resend(wire, session);
    wire.to_client.push_back(wire::Connack{present});
    if (mistake_ == Mistake::drop_queued && session.queue.size() > 1) session.queue.pop_front();
    resume(wire, session);
  }

  // emqttd's walk: PUBRELs, in-flight PUBLISHes with DUP in their first order, then the queue.
  void resume(Wire& wire, Session& session) {
    if (mistake_ != Mistake::forget_pubrel)
      for (std::uint16_t id : session.releases) wire.to_client.push_back(wire::Pubrel{id});
    for (Outgoing& outgoing : session.in_flight) outgoing.sent = false;
    if (mistake_ == Mistake::reverse_resend) std::reverse(session.in_flight.begin(), session.in_flight.end());
    pump(wire, session);
  }

  void resend(Wire& wire, Session& session) {
    for (Outgoing& outgoing : session.in_flight) {
      if (outgoing.sent) continue;
      if (wire.credit >= wire.receive_maximum) return;
      ++wire.credit;
      outgoing.sent = true;
      if (mistake_ == Mistake::new_id_on_resend) outgoing.id = next_id(session);
      wire::Publish again = outgoing.publish;
      again.packet_id = outgoing.id;
      again.dup = mistake_ != Mistake::no_dup;
      wire.to_client.push_back(again);
    }
  }

  void pump(Wire& wire, Session& session) {
    resend(wire, session);
    const std::size_t extra = mistake_ == Mistake::exceed_window ? 1 : 0;
    while (!session.queue.empty()) {
      wire::Publish publish = session.queue.front();
      if (publish.qos > 0) {
        if (session.in_flight.size() + session.releases.size() >= kMaxInflight + extra) return;
        if (wire.credit >= wire.receive_maximum + extra) return;
        ++wire.credit;
        publish.packet_id = next_id(session);
        session.in_flight.push_back({publish.packet_id, publish, false, true});
      }
      session.queue.pop_front();
      wire.to_client.push_back(publish);
    }
  }

  // So many ids that a mistake about them shows soon, and that the others don't run out of them.
  std::uint16_t last_id() const {
    if (mistake_ == Mistake::reuse_id) return 3;
    return kLastId;
  }

  std::uint16_t next_id(Session& session) {
    const auto in_use = [&](std::uint16_t id) {
      for (const Outgoing& outgoing : session.in_flight)
        if (outgoing.id == id) return true;
      return std::find(session.releases.begin(), session.releases.end(), id) != session.releases.end();
    };
    do session.last_id = session.last_id % last_id() + 1;
    while (mistake_ != Mistake::reuse_id && in_use(session.last_id));
    return session.last_id;
  }

  void handle(Wire& wire, Session& session, const wire::Publish& p) {
    if (p.qos == 1) wire.to_client.push_back(wire::Puback{p.packet_id});
    if (p.qos == 2) wire.to_client.push_back(wire::Pubrec{p.packet_id});
    if (p.qos == 2 && !session.received.insert(p.packet_id).second && mistake_ != Mistake::route_again)
      return;
    for (auto& [client_id, receiver] : sessions_) route(receiver, p);
  }

  void route(Session& receiver, const wire::Publish& p) {
    std::vector<std::uint8_t> granted;
    for (const auto& [filter, qos] : receiver.subscriptions)
      if (matches(filter, p.topic)) granted.push_back(qos);
    if (granted.empty()) return;
    if (!receiver.copies) granted = {*std::max_element(granted.begin(), granted.end())};
    for (std::uint8_t qos : granted) {
      wire::Publish copy = p;
      copy.dup = false;
      copy.qos = std::min(p.qos, qos);
      copy.packet_id = 0;
      if (receiver.connection == 0 && copy.qos == 0) continue;
      const bool overtake = mistake_ == Mistake::queue_backwards && !receiver.queue.empty();
      receiver.queue.insert(overtake ? std::prev(receiver.queue.end()) : receiver.queue.end(), copy);
    }
    if (receiver.connection != 0 && (mistake_ != Mistake::no_wake_up || receiver.in_flight.empty()))
      pump(wires[receiver.connection], receiver);
  }

  void handle(Wire& wire, Session& session, const wire::Puback& p) { finish(wire, session, p.packet_id, 1); }
  void handle(Wire& wire, Session& session, const wire::Pubrec& p) {
    const auto found = find(session, p.packet_id, 2);
    if (found != session.in_flight.end()) {
      session.releases.push_back(p.packet_id);
      session.in_flight.erase(found);
    }
    wire.to_client.push_back(wire::Pubrel{p.packet_id});
  }
  void handle(Wire& wire, Session& session, const wire::Pubcomp& p) {
    const auto found = std::find(session.releases.begin(), session.releases.end(), p.packet_id);
    if (found == session.releases.end()) return;
    session.releases.erase(found);
    credit_back(wire, session);
  }
  void handle(Wire& wire, Session& session, const wire::Pubrel& p) {
    session.received.erase(p.packet_id);
    wire.to_client.push_back(wire::Pubcomp{p.packet_id});
  }
  void handle(Wire& wire, Session& session, const wire::Subscribe& p) {
    session.subscriptions[p.subscriptions.front().topic_filter] = p.subscriptions.front().qos;
    if (mistake_ == Mistake::silent_suback && random_.below(4) == 0) return;
    wire.to_client.push_back(wire::Suback{p.packet_id, {}, {p.subscriptions.front().qos}});
  }
  void handle(Wire& wire, Session& session, const wire::Unsubscribe& p) {
    session.subscriptions.erase(p.topic_filters.front());
    wire.to_client.push_back(wire::Unsuback{p.packet_id});
  }
  template <class Other>
  void handle(Wire&, Session&, const Other&) {}

  std::deque<Outgoing>::iterator find(Session& session, std::uint16_t id, int qos) {
    return std::find_if(session.in_flight.begin(), session.in_flight.end(),
                        [&](const Outgoing& each) { return each.id == id && each.publish.qos == qos; });
  }
  void finish(Wire& wire, Session& session, std::uint16_t id, int qos) {
    const auto found = find(session, id, qos);
    if (found == session.in_flight.end()) return;
    session.in_flight.erase(found);
    credit_back(wire, session);
  }
  void credit_back(Wire& wire, Session& session) {
    if (wire.credit > 0) --wire.credit;
    if (mistake_ != Mistake::no_wake_up) pump(wire, session);
  }

  Mistake mistake_;
  Random& random_;
  std::map<std::string, Session> sessions_;
};

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
    if (what == 0) return crash_broker();
    if (what == 1) return forget(client);
    if (what < 5 && client.connection != 0) return cut(client.connection);
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
    static const std::vector<std::string> filters = {"t/1", "t/2", "#"};
    const std::string& filter = filters[random_.below(filters.size())];
    const std::uint16_t id = next_id(client);
    if (random_.below(4) == 0)
      send(client, wire::Unsubscribe{id, {}, {filter}});
    else
      send(client, wire::Subscribe{id, {}, {{filter, static_cast<std::uint8_t>(random_.below(3))}}});
  }

  void publish(ModelClient& client) {
    if (!ready(client)) return;
    wire::Publish packet;
    packet.topic = random_.below(3) == 0 ? "t/2" : "t/1";
    packet.qos = static_cast<std::uint8_t>(random_.below(3));
    packet.payload = client.name + "#" + std::to_string(++last_payload_);
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
};

// --- The properties ---

std::string told(const History& history, const Violation& violation) {
  std::string text =
      "at " + std::to_string(violation.at.count()) + " " + violation.oracle + ": " + violation.text + "\n";
  for (std::size_t index : violation.events) {
    const HistoryEvent& event = history.events[index];
    text += "  " + std::to_string(index) + " " + event.client + " #" + std::to_string(event.connection) +
            " " + wire::describe(event.packet) + "\n";
  }
  return text;
}

TEST(ModelWorld, NoOracleBlamesACorrectBroker) {
  rc::check("no oracle blames a correct broker", [] {
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const History history = ModelWorld(seed, Mistake::none).run();
    for (const Violation& violation : check(history)) RC_FAIL(told(history, violation));
  });
}

TEST(ModelWorld, NoOracleBlamesACorrectBroker_InTheFirstThousandWorlds) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const History history = ModelWorld(seed, Mistake::none).run();
    for (const Violation& violation : check(history))
      FAIL() << "seed " << seed << "\n" << told(history, violation);
  }
}

struct Planted {
  Mistake mistake;
  const char* name;
  const char* oracle;
};
class PlantedMistake : public testing::TestWithParam<Planted> {};

TEST_P(PlantedMistake, IsFoundByItsOracle) {
  std::map<std::string, int> worlds;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::set<std::string> codes;
    for (const Violation& violation : check(ModelWorld(seed, GetParam().mistake).run()))
      codes.insert(violation.oracle);
    for (const std::string& code : codes) ++worlds[code];
  }
  RecordProperty("worlds_of_100", worlds[GetParam().oracle]);
  EXPECT_GE(worlds[GetParam().oracle], 5) << testing::PrintToString(worlds);
}

INSTANTIATE_TEST_SUITE_P(All, PlantedMistake,
                         testing::Values(Planted{Mistake::drop_queued, "drop_queued", "ALO"},
                                         Planted{Mistake::reuse_id, "reuse_id", "PID"},
                                         Planted{Mistake::new_id_on_resend, "new_id_on_resend", "PID"},
                                         Planted{Mistake::no_dup, "no_dup", "PID"},
                                         Planted{Mistake::reverse_resend, "reverse_resend", "ORD"},
                                         Planted{Mistake::forget_pubrel, "forget_pubrel", "LIV"},
                                         Planted{Mistake::present_always, "present_always", "SES"},
                                         Planted{Mistake::present_never, "present_never", "SES"},
                                         Planted{Mistake::exceed_window, "exceed_window", "WIN"},
                                         Planted{Mistake::route_again, "route_again", "EXO"},
                                         Planted{Mistake::queue_backwards, "queue_backwards", "ORD"},
                                         Planted{Mistake::crash_forgets, "crash_forgets", "DUR"},
                                         Planted{Mistake::silent_suback, "silent_suback", "LIV"},
                                         Planted{Mistake::no_wake_up, "no_wake_up", "LIV"},
                                         Planted{Mistake::publish_first, "publish_first", "CNF"}),
                         [](const auto& planted) { return std::string(planted.param.name); });

}  // namespace
}  // namespace mqttvet::sim
