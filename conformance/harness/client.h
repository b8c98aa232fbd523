// A client of a case: blocking verbs over conformance/wire (those of every peer.h, and these).
//
// Verbs that only prepare (connect, subscribe, publish, ...) end the case as inconclusive or unimplemented
// when the target refuses, which it may; silence, a wrong answer and a closed connection fail it. Whoever
// wants to judge a refusal uses send() and expect().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "conformance/harness/peer.h"  // IWYU pragma: export

namespace mqttvet::conformance {

class Client final : public Peer {
 public:
  Client(Run& run, std::string name, std::string client_id);

  const std::string& client_id() const { return client_id_; }
  // For a second client with the identifier of the first: b.set_client_id(a.client_id()).
  void set_client_id(std::string client_id) { client_id_ = std::move(client_id); }

  // --- Connecting ---

  // The network connection only. Replaces the one there is.
  void open();
  // The next connection, and only that, has this fault.
  void arrange(const Fault& fault) { arranged_ = fault; }
  // A CONNECT with our version, identifier and credentials, Clean Start 1, keep-alive 0: to change and
  // send().
  Connect connect_packet() const;
  // Opens, sends CONNECT and expects a CONNACK that accepts. Version, and where they are empty also client
  // identifier and credentials, are filled in.
  Connack connect(Connect packet = {});
  // A session that outlives its connections: Clean Start 0, and in 5.0 this Session Expiry Interval. For the
  // first connection as for every further one.
  Connack connect_persistent(std::chrono::seconds expiry = std::chrono::seconds(600), Connect packet = {});

  // --- Exchanges: send, and see them through ---

  // Expects a SUBACK that grants exactly this QoS.
  Suback subscribe(const std::string& topic_filter, std::uint8_t qos = 0);
  // A packet_id of 0 is filled in. Expects a SUBACK that refuses nothing.
  Suback subscribe(Subscribe packet);
  Unsuback unsubscribe(const std::string& topic_filter);
  // PINGREQ, PINGRESP. The connection is alive, and what was sent before has been read.
  void ping();
  // The connection is still there: ping().
  void expect_open() { ping(); }
  // The fault that was arranged for this connection happens: its packet has come so far. After
  // Fault::What::reset and finish the connection is over.
  void expect_fault(Duration within = {});
  void disconnect(std::uint8_t reason_code = 0, Properties properties = {});  // DISCONNECT, then FIN

  // What the run has to take back when it ends on a shared target.
  bool has_persistent_session() const { return persistent_; }
  const std::set<std::string>& retained_topics() const { return retained_topics_; }

 private:
    void leaving(const Packet& packet) override;
  void ended(Time at, Ending how, const std::string& text) override;

  std::string client_id_;
  std::optional<Fault> arranged_;  // for the next connection
  std::optional<Fault> fault_;     // of this one
  bool persistent_ = false;
  std::set<std::string> retained_topics_;
};

}  // namespace mqttvet::conformance
