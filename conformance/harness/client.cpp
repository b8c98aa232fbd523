#include "conformance/harness/client.h"

#include <fmt/format.h>

#include <utility>

#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

// No case has a server send more in one packet; what announces itself as longer is not waited for.
constexpr std::size_t kPacketBytesMax = 32 * 1024 * 1024;

// Of what a client sent by hand: the packet, if it is one, else its first bytes.
std::string describe_bytes(std::string_view bytes, Version version) {
  const auto decoded = wire::decode(bytes, Direction::client_to_server, version);
  if (const auto* packet = std::get_if<Packet>(&decoded)) return describe(*packet);
  constexpr std::size_t kShown = 48;
  return to_hex(bytes.substr(0, kShown)) +
         (bytes.size() > kShown ? fmt::format(" ... ({} bytes)", bytes.size()) : std::string());
}

}  // namespace

Client::Client(Run& run, std::string name, std::string client_id)
    : run_(run), name_(std::move(name)), client_id_(std::move(client_id)), version_(run.version()) {}

Client::~Client() = default;

// --- Connecting ---

void Client::open() {
  forget_connection();
  reader_ = Reader(Direction::server_to_client, decoding_ ? std::optional(version_) : std::nullopt);
  connection_ = run_.next_connection();
  fault_ = std::exchange(arranged_, std::nullopt);
  if (fault_) run_.note(fmt::format("to come for {}: {}", name_, describe(*fault_)));
  channel_ = run_.venue().connect(*this, fault_);
  const Time until = deadline({});
  while (!open_ && !ended_) {
    if (run_.now() >= until) run_.inconclusive("no network connection to the target in time");
    run_.wait(until);
  }
  if (!open_) run_.inconclusive("no network connection to the target: " + ended_->text);
}

void Client::forget_connection() {
  channel_.reset();
  open_ = connected_ = false;
  ended_.reset();
  malformed_.reset();
  undecoded_.clear();
  inbox_.clear();
}

Connect Client::connect_packet() const {
  Connect packet;
  packet.version = version_;
  packet.client_id = client_id_;
  packet.user_name = run_.target().credentials.user_name;
  packet.password = run_.target().credentials.password;
  return packet;
}

Connack Client::connect(Connect packet) {
  const Connect ours = connect_packet();
  packet.version = version_;
  if (packet.client_id.empty()) packet.client_id = client_id_;
  if (!packet.user_name && !packet.password) {
    packet.user_name = ours.user_name;
    packet.password = ours.password;
  }
  open();
  send(packet);
  Connack connack = expect_next<Connack>();
  if (connack.reason_code != 0) {
    run_.inconclusive(fmt::format("the target refuses {}: {}", name_,
                                  describe_reason_code(PacketType::connack, connack.reason_code)));
  }
  return connack;
}

Connack Client::connect_persistent(std::chrono::seconds expiry, Connect packet) {
  packet.clean_start = false;
  if (version_ == Version::v5_0 && !find(packet.properties, PropertyId::session_expiry_interval)) {
    packet.properties.emplace_back(PropertyId::session_expiry_interval,
                                   static_cast<std::uint32_t>(expiry.count()));
  }
  return connect(std::move(packet));
}

// --- Sending ---

void Client::send(const Packet& packet) {
  require_within_limits(packet);
  remember(packet);
  transmit(encode(packet, version_), describe(packet));
}

void Client::send(const Encoder& packet) {
  send_bytes(packet.bytes());
}

void Client::send_hex(std::string_view hex) {
  send_bytes(from_hex(hex));
}

void Client::send_bytes(std::string_view bytes) {
  transmit(bytes, describe_bytes(bytes, version_));
}

void Client::send_first(std::size_t bytes, const Packet& packet) {
  require_within_limits(packet);
  const std::string all = encode(packet, version_);
  remember(packet);
  transmit(std::string_view(all).substr(0, bytes),
           fmt::format("{} bytes of {} of {}", std::min(bytes, all.size()), all.size(), describe(packet)));
}

void Client::send_in_pieces(std::size_t bytes, const Packet& packet) {
  require_within_limits(packet);
  const std::string all = encode(packet, version_);
  remember(packet);
  run_.note(fmt::format("{} sends {} in pieces of {} bytes", name_, describe(packet), bytes));
  for (std::size_t at = 0; at < all.size(); at += bytes) {
    const auto piece = std::string_view(all).substr(at, bytes);
    transmit(piece, to_hex(piece));
    // Far less than any keep-alive, and enough for the piece to leave alone.
    run_.wait(run_.now() + std::chrono::milliseconds(1));
  }
}

void Client::send_as(Framing framing, std::string_view bytes) {
  const std::string_view kind = framing == Framing::text         ? "as a text message: "
                                : framing == Framing::fragmented ? "in WebSocket fragments: "
                                                                 : "";
  transmit(bytes, std::string(kind) + describe_bytes(bytes, version_), framing);
}

std::uint16_t Client::next_packet_id() {
  return ++last_packet_id_;
}

void Client::transmit(std::string_view bytes, std::string text, Framing framing) {
  if (!channel_ || ended_) {
    run_.note(fmt::format("{} has no connection to send {}", name_, text));
    return;
  }
  run_.record(
      {TranscriptEntry::Kind::sent, run_.now(), name_, connection_, std::move(text), std::string(bytes)});
  sent_at_ = run_.now();
  channel_->send_as(framing, bytes);
}

void Client::require_within_limits(const Packet& packet) const {
  const std::string beyond = what_exceeds(run_.target().limits, packet, version_);
  if (!beyond.empty()) run_.skip("the target's limits: " + beyond);
}

// What it leaves behind at the target.
void Client::remember(const Packet& packet) {
  if (const auto* connect = std::get_if<Connect>(&packet)) {
    const auto expiry = number(connect->properties, PropertyId::session_expiry_interval);
    if (!connect->clean_start || expiry.value_or(0) > 0) persistent_ = true;
    if (connect->will && connect->will->retain) retained_topics_.insert(connect->will->topic);
  } else if (const auto* publish = std::get_if<Publish>(&packet)) {
    if (publish->retain && !publish->payload.empty()) retained_topics_.insert(publish->topic);
  }
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

std::uint16_t Client::publish(const std::string& topic, const std::string& payload, std::uint8_t qos) {
  return publish(Publish{.qos = qos, .topic = topic, .payload = payload});
}

std::uint16_t Client::publish(Publish packet) {
  if (packet.qos > 0 && packet.packet_id == 0) packet.packet_id = next_packet_id();
  send(packet);
  const auto require_accepted = [&](const auto& acknowledgement) {
    check_equal(acknowledgement.packet_id, packet.packet_id, "packet identifier of the acknowledgement");
    if (acknowledgement.reason_code >= 0x80)
      run_.inconclusive("the target refuses the PUBLISH: " + describe(acknowledgement));
  };
  if (packet.qos == 1) require_accepted(expect<Puback>());
  if (packet.qos == 2) {
    require_accepted(expect<Pubrec>());
    send(Pubrel{.packet_id = packet.packet_id});
    require_accepted(expect<Pubcomp>());
  }
  return packet.packet_id;
}

Publish Client::receive(Duration within) {
  Publish publish = expect<Publish>(within);
  const Time at = arrived_at_;
  acknowledge(publish);
  arrived_at_ = at;
  return publish;
}

void Client::acknowledge(const Publish& publish) {
  if (publish.qos == 1) send(Puback{.packet_id = publish.packet_id});
  if (publish.qos != 2) return;
  send(Pubrec{.packet_id = publish.packet_id});
  check_equal(expect<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
  send(Pubcomp{.packet_id = publish.packet_id});
}

void Client::ping() {
  send(Pingreq{});
  expect<Pingresp>();
}

// --- Ending ---

void Client::disconnect(std::uint8_t reason_code, Properties properties) {
  send(Disconnect{.reason_code = reason_code, .properties = std::move(properties)});
  close();
}

void Client::close() {
  if (!channel_) return;
  run_.record({TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "closes the connection", ""});
  channel_->close();
  forget_connection();
}

void Client::half_close() {
  if (!channel_) return;
  run_.record(
      {TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "ends its stream, still reads", ""});
  channel_->finish();
}

void Client::cut() {
  if (!channel_) return;
  if (!ended_)
    run_.record({TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "resets the connection", ""});
  channel_->abort();
  forget_connection();
}

void Client::stall(bool on) {
  run_.note(fmt::format("{} {} reading", name_, on ? "stops" : "resumes"));
  if (channel_) channel_->hold_reading(on);
}

// --- What comes ---

void Client::opened(Time at) {
  open_ = true;
  run_.record({TranscriptEntry::Kind::opened, at, name_, connection_, "is connected", ""});
}

void Client::received(Time at, std::string_view bytes) {
  if (malformed_) return;  // recorded as such; nothing behind it can be told apart
  if (!decoding_) {
    run_.record({TranscriptEntry::Kind::received, at, name_, connection_, to_hex(bytes.substr(0, 48)),
                 std::string(bytes)});
    return;
  }
  reader_.feed(bytes);
  undecoded_ += bytes;
  std::size_t decoded = 0;
  while (true) {
    auto next = reader_.next();
    if (auto* arrival = std::get_if<Arrival>(&next)) {
      run_.record({TranscriptEntry::Kind::received, at, name_, connection_, describe(arrival->packet),
                   undecoded_.substr(decoded, arrival->length)});
      decoded += arrival->length;
      const auto* connack = std::get_if<Connack>(&arrival->packet);
      if (connack && connack->reason_code == 0) connected_ = true;
      inbox_.push_back({std::move(arrival->packet), at});
    } else if (auto* malformed = std::get_if<Malformed>(&next)) {
      malformed_ = malformed->text;
      run_.record({TranscriptEntry::Kind::malformed, at, name_, connection_, malformed->text,
                   undecoded_.substr(decoded)});
      return;
    } else {
      undecoded_.erase(0, decoded);
      if (undecoded_.size() > kPacketBytesMax) malformed_ = "a packet of more than 32 MiB";
      return;
    }
  }
}

void Client::ended(Time at, Ending how, const std::string& text) {
  // The target is not to blame for what was arranged.
  const bool arranged = channel_ && channel_->fault_struck() && fault_->what != Fault::What::stall &&
                        fault_->what != Fault::What::split;
  ended_ = End{how, at, arranged ? "the connection is cut, as arranged" : text};
  run_.record({TranscriptEntry::Kind::ended, at, name_, connection_, ended_->text, ""});
}

bool Client::wait_for_more(Time deadline) {
  require_well_formed();
  if (run_.now() >= deadline) return false;
  run_.wait(deadline);
  require_well_formed();
  return true;
}

void Client::require_well_formed() const {
  if (!malformed_) return;
  Stop stop(Verdict::fail, fmt::format("the target sent {} what no server may send: {}", name_, *malformed_));
  stop.whatever_the_level = true;
  throw stop;
}

Time Client::deadline(Duration within) const {
  return run_.now() + (within == Duration::zero() ? run_.pace().answer_within : within);
}

std::vector<Packet> Client::inbox() const {
  std::vector<Packet> packets;
  for (const Arrived& arrived : inbox_) packets.push_back(arrived.packet);
  return packets;
}

Packet Client::take(std::size_t index) {
  Arrived arrived = std::move(inbox_[index]);
  inbox_.erase(inbox_.begin() + static_cast<std::ptrdiff_t>(index));
  arrived_at_ = arrived.at;
  return std::move(arrived.packet);
}

}  // namespace mqttvet::conformance
