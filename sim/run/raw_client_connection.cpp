// The raw client's network connection.
#include "sim/run/raw_client_impl.h"
#include "sim/run/raw_packets.h"

namespace mqttvet::sim {
namespace {

constexpr Duration kConnectMax = std::chrono::seconds(30);  // from SYN to CONNACK

}  // namespace

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
  if (!connect_.bytes.empty()) {
    connect_deadline_.stop();
    connection_->send_bytes(connect_.bytes);
    return finish_if(under_way<DoConnect>() != nullptr, {true, ""});
  }
  // With 5.0 a client that comes back by itself wants its session; a clean start is for the first time.
  const bool clean = connect_.clean_start.value_or(plan_.clean_start) && !(is_v5() && was_connected_);
  auth_answers_given_ = 0;
  send(connect_packet(plan_, connect_, clean));
}

void RawClient::send_subscription() {
  answer_id_ = session_.take_id();
  if (const auto* subscribe = under_way<DoSubscribe>()) {
    send(subscribe_packet(*subscribe, answer_id_));
  } else if (const auto* unsubscribe = under_way<DoUnsubscribe>()) {
    send(unsubscribe_packet(*unsubscribe, answer_id_));
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
    wire::Publish packet = next->packet;
    aliases_.shorten(packet);
    send(packet);
    if (packet.qos == 0) message_finished({next->operation, 0});
  }
}

// On resume; an alias of an older connection means nothing on this one.
void RawClient::resend(wire::Packet packet) {
  if (auto* publish = std::get_if<wire::Publish>(&packet)) aliases_.lengthen(*publish);
  send(packet);
}

// A PINGREQ well before the keep-alive runs out [MQTT5-3.1.2-20]; a second one that is due before the first
// was answered means that the broker is gone.
void RawClient::arm_ping() {
  if (keep_alive_ == std::chrono::seconds(0)) return;
  ping_.start(last_sent_at_ + Duration(keep_alive_) * 3 / 4 - world_.now(), [this] { ping_due(); });
}

void RawClient::ping_due() {
  if (world_.now() < last_sent_at_ + Duration(keep_alive_) * 3 / 4) return arm_ping();
  if (std::exchange(ping_unanswered_, true)) return lost("no PINGRESP");
  send(wire::Pingreq{});
  arm_ping();
}

}  // namespace mqttvet::sim
