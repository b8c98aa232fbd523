#include <fmt/format.h>

#include "sim/plan/payload.h"
#include "sim/run/raw_client_impl.h"
#include "sim/run/raw_packets.h"

namespace mqttvet::sim {
namespace {

constexpr Duration kDisconnectMax = std::chrono::seconds(5);  // for the broker to close after DISCONNECT

}  // namespace

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
      ping_(world) {}

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
  wants_connection_ = operation.bytes.empty();
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
  send(disconnect_packet(operation));
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
    session_.publish(publish_packet(operation, payload_of(operation, operation.count - messages_left_,
                                                          plan_.name, published_)),
                     id);
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
  if (operation.packet) {
    send(*operation.packet);
  } else {
    connection_->send_bytes(operation.bytes);
  }
  finish({true, ""});
}

void RawClient::drop(Done done) {
  const bool dropped = network_.cut(plan_.name, true) > 0;
  report(std::move(done), {dropped, dropped ? "" : "no connection to drop"});
}

void RawClient::acknowledge(const DoAcknowledge& operation, Done done) {
  policy_ = operation.from_now;
  acknowledge_reason_ = static_cast<std::uint8_t>(operation.reason_code);
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
  if (!plan_.persistent) session_ = RawSession();
  policy_ = plan_.acknowledge;
  acknowledge_reason_ = 0;
  const bool connect = wants_connection_ && plan_.reconnect;
  wants_connection_ = false;
  down_ = true;
  if (operation.for_good) return report(std::move(done), {true, ""});
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

std::unique_ptr<Client> make_raw_client(World& world, Network& network, const ClientPlan& plan,
                                        const std::string& broker_host, std::uint16_t port,
                                        std::function<void(const Arrival&)> on_arrival) {
  return std::make_unique<RawClient>(world, network, plan, broker_host, port, std::move(on_arrival));
}

}  // namespace mqttvet::sim
