// Bytes -> packets: one direction of one connection, strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// A packet and where it was in the stream.
struct Arrival {
  Packet packet;
  std::uint64_t offset = 0;  // of its first byte, from the beginning of the stream
  std::uint32_t length = 0;  // bytes, fixed header included
};

struct NeedMore {};

// These bytes are no packet that this peer may ever send. `text` says which rule they break, with the id of
// the statement where there is one.
struct Malformed {
  std::string text;
  std::uint64_t offset = 0;        // where the broken packet began
  std::optional<PacketType> type;  // if its first byte has one
};

// What is known of the packet that is on its way.
struct Progress {
  std::optional<PacketType> type;      // nullopt: no byte yet, or not a type of the standard
  std::uint64_t offset = 0;            // where it began, or will begin
  std::uint64_t bytes = 0;             // how much of it is here
  std::optional<std::uint32_t> total;  // its whole length, once the Remaining Length is complete
};

// One direction of one byte stream, cut into packets. Everything that can be judged from one packet alone is
// judged: types and flags, lengths, UTF-8, packet identifiers, property tables, reason codes, topic names and
// filters, for the direction it travels in. What needs memory (a second CONNECT, an unknown topic alias, an
// id in use) is an oracle's.
//
// The version of a client's stream is learned from its CONNECT, unless it is given. That of a server's stream
// must be given, then or later; until it is, nothing is decoded.
class Reader {
 public:
  explicit Reader(Direction direction, std::optional<Version> version = std::nullopt);

  void feed(std::string_view bytes);

  // The next packet of the stream; NeedMore when it is incomplete; the same Malformed for ever once the
  // stream is broken.
  std::variant<NeedMore, Arrival, Malformed> next();

  // The packet after the last one that next() returned.
  Progress peek() const;

  std::optional<Version> version() const { return version_; }
  void set_version(Version version) { version_ = version; }
  Direction direction() const { return direction_; }

 private:
  Direction direction_;
  std::optional<Version> version_;
  std::string buffer_;
  std::size_t consumed_ = 0;   // bytes of buffer_ that were returned as packets
  std::uint64_t dropped_ = 0;  // bytes of the stream before buffer_
  std::optional<Malformed> malformed_;
};

// One whole packet, nothing before it and nothing behind: for tests and tools. CONNECT brings its own
// version.
std::variant<Packet, Malformed> decode(std::string_view bytes, Direction direction, Version version);

}  // namespace mqttvet::wire
