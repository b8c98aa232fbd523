// The raw client from the inside. Internal to raw_client*.cpp:
//   raw_client.cpp             operations: what the plan asks for
//   raw_client_connection.cpp  the network connection: opening, losing, pinging, sending
//   raw_client_packets.cpp     what the broker sends
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/run/raw_client.h"
#include "sim/run/raw_connection.h"
#include "sim/run/raw_session.h"
#include "sim/run/timer.h"
#include "sim/run/topic_aliases.h"

namespace mqttvet::sim {

// An operation waits at most so long for its answer; the same as the Paho clients'.
inline constexpr Duration kOperationMax = std::chrono::seconds(60);
inline constexpr std::uint8_t kError = 0x80;  // reason codes from here on are failures

class RawClient final : public Client {
 public:
  using Done = std::function<void(Outcome)>;
  RawClient(World& world, Network& network, const ClientPlan& plan, std::string broker_host,
            std::uint16_t port, std::function<void(const Arrival&)> on_arrival);
  ~RawClient() override { drop_connection(); }

  void perform(const Operation& operation, Done done) override;
  bool connected() const override { return connected_; }

 private:
  struct Task {
    RawSession::OperationId id = 0;
    Operation operation;
    Done done;
  };

  // --- Operations: the first of tasks_ is under way ---
  void begin_next();
  void begin(const DoConnect& operation);
  void begin(const DoDisconnect& operation);
  void begin(const DoPublish& operation);
  void begin(const DoSend& operation);
  void begin_subscription();
  template <class Other>
  void begin(const Other&) {
    finish({false, "not an operation of a client"});
  }
  void finish(Outcome outcome);
  void finish_if(bool condition, Outcome outcome) {
    if (condition) finish(std::move(outcome));
  }
  template <class Wanted>
  const Wanted* under_way() const {
    return tasks_.empty() || !begun_ ? nullptr : std::get_if<Wanted>(&tasks_.front().operation);
  }
  void report(Done done, Outcome outcome) {
    world_.after(Duration{0}, [done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
  }
  void drop(Done done);
  void crash(const DoCrash& operation, Done done);
  void come_back(bool connect);
  void acknowledge(const DoAcknowledge& operation, Done done);
  void publish_next();
  void message_finished(const RawSession::Finished& finished);

  // --- The connection ---
  void open_connection();
  void drop_connection();
  void lost(const std::string& text);
  void send_connect();
  void send_subscription();
  void resend(wire::Packet packet);
  void send(const wire::Packet& packet);
  void send_queue();
  void arm_ping();
  void ping_due();

  // --- Packets of the broker ---
  void handle(const wire::Packet& packet);
  void handle_connack(const wire::Connack& connack);
  void handle_publish(wire::Publish publish);
  void handle_pubrec(const wire::Pubrec& pubrec);
  void handle_pubrel(const wire::Pubrel& pubrel);
  void handle_disconnect(const wire::Disconnect& disconnect);
  void handle_auth(const wire::Auth& auth);
  void handle_answer(std::uint16_t packet_id, const std::vector<std::uint8_t>& reason_codes);
  template <class Acknowledgement>
  void acknowledge_publish(std::uint16_t packet_id);
  void acknowledge_or_hold(const wire::Packet& packet);

  bool is_v5() const { return plan_.version == Version::v5_0; }

  World& world_;
  Network& network_;
  ClientPlan plan_;
  const std::string broker_host_;
  const std::uint16_t port_;
  const std::function<void(const Arrival&)> on_arrival_;

  std::deque<Task> tasks_;
  RawSession::OperationId last_task_ = 0;
  bool begun_ = false;
  int messages_left_ = 0;  // of the publish under way: not yet handed to the session
  int messages_open_ = 0;  // handed over and not finished
  std::uint64_t published_ = 0;
  std::uint16_t answer_id_ = 0;  // packet id of the SUBSCRIBE or UNSUBSCRIBE under way; 0: not sent
  bool down_ = false;            // crashed and not back

  std::shared_ptr<RawConnection> connection_;
  bool wants_connection_ = false;
  bool connected_ = false;
  bool was_connected_ = false;  // since the last connect operation
  DoConnect connect_;           // of every connection until the next
  Duration backoff_;
  std::chrono::seconds keep_alive_{0};
  Time last_sent_at_{0};
  bool ping_unanswered_ = false;

  TopicAliases aliases_;
  std::size_t auth_answers_given_ = 0;  // on this connection

  RawSession session_;
  Acknowledge policy_;
  std::uint8_t acknowledge_reason_ = 0;  // 5.0: of every PUBACK and PUBREC
  using HeldId = std::pair<wire::PacketType, std::optional<std::uint16_t>>;
  static HeldId held_id(const wire::Packet& packet) {
    return {wire::type_of(packet), wire::packet_id_of(packet)};
  }
  std::vector<wire::Packet> held_;  // acknowledgements kept back, in their order
  std::set<HeldId> held_ids_;       // of them, each once

  Timer operation_deadline_, gap_, connect_deadline_, reconnect_, ping_;
};

}  // namespace mqttvet::sim
