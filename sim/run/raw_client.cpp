#include "sim/run/raw_client.h"

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/plan/payload.h"
#include "sim/run/raw_connection.h"
#include "sim/run/raw_session.h"
#include "sim/run/timer.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using Done = std::function<void(Outcome)>;

constexpr Duration kOperationMax = 60s;  // for an answer; the same as the Paho clients'
constexpr Duration kConnectMax = 30s;    // from SYN to CONNACK
constexpr Duration kDisconnectMax = 5s;  // for the broker to close after DISCONNECT
constexpr std::uint8_t kError = 0x80;    // reason codes from here on are failures
constexpr std::uint8_t kSessionTakenOver = 0x8E;
constexpr std::uint8_t kPacketIdentifierNotFound = 0x92;

using HeldId = std::pair<wire::PacketType, std::optional<std::uint16_t>>;

HeldId held_id(const wire::Packet& packet) {
  return {wire::type_of(packet), wire::packet_id_of(packet)};
}

class RawClient final : public Client {
 public:
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
  void send(const wire::Packet& packet);
  void send_queue();
  void arm_ping();
  void ping_due();

  // --- Packets of the broker ---
  void handle(const wire::Packet& packet);
  void handle_connack(const wire::Connack& connack);
  void handle_publish(const wire::Publish& publish);
  void handle_pubrec(const wire::Pubrec& pubrec);
  void handle_pubrel(const wire::Pubrel& pubrel);
  void handle_disconnect(const wire::Disconnect& disconnect);
  void handle_answer(std::uint16_t packet_id, const std::vector<std::uint8_t>& reason_codes);
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

  RawSession session_;
  Acknowledge policy_;
  std::vector<wire::Packet> held_;  // acknowledgements kept back, in their order
  std::set<HeldId> held_ids_;       // of them, each once

  Timer operation_deadline_, gap_, connect_deadline_, reconnect_, ping_;
};

RawClient::RawClient(World& world, Network& network, const ClientPlan& plan, std::string broker_host,
                     std::uint16_t port, std::function<void(const Arrival&)> on_arrival)
    : world_(world),
      network_(network),
      plan_(plan),
      broker_host_(std::move(broker_host)),
      port_(port),
      on_arrival_(std::move(on_arrival)),
      backoff_(plan.reconnect_min),
      policy_(plan.acknowledge),
      operation_deadline_(world),
      gap_(world),
      connect_deadline_(world),
      reconnect_(world),
      ping_(world) {
  if (plan_.client_id.empty()) plan_.client_id = plan_.name;
}

// --- Operations
// ------------------------------------------------------------------------------------------------------

void RawClient::perform(const Operation& operation, Done done) {
  if (std::holds_alternative<DoDrop>(operation)) return drop(std::move(done));
  if (const auto* crashing = std::get_if<DoCrash>(&operation)) return crash(*crashing, std::move(done));
  if (const auto* acknowledging = std::get_if<DoAcknowledge>(&operation))
    return acknowledge(*acknowledging, std::move(done));
  tasks_.push_back({++last_task_, operation, std::move(done)});
  begin_next();
}

void RawClient::begin_next() {
  if (begun_ || down_ || tasks_.empty()) return;
  begun_ = true;
  operation_deadline_.start(kOperationMax, [this] { finish({false, "timeout"}); });
  const Operation operation = tasks_.front().operation;
  if (under_way<DoSubscribe>() || under_way<DoUnsubscribe>()) return begin_subscription();
  std::visit([this](const auto& what) { begin(what); }, operation);
}

void RawClient::finish(Outcome outcome) {
  operation_deadline_.stop();
  gap_.stop();
  if (answer_id_ != 0) session_.give_back(std::exchange(answer_id_, 0));
  report(std::move(tasks_.front().done), std::move(outcome));
  tasks_.pop_front();
  begun_ = false;
  begin_next();
}

void RawClient::begin(const DoConnect& operation) {
  connect_ = operation;
  was_connected_ = false;
  wants_connection_ = true;
  backoff_ = plan_.reconnect_min;
  if (connected_) return finish({true, ""});
  open_connection();
}

void RawClient::begin(const DoDisconnect& operation) {
  wants_connection_ = false;
  reconnect_.stop();
  if (!connected_) {
    drop_connection();
    return finish({false, "not connected"});
  }
  wire::Disconnect disconnect{.reason_code = static_cast<std::uint8_t>(operation.reason_code)};
  if (operation.session_expiry)
    disconnect.properties.emplace_back(wire::PropertyId::session_expiry_interval,
                                       static_cast<std::uint32_t>(operation.session_expiry->count()));
  send(disconnect);
  operation_deadline_.start(kDisconnectMax, [this] {
    drop_connection();
    finish({true, ""});
  });
}

void RawClient::begin_subscription() {
  if (!wants_connection_) return finish({false, "not connected"});
  if (connected_) send_subscription();
}

void RawClient::begin(const DoPublish& operation) {
  if (!wants_connection_) return finish({false, "not connected"});
  messages_left_ = std::max(1, operation.count);
  messages_open_ = 0;
  publish_next();
}

void RawClient::publish_next() {
  const auto operation = std::get<DoPublish>(tasks_.front().operation);
  const RawSession::OperationId id = tasks_.front().id;
  while (messages_left_ > 0) {
    --messages_left_;
    ++messages_open_;
    wire::Publish message{
        .qos = static_cast<std::uint8_t>(operation.qos),
        .retain = operation.retain,
        .topic = operation.topic,
        .properties = {},
        .payload = payload_of(operation, operation.count - messages_left_, plan_.name, published_)};
    if (operation.expiry)
      message.properties.emplace_back(wire::PropertyId::message_expiry_interval,
                                      static_cast<std::uint32_t>(operation.expiry->count()));
    session_.publish(std::move(message), id);
    if (messages_left_ == 0 || operation.gap == Duration{0}) continue;
    gap_.start(operation.gap, [this] { publish_next(); });
    break;
  }
  operation_deadline_.start(std::max<Duration>(kOperationMax, operation.gap + kOperationMax), [this] {
    finish({false, "timeout"});
  });
  send_queue();
}

void RawClient::message_finished(const RawSession::Finished& finished) {
  const auto* publishing = under_way<DoPublish>();
  if (!publishing || tasks_.front().id != finished.operation) return;
  --messages_open_;
  if (finished.reason_code >= kError)
    return finish({false, wire::describe_reason_code(wire::PacketType::puback, finished.reason_code)});
  finish_if(messages_left_ == 0 && messages_open_ == 0, {true, ""});
}

void RawClient::begin(const DoSend& operation) {
  if (!connection_) return finish({false, "not connected"});
  connection_->send_bytes(operation.bytes);
  finish({true, ""});
}

void RawClient::drop(Done done) {
  const bool dropped = network_.cut(plan_.name, true) > 0;
  report(std::move(done), {dropped, dropped ? "" : "no connection to drop"});
}

void RawClient::acknowledge(const DoAcknowledge& operation, Done done) {
  policy_ = operation.from_now;
  const auto release = [this](std::optional<std::uint16_t> packet_id) {
    std::erase_if(held_, [&](const wire::Packet& packet) {
      if (packet_id && wire::packet_id_of(packet) != packet_id) return false;
      send(packet);
      held_ids_.erase(held_id(packet));
      return true;
    });
  };
  if (operation.release && operation.packet_ids.empty()) release(std::nullopt);
  if (operation.release)
    for (const std::uint16_t packet_id : operation.packet_ids) release(packet_id);
  report(std::move(done), {true, ""});
}

void RawClient::crash(const DoCrash& operation, Done done) {
  if (down_) return report(std::move(done), {false, "the machine is down already"});
  network_.drop_all(plan_.name);
  drop_connection();
  for (Task& task : tasks_) report(std::move(task.done), {false, "crashed"});
  tasks_.clear();
  begun_ = false;
  for (Timer* timer : {&operation_deadline_, &gap_, &reconnect_}) timer->stop();
  answer_id_ = 0;
  session_ = RawSession();
  policy_ = plan_.acknowledge;
  const bool connect = wants_connection_ && plan_.reconnect;
  wants_connection_ = false;
  down_ = true;
  reconnect_.start(operation.restart_after, [this, connect, done = std::move(done)] {
    come_back(connect);
    report(done, {true, ""});
  });
}

void RawClient::come_back(bool connect) {
  down_ = false;
  if (connect && (tasks_.empty() || !std::holds_alternative<DoConnect>(tasks_.front().operation))) {
    wants_connection_ = true;
    backoff_ = plan_.reconnect_min;
    open_connection();
  }
  begin_next();
}

// --- The connection
// --------------------------------------------------------------------------------------------------

void RawClient::open_connection() {
  drop_connection();
  connection_ = std::make_shared<RawConnection>(
      network_.connect(plan_.name, broker_host_, port_), static_cast<wire::Version>(plan_.version),
      RawConnection::Events{.opened = [this] { send_connect(); },
                            .packet = [this](const wire::Packet& packet) { handle(packet); },
                            .lost = [this](const std::string& text) { lost(text); }});
  connect_deadline_.start(kConnectMax, [this] { lost("no CONNACK"); });
}

// Kept until nobody can be inside it.
void RawClient::drop_connection() {
  connected_ = false;
  held_.clear();  // they answer this connection's packets; a resumed session brings those again
  held_ids_.clear();
  if (answer_id_ != 0) session_.give_back(std::exchange(answer_id_, 0));
  connect_deadline_.stop();
  reconnect_.stop();
  ping_.stop();
  if (!connection_) return;
  connection_->close();
  world_.after(Duration{0}, [old = std::move(connection_)] {});
  connection_ = nullptr;
}

void RawClient::lost(const std::string& text) {
  drop_connection();
  if (under_way<DoDisconnect>()) return finish({true, ""});
  if (wants_connection_ && plan_.reconnect) {
    reconnect_.start(backoff_, [this] { open_connection(); });
    backoff_ = std::min(2 * backoff_, plan_.reconnect_max);
    return;
  }
  wants_connection_ = false;
  finish_if(begun_, {false, "connection lost: " + text});
}

void RawClient::send_connect() {
  // With 5.0 a client that comes back by itself wants its session; a clean start is for the first time.
  const bool clean = connect_.clean_start.value_or(plan_.clean_start) && !(is_v5() && was_connected_);
  wire::Connect connect{.version = static_cast<wire::Version>(plan_.version),
                        .clean_start = clean,
                        .keep_alive = static_cast<std::uint16_t>(plan_.keep_alive.count()),
                        .client_id = plan_.client_id};
  const auto add = [](wire::Properties& properties, wire::PropertyId id, std::optional<std::uint32_t> value) {
    if (value) properties.emplace_back(id, *value);
  };
  const auto seconds = [](std::optional<std::chrono::seconds> value) -> std::optional<std::uint32_t> {
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(value->count());
  };
  if (is_v5()) {
    add(connect.properties, wire::PropertyId::session_expiry_interval,
        seconds(connect_.session_expiry ? connect_.session_expiry : plan_.session_expiry));
    add(connect.properties, wire::PropertyId::receive_maximum,
        connect_.receive_maximum ? connect_.receive_maximum : plan_.receive_maximum);
    add(connect.properties, wire::PropertyId::maximum_packet_size, plan_.maximum_packet_size);
  }
  if (plan_.will) {
    connect.will = wire::Will{.qos = static_cast<std::uint8_t>(plan_.will->qos),
                              .retain = plan_.will->retain,
                              .topic = plan_.will->topic,
                              .payload = plan_.will->payload};
    add(connect.will->properties, wire::PropertyId::will_delay_interval, seconds(plan_.will->delay));
    add(connect.will->properties, wire::PropertyId::message_expiry_interval, seconds(plan_.will->expiry));
  }
  send(connect);
}

void RawClient::send_subscription() {
  answer_id_ = session_.take_id();
  if (const auto* subscribe = under_way<DoSubscribe>()) {
    wire::Subscribe packet{.packet_id = answer_id_};
    if (subscribe->subscription_identifier)
      packet.properties.emplace_back(wire::PropertyId::subscription_identifier,
                                     *subscribe->subscription_identifier);
    for (const auto& filter : subscribe->filters)
      packet.subscriptions.push_back({.topic_filter = filter.filter,
                                      .qos = static_cast<std::uint8_t>(filter.qos),
                                      .no_local = filter.no_local,
                                      .retain_as_published = filter.retain_as_published,
                                      .retain_handling = static_cast<std::uint8_t>(filter.retain_handling)});
    send(packet);
  } else if (const auto* unsubscribe = under_way<DoUnsubscribe>()) {
    send(wire::Unsubscribe{.packet_id = answer_id_, .properties = {}, .topic_filters = unsubscribe->filters});
  }
}

void RawClient::send(const wire::Packet& packet) {
  if (!connection_) return;
  last_sent_at_ = world_.now();
  connection_->send(packet);
}

void RawClient::send_queue() {
  while (connected_) {
    const auto next = session_.next();
    if (!next) return;
    send(next->packet);
    if (next->packet.qos == 0) message_finished({next->operation, 0});
  }
}

// A PINGREQ well before the keep-alive runs out [MQTT5-3.1.2-20]; a second one that is due before the first
// was answered means that the broker is gone.
void RawClient::arm_ping() {
  if (keep_alive_ == 0s) return;
  ping_.start(last_sent_at_ + Duration(keep_alive_) * 3 / 4 - world_.now(), [this] { ping_due(); });
}

void RawClient::ping_due() {
  if (world_.now() < last_sent_at_ + Duration(keep_alive_) * 3 / 4) return arm_ping();
  if (std::exchange(ping_unanswered_, true)) return lost("no PINGRESP");
  send(wire::Pingreq{});
  arm_ping();
}

// --- Packets of the broker
// -------------------------------------------------------------------------------------------

void RawClient::handle(const wire::Packet& packet) {
  ping_unanswered_ = false;
  if (const auto* connack = std::get_if<wire::Connack>(&packet)) return handle_connack(*connack);
  if (const auto* publish = std::get_if<wire::Publish>(&packet)) return handle_publish(*publish);
  if (const auto* pubrec = std::get_if<wire::Pubrec>(&packet)) return handle_pubrec(*pubrec);
  if (const auto* pubrel = std::get_if<wire::Pubrel>(&packet)) return handle_pubrel(*pubrel);
  if (const auto* suback = std::get_if<wire::Suback>(&packet))
    return handle_answer(suback->packet_id, suback->reason_codes);
  if (const auto* unsuback = std::get_if<wire::Unsuback>(&packet))
    return handle_answer(unsuback->packet_id, unsuback->reason_codes);
  if (const auto* disconnect = std::get_if<wire::Disconnect>(&packet)) return handle_disconnect(*disconnect);
  std::optional<RawSession::Finished> finished;
  if (const auto* puback = std::get_if<wire::Puback>(&packet)) finished = session_.handle(*puback);
  if (const auto* pubcomp = std::get_if<wire::Pubcomp>(&packet)) finished = session_.handle(*pubcomp);
  if (!finished) return;
  message_finished(*finished);
  send_queue();
}

void RawClient::handle_connack(const wire::Connack& connack) {
  if (connected_) return;
  if (connack.reason_code != 0) {
    const std::string text = wire::describe_reason_code(wire::PacketType::connack, connack.reason_code);
    if (!under_way<DoConnect>()) return lost(text);  // try again later
    wants_connection_ = false;
    drop_connection();
    return finish({false, text});
  }
  connect_deadline_.stop();
  connected_ = was_connected_ = true;
  backoff_ = plan_.reconnect_min;
  ping_unanswered_ = false;
  keep_alive_ = plan_.keep_alive;
  if (const auto seconds = wire::number(connack.properties, wire::PropertyId::server_keep_alive))
    keep_alive_ = std::chrono::seconds(*seconds);
  session_.set_send_quota(
      wire::number(connack.properties, wire::PropertyId::receive_maximum).value_or(65535));
  const bool untold = plan_.version == Version::v3_1 && !connect_.clean_start.value_or(plan_.clean_start);
  if (connack.session_present || untold) {  // a CONNACK of 3.1 does not tell
    for (const wire::Packet& packet : session_.resume()) send(packet);
  } else {
    for (const RawSession::OperationId operation : session_.discard())
      finish_if(under_way<DoPublish>() && tasks_.front().id == operation,
                {false, "the session was not kept"});
  }
  arm_ping();
  if ((under_way<DoSubscribe>() || under_way<DoUnsubscribe>()) && answer_id_ == 0) send_subscription();
  send_queue();
  finish_if(under_way<DoConnect>(), {true, ""});
}

void RawClient::handle_publish(const wire::Publish& publish) {
  if (publish.qos < 2 || session_.receive(publish.packet_id))
    world_.after(Duration{0},
                 [report = on_arrival_, arrival = Arrival{.client = plan_.name,
                                                          .topic = publish.topic,
                                                          .payload = publish.payload,
                                                          .qos = publish.qos,
                                                          .retained = publish.retain,
                                                          .duplicate = publish.dup}] { report(arrival); });
  if (publish.qos == 1) acknowledge_or_hold(wire::Puback{.packet_id = publish.packet_id});
  if (publish.qos == 2) acknowledge_or_hold(wire::Pubrec{.packet_id = publish.packet_id});
}

void RawClient::handle_pubrec(const wire::Pubrec& pubrec) {
  if (const auto failed = session_.handle(pubrec)) {
    message_finished(*failed);
    return send_queue();
  }
  if (pubrec.reason_code >= kError) return;
  const bool known = session_.is_released(pubrec.packet_id);
  send(wire::Pubrel{.packet_id = pubrec.packet_id,
                    .reason_code = known || !is_v5() ? std::uint8_t{0} : kPacketIdentifierNotFound});
}

void RawClient::handle_pubrel(const wire::Pubrel& pubrel) {
  const bool known = session_.release(pubrel.packet_id);
  acknowledge_or_hold(
      wire::Pubcomp{.packet_id = pubrel.packet_id,
                    .reason_code = known || !is_v5() ? std::uint8_t{0} : kPacketIdentifierNotFound});
}

// Two clients with one id must not take it from each other for ever.
void RawClient::handle_disconnect(const wire::Disconnect& disconnect) {
  if (disconnect.reason_code == kSessionTakenOver) wants_connection_ = false;
  lost(wire::describe_reason_code(wire::PacketType::disconnect, disconnect.reason_code));
}

void RawClient::handle_answer(std::uint16_t packet_id, const std::vector<std::uint8_t>& reason_codes) {
  if (answer_id_ == 0 || packet_id != answer_id_) return;
  for (const std::uint8_t code : reason_codes)
    if (code >= kError) return finish({false, wire::describe_reason_code(wire::PacketType::suback, code)});
  finish({true, ""});
}

void RawClient::acknowledge_or_hold(const wire::Packet& packet) {
  if (policy_ == Acknowledge::automatic) return send(packet);
  if (held_ids_.insert(held_id(packet)).second) held_.push_back(packet);
}

}  // namespace

std::unique_ptr<Client> make_raw_client(World& world, Network& network, const ClientPlan& plan,
                                        const std::string& broker_host, std::uint16_t port,
                                        std::function<void(const Arrival&)> on_arrival) {
  return std::make_unique<RawClient>(world, network, plan, broker_host, port, std::move(on_arrival));
}

}  // namespace mqttvet::sim
