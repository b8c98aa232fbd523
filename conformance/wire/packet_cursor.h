// Where packets begin and end in a stream, from their fixed headers alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mqttvet::wire {

// Follows the borders of MQTT packets through one direction of a stream; judges nothing. After the last byte
// of a packet (seen() == length()) whoever asks calls begin_next().
class PacketCursor {
 public:
  bool at_start() const { return seen_ == 0; }
  // The first byte's upper four bits; at a packet's start that of the last.
  std::uint8_t type() const { return type_; }
  std::uint64_t seen() const { return seen_; }  // bytes of the current packet so far
  // Length of the current packet; 0 until the whole fixed header was seen.
  std::uint64_t length() const { return length_; }
  // Takes bytes up to the end of the current packet, but at most `limit` of them; returns how many.
  std::size_t advance(std::string_view bytes, std::uint64_t limit);
  void begin_next() { *this = {}; }

 private:
  std::uint8_t type_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t remaining_length_ = 0;
  int length_bytes_ = 0;
};

}  // namespace mqttvet::wire
