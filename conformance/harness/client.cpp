#include "conformance/harness/client.h"

#include <fmt/format.h>

#include <utility>

#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"

namespace mqttvet::conformance {

Client::Client(Run& run, std::string name, std::string client_id)
    : Peer(run, std::move(name), Direction::server_to_client), client_id_(std::move(client_id)) {}

// --- Connecting ---

void Client::open() {
  begin_connection();
  fault_ = std::exchange(arranged_, std::nullopt);
  if (fault_) run_.note(fmt::format("to come for {}: {}", name(), describe(*fault_)));
  attach(run_.venue().connect(*this, fault_));
  const Time until = deadline({});
  while (!open_ && !ended_) {
    if (run_.now() >= until) run_.inconclusive("no network connection to the target in time");
    run_.wait(until);
  }
  if (!open_) run_.inconclusive("no network connection to the target: " + ended_->text);
}

Connect Client::connect_packet() const {
  Connect packet;
  packet.version = version();
  packet.client_id = client_id_;
  packet.user_name = run_.target().credentials.user_name;
  packet.password = run_.target().credentials.password;
  return packet;
}

Connack Client::connect(Connect packet) {
  const Connect ours = connect_packet();
  packet.version = version();
  if (packet.client_id.empty()) packet.client_id = client_id_;
  if (!packet.user_name && !packet.password) {
    packet.user_name = ours.user_name;
    packet.password = ours.password;
  }
  open();
  send(packet);
  Connack connack = expect_next<Connack>();
  if (connack.reason_code != 0) {
    run_.inconclusive(fmt::format("the target refuses {}: {}", name(),
                                  describe_reason_code(PacketType::connack, connack.reason_code)));
  }
  return connack;
}

Connack Client::connect_persistent(std::chrono::seconds expiry, Connect packet) {
  packet.clean_start = false;
  if (version() == Version::v5_0 && !find(packet.properties, PropertyId::session_expiry_interval)) {
    packet.properties.emplace_back(PropertyId::session_expiry_interval,
                                   static_cast<std::uint32_t>(expiry.count()));
  }
  return connect(std::move(packet));
}

// --- Exchanges ---

Suback Client::subscribe(const std::string& topic_filter, std::uint8_t qos) {
  Suback suback = subscribe(Subscribe{.subscriptions = {{topic_filter, qos}}});
  if (suback.reason_codes.front() != qos) {
    run_.unimplemented(
        fmt::format("QoS {} was asked for, and QoS {} granted", qos, suback.reason_codes.front()));
  }
  return suback;
}

Suback Client::subscribe(Subscribe packet) {
  if (packet.packet_id == 0) packet.packet_id = next_packet_id();
  send(packet);
  Suback suback = expect<Suback>();
  check_equal(suback.packet_id, packet.packet_id, "packet identifier of SUBACK");
  check_equal(suback.reason_codes.size(), packet.subscriptions.size(), "number of codes in SUBACK");
  for (const std::uint8_t code : suback.reason_codes) {
    if (code >= 0x80) run_.inconclusive("the target refuses the subscription: " + describe(suback));
  }
  return suback;
}

Unsuback Client::unsubscribe(const std::string& topic_filter) {
  const std::uint16_t packet_id = next_packet_id();
  send(Unsubscribe{.packet_id = packet_id, .topic_filters = {topic_filter}});
  Unsuback unsuback = expect<Unsuback>();
  check_equal(unsuback.packet_id, packet_id, "packet identifier of UNSUBACK");
  return unsuback;
}

void Client::ping() {
  send(Pingreq{});
  expect<Pingresp>();
}

void Client::expect_fault(Duration within) {
  const Time until = deadline(within);
  const Fault& fault = fault_.value();
  const bool ends = fault.what == Fault::What::reset || fault.what == Fault::What::finish;
  while (true) {
    if (fault_struck() && (ended_ || !ends)) return;
    if (!is_open() || !wait_for_more(until)) fail(describe(fault));
  }
}

void Client::ended(Time at, Ending how, const std::string& text) {
  // The target is not to blame for what was arranged.
  const bool arranged =
      fault_struck() && fault_->what != Fault::What::stall && fault_->what != Fault::What::split;
  Peer::ended(at, how, arranged ? "the connection is cut, as arranged" : text);
}

void Client::disconnect(std::uint8_t reason_code, Properties properties) {
  send(Disconnect{.reason_code = reason_code, .properties = std::move(properties)});
  close();
}

// It is within the target's limits; and what it leaves behind at the target.
void Client::leaving(const Packet& packet) {
  const std::string beyond = what_exceeds(run_.target().limits, packet, version());
  if (!beyond.empty()) run_.skip("the target's limits: " + beyond);
  if (const auto* connect = std::get_if<Connect>(&packet)) {
    const auto expiry = number(connect->properties, PropertyId::session_expiry_interval);
    if (!connect->clean_start || expiry.value_or(0) > 0) persistent_ = true;
    if (connect->will && connect->will->retain) retained_topics_.insert(connect->will->topic);
  } else if (const auto* publish = std::get_if<Publish>(&packet)) {
    if (publish->retain && !publish->payload.empty()) retained_topics_.insert(publish->topic);
  }
}

}  // namespace mqttvet::conformance
