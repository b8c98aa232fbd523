#include "conformance/harness/peer.h"

#include <fmt/format.h>

#include <utility>

#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

// No case has a target send more in one packet; what announces itself as longer is not waited for.
constexpr std::size_t kPacketBytesMax = 32 * 1024 * 1024;

// Of what was sent by hand: the packet, if it is one, else its first bytes.
std::string describe_bytes(std::string_view bytes, Direction direction, Version version) {
  const auto decoded = wire::decode(bytes, direction, version);
  if (const auto* packet = std::get_if<Packet>(&decoded)) return describe(*packet);
  constexpr std::size_t kShown = 48;
  return to_hex(bytes.substr(0, kShown)) +
         (bytes.size() > kShown ? fmt::format(" ... ({} bytes)", bytes.size()) : std::string());
}

Direction opposite(Direction direction) {
  return direction == Direction::client_to_server ? Direction::server_to_client : Direction::client_to_server;
}

}  // namespace

Peer::Peer(Run& run, std::string name, Direction from)
    : run_(run), name_(std::move(name)), from_(from), version_(run.version()), reader_(from) {}

Peer::~Peer() = default;

void Peer::begin_connection() {
  forget_connection();
  reader_ = Reader(from_, decoding_ ? std::optional(version_) : std::nullopt);
  connection_ = run_.next_connection();
}

void Peer::forget_connection() {
  channel_.reset();
  open_ = connected_ = false;
  ended_.reset();
  malformed_.reset();
  undecoded_.clear();
  inbox_.clear();
}

// --- Sending ---

void Peer::send(const Packet& packet) {
  leaving(packet);
  transmit(encode(packet, version_), describe(packet));
}

void Peer::send(const Encoder& packet) {
  send_bytes(packet.bytes());
}

void Peer::send_hex(std::string_view hex) {
  send_bytes(from_hex(hex));
}

void Peer::send_bytes(std::string_view bytes) {
  transmit(bytes, describe_bytes(bytes, opposite(from_), version_));
}

void Peer::send_first(std::size_t bytes, const Packet& packet) {
  const std::string all = encode(packet, version_);
  leaving(packet);
  transmit(std::string_view(all).substr(0, bytes),
           fmt::format("{} bytes of {} of {}", std::min(bytes, all.size()), all.size(), describe(packet)));
}

void Peer::send_in_pieces(std::size_t bytes, const Packet& packet) {
  const std::string all = encode(packet, version_);
  leaving(packet);
  run_.note(fmt::format("{} sends {} in pieces of {} bytes", name_, describe(packet), bytes));
  for (std::size_t at = 0; at < all.size(); at += bytes) {
    const auto piece = std::string_view(all).substr(at, bytes);
    transmit(piece, to_hex(piece));
    // Far less than any keep-alive, and enough for the piece to leave alone.
    run_.wait(run_.now() + std::chrono::milliseconds(1));
  }
}

void Peer::send_as(Framing framing, std::string_view bytes) {
  const std::string_view kind = framing == Framing::text         ? "as a text message: "
                                : framing == Framing::fragmented ? "in WebSocket fragments: "
                                                                 : "";
  transmit(bytes, std::string(kind) + describe_bytes(bytes, opposite(from_), version_), framing);
}

std::uint16_t Peer::next_packet_id() {
  return ++last_packet_id_;
}

void Peer::transmit(std::string_view bytes, std::string text, Framing framing) {
  if (!channel_ || ended_) {
    run_.note(fmt::format("{} has no connection to send {}", name_, text));
    return;
  }
  run_.record(
      {TranscriptEntry::Kind::sent, run_.now(), name_, connection_, std::move(text), std::string(bytes)});
  sent_at_ = run_.now();
  channel_->send_as(framing, bytes);
}

// --- Exchanges ---

std::uint16_t Peer::publish(const std::string& topic, const std::string& payload, std::uint8_t qos) {
  return publish(Publish{.qos = qos, .topic = topic, .payload = payload});
}

std::uint16_t Peer::publish(Publish packet) {
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

Publish Peer::receive(Duration within) {
  Publish publish = expect<Publish>(within);
  const Time at = arrived_at_;
  acknowledge(publish);
  arrived_at_ = at;
  return publish;
}

void Peer::acknowledge(const Publish& publish) {
  if (publish.qos == 1) send(Puback{.packet_id = publish.packet_id});
  if (publish.qos != 2) return;
  send(Pubrec{.packet_id = publish.packet_id});
  check_equal(expect<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
  send(Pubcomp{.packet_id = publish.packet_id});
}

// --- Ending ---

void Peer::close() {
  if (!channel_) return;
  run_.record({TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "closes the connection", ""});
  channel_->close();
  forget_connection();
}

void Peer::half_close() {
  if (!channel_) return;
  run_.record(
      {TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "ends its stream, still reads", ""});
  channel_->finish();
}

void Peer::cut() {
  if (!channel_) return;
  if (!ended_)
    run_.record({TranscriptEntry::Kind::closed, run_.now(), name_, connection_, "resets the connection", ""});
  channel_->abort();
  forget_connection();
}

void Peer::stall(bool on) {
  run_.note(fmt::format("{} {} reading", name_, on ? "stops" : "resumes"));
  if (channel_) channel_->hold_reading(on);
}

// --- What comes ---

void Peer::opened(Time at) {
  open_ = true;
  run_.record({TranscriptEntry::Kind::opened, at, name_, connection_, "is connected", ""});
}

void Peer::received(Time at, std::string_view bytes) {
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

void Peer::ended(Time at, Ending how, const std::string& text) {
  run_.record({TranscriptEntry::Kind::ended, at, name_, connection_, text, ""});
  ended_ = End{how, at, text};
}

bool Peer::wait_for_more(Time deadline) {
  require_well_formed();
  if (run_.now() >= deadline) return false;
  run_.wait(deadline);
  require_well_formed();
  return true;
}

void Peer::require_well_formed() const {
  if (!malformed_) return;
  Stop stop(Verdict::fail,
            fmt::format("the target sent {} what no {} may send: {}", name_,
                        from_ == Direction::server_to_client ? "server" : "client", *malformed_));
  stop.whatever_the_level = true;
  throw stop;
}

Time Peer::deadline(Duration within) const {
  return run_.now() + (within == Duration::zero() ? run_.pace().answer_within : within);
}

std::vector<Packet> Peer::inbox() const {
  std::vector<Packet> packets;
  for (const Arrived& arrived : inbox_) packets.push_back(arrived.packet);
  return packets;
}

Packet Peer::take(std::size_t index) {
  Arrived arrived = std::move(inbox_[index]);
  inbox_.erase(inbox_.begin() + static_cast<std::ptrdiff_t>(index));
  arrived_at_ = arrived.at;
  return std::move(arrived.packet);
}

}  // namespace mqttvet::conformance
