#include "sim/run/aim.h"

#include <algorithm>
#include <stdexcept>

#include "conformance/wire/packet.h"

namespace mqttvet::sim {
namespace {

using Passage = Network::Passage;
using wire::PacketCursor;

// How many bytes of its packet a shot lets pass; nullopt: not known before its fixed header is complete.
std::optional<std::uint64_t> position(const Aim& aim, const PacketCursor& cursor) {
  const auto wanted = static_cast<std::uint64_t>(aim.after_bytes);
  if (cursor.length() > 0) return aim.whole ? cursor.length() : std::min(wanted, cursor.length());
  if (aim.whole || wanted > cursor.seen() + 1) return std::nullopt;
  return wanted;
}

}  // namespace

Aimer::Aimer(World& world, Network& network) : world_(world), network_(network) {
  network_.set_gate([this](std::uint64_t connection, std::string_view client, bool client_sent,
                           std::string_view bytes) { return pass(connection, client, client_sent, bytes); });
}
Aimer::~Aimer() {
  network_.set_gate(nullptr);
}

void Aimer::arm(const Aim& aim, Passage::Then then, Duration stall_for, Acted acted) {
  const auto type = wire::packet_type_from(aim.packet_type);
  if (!type) throw std::logic_error("no packet type: " + aim.packet_type);
  shots_.push_back({.aim = aim,
                    .type = static_cast<std::uint8_t>(*type),
                    .then = then,
                    .stall_for = stall_for,
                    .acted = std::move(acted)});
}

Passage::Then Aimer::then_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::reset:
      return Passage::Then::reset;
    case FaultKind::fin:
      return Passage::Then::fin;
    case FaultKind::vanish:
      return Passage::Then::vanish;
    case FaultKind::stall:
      return Passage::Then::stall;
    default:
      return Passage::Then::nothing;
  }
}

// Walks from border to border: of packets, and of the bytes that a shot lets pass.
Passage Aimer::pass(std::uint64_t connection, std::string_view client, bool client_sent,
                    std::string_view bytes) {
  Stream& stream = streams_[connection][client_sent];
  Passage passage{.bytes_pass = 0};
  while (passage.bytes_pass < bytes.size()) {
    const std::string_view rest = bytes.substr(passage.bytes_pass);
    if (stream.cursor.at_start() && !std::exchange(stream.counted, true))
      count(connection, client, client_sent, static_cast<std::uint8_t>(rest[0]) >> 4);
    if (fire(connection, client, client_sent, stream.cursor, passage)) return passage;
    passage.bytes_pass +=
        stream.cursor.advance(rest, bytes_until_shot(connection, client_sent, stream.cursor));
    const bool fired = fire(connection, client, client_sent, stream.cursor, passage);
    if (stream.cursor.length() > 0 && stream.cursor.seen() == stream.cursor.length()) stream = {};
    if (fired) return passage;
  }
  return passage;
}

void Aimer::count(std::uint64_t connection, std::string_view client, bool client_sent, std::uint8_t type) {
  for (Shot& shot : shots_) {
    if (shot.aim.client_sent != client_sent || shot.type != type) continue;
    if (!shot.aim.client.empty() && shot.aim.client != client) continue;
    // One whose packet broke off with its connection takes the next packet of that client instead.
    if (shot.connection != 0 && (connection < shot.connection || client != shot.client)) continue;
    if (++shot.count < shot.aim.nth) continue;
    shot.connection = connection;
    shot.client = client;
  }
}

std::uint64_t Aimer::bytes_until_shot(std::uint64_t connection, bool client_sent,
                                      const PacketCursor& cursor) const {
  std::uint64_t least = UINT64_MAX;
  for (const Shot& shot : shots_) {
    if (shot.connection != connection || shot.aim.client_sent != client_sent) continue;
    const auto at = position(shot.aim, cursor);
    // Not known yet: byte by byte until the fixed header is complete.
    least = std::min(least, at ? *at - cursor.seen() : std::uint64_t{1});
  }
  return least;
}

// Whether the stream stands at the byte of a shot; all that aim there act, the first decides about the
// connection.
bool Aimer::fire(std::uint64_t connection, std::string_view client, bool client_sent,
                 const PacketCursor& cursor, Passage& passage) {
  bool fired = false;
  const auto due = [&](const Shot& shot) {
    return shot.connection == connection && shot.aim.client_sent == client_sent &&
           position(shot.aim, cursor) == cursor.seen();
  };
  for (Shot& shot : shots_) {
    if (!due(shot)) continue;
    fired = true;
    if (passage.then == Passage::Then::nothing) {
      passage.then = shot.then;
      passage.stall_for = shot.stall_for;
    }
    if (shot.acted)
      world_.after(Duration{0}, [acted = std::move(shot.acted), connection, name = std::string(client)] {
        acted(connection, name);
      });
  }
  if (fired) std::erase_if(shots_, due);
  return fired;
}

}  // namespace mqttvet::sim
