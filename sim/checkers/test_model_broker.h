// A model broker that is right by construction, or makes one mistake: for the oracles' own tests.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/wire/wire.h"
#include "sim/world/random.h"

namespace mqttvet::sim::model_world {

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
  first_retained,    // a retained message is never replaced
  retained_again,    // retained messages are sent on every resume
  no_retained,       // ... or never
  echo_own,          // No Local is ignored
  deaf_unsubscribe,  // one UNSUBSCRIBE in two has no effect
  full_qos,          // the subscription's QoS is ignored
  drop_qos0,         // one QoS 0 message in eight is lost on its way out
  wrong_identifier,  // a new SUBSCRIBE keeps the old Subscription Identifier
  will_discarded,    // no will is ever published
  will_kept,         // DISCONNECT does not discard the will
  will_twice,        // a will is published twice
  two_owners,        // a takeover leaves the older connection open
  untold_takeover,   // ... or says nothing to it
};

inline constexpr std::uint16_t kLastId = 6;  // so that ids wrap soon
inline constexpr std::size_t kMaxInflight = 4;

// --- The broker: sessions that survive everything, connections that don't ---

struct Outgoing {
  std::uint16_t id;
  wire::Publish publish;
  bool released = false;
  bool sent = false;  // on this connection
};

struct Subscribed {
  std::uint8_t qos = 0;
  bool no_local = false;
  std::optional<std::uint32_t> identifier{};
};

struct Session {
  std::map<std::string, Subscribed> subscriptions;
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
  std::optional<wire::Will> will{};
  bool greeted = false;    // CONNACK has arrived
  std::size_t credit = 0;  // PUBLISHes sent and not finished on this connection
};

inline bool matches(const std::string& filter, const std::string& topic) {
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
    if (found == sessions_.end()) return;
    if (found->second.connection != number && mistake_ != Mistake::two_owners)
      return;  // taken over: no longer heard
    if (std::holds_alternative<wire::Disconnect>(packet)) {
      if (mistake_ != Mistake::will_kept) wire.will.reset();
      return close(number);
    }
    std::visit([&](const auto& p) { handle(wire, found->second, p); }, packet);
  }

  void close(std::uint64_t number) {
    Wire& wire = wires[number];
    wire.broker_open = false;
    wire.to_broker.clear();
    const auto found = sessions_.find(wire.client_id);
    if (found != sessions_.end() && found->second.connection == number) {
      found->second.connection = 0;
      if (found->second.clean) sessions_.erase(found);
    }
    publish_will(wire);
  }

  // No will outlives it.
  void crash() {
    for (auto& [number, wire] : wires) wire.will.reset();
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
      Wire& older = wires[old->second.connection];
      if (older.version == wire::Version::v5_0 && mistake_ != Mistake::untold_takeover)
        older.to_client.push_back(wire::Disconnect{0x8E});
      if (mistake_ != Mistake::two_owners) close(old->second.connection);
    }
    wire.will = connect.will;
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
    if (mistake_ == Mistake::retained_again)
      for (const auto& [filter, subscribed] : session.subscriptions)
        send_retained(session, filter, subscribed);
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
    publish(wire.client_id, p);
  }

  void publish(const std::string& publisher, const wire::Publish& p) {
    if (p.retain && p.payload.empty()) retained_.erase(p.topic);
    if (p.retain && !p.payload.empty() &&
        (mistake_ != Mistake::first_retained || !retained_.contains(p.topic)))
      retained_[p.topic] = {publisher, p};
    for (auto& [client_id, receiver] : sessions_) route(client_id, receiver, publisher, p);
  }

  void publish_will(Wire& wire) {
    const auto will = std::exchange(wire.will, std::nullopt);
    if (!will || mistake_ == Mistake::will_discarded) return;
    wire::Publish p;
    p.qos = will->qos;
    p.topic = will->topic;
    p.payload = will->payload;
    publish(wire.client_id, p);
    if (mistake_ == Mistake::will_twice) publish(wire.client_id, p);
  }

  void route(const std::string& client_id, Session& receiver, const std::string& publisher,
             const wire::Publish& p) {
    std::vector<Subscribed> matching;
    for (const auto& [filter, subscribed] : receiver.subscriptions) {
      const bool own = subscribed.no_local && client_id == publisher && mistake_ != Mistake::echo_own;
      if (matches(filter, p.topic) && !own) matching.push_back(subscribed);
    }
    if (matching.empty()) return;
    std::vector<std::vector<Subscribed>> copies;
    for (const Subscribed& each : matching) {
      if (copies.empty() || receiver.copies) copies.emplace_back();
      copies.back().push_back(each);
    }
    for (const auto& reasons : copies) enqueue(receiver, p, reasons, false);
    wake(receiver);
  }

  // One copy, for the subscriptions that are the reason for it.
  void enqueue(Session& receiver, const wire::Publish& p, const std::vector<Subscribed>& reasons,
               bool retain) {
    wire::Publish copy = p;
    std::uint8_t granted = 0;
    copy.properties.clear();
    for (const Subscribed& each : reasons) {
      granted = std::max(granted, each.qos);
      if (each.identifier)
        copy.properties.emplace_back(wire::PropertyId::subscription_identifier, *each.identifier);
    }
    copy.dup = false;
    copy.retain = retain;
    copy.qos = mistake_ == Mistake::full_qos ? p.qos : std::min(p.qos, granted);
    copy.packet_id = 0;
    if (receiver.connection == 0 && copy.qos == 0) return;
    if (copy.qos == 0 && mistake_ == Mistake::drop_qos0 && random_.below(8) == 0) return;
    const bool overtake = mistake_ == Mistake::queue_backwards && !receiver.queue.empty();
    receiver.queue.insert(overtake ? std::prev(receiver.queue.end()) : receiver.queue.end(), copy);
  }

  void send_retained(Session& receiver, const std::string& filter, const Subscribed& subscribed) {
    if (mistake_ == Mistake::no_retained) return;
    for (const auto& [topic, retained] : retained_)
      if (matches(filter, topic) &&
          !(subscribed.no_local && retained.first == wires[receiver.connection].client_id))
        enqueue(receiver, retained.second, {subscribed}, true);
    wake(receiver);
  }

  void wake(Session& receiver) {
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
    const wire::Subscription& asked = p.subscriptions.front();
    const auto identifier = wire::number(p.properties, wire::PropertyId::subscription_identifier);
    Subscribed& subscribed = session.subscriptions[asked.topic_filter];
    const auto before = subscribed.identifier;
    subscribed = {asked.qos, asked.no_local, identifier};
    if (mistake_ == Mistake::wrong_identifier && before) subscribed.identifier = before;
    if (mistake_ == Mistake::silent_suback && random_.below(4) == 0) return;
    wire.to_client.push_back(wire::Suback{p.packet_id, {}, {asked.qos}});
    send_retained(session, asked.topic_filter, subscribed);
  }
  void handle(Wire& wire, Session& session, const wire::Unsubscribe& p) {
    const bool deaf = mistake_ == Mistake::deaf_unsubscribe && random_.below(2) == 0;
    if (!deaf) session.subscriptions.erase(p.topic_filters.front());
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
  std::map<std::string, std::pair<std::string, wire::Publish>> retained_;  // with the publisher
};

}  // namespace mqttvet::sim::model_world
