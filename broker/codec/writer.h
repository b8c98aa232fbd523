// Writes one packet at the end of a byte string, in the data representations of section 1.5.
//
// Lengths go before what they measure, but are known after it: they are inserted when their end is reached,
// which moves only the few bytes of a head and needs no second buffer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "broker/codec/bytes.h"
#include "broker/codec/packet.h"
#include "broker/codec/packet_type.h"
#include "broker/codec/property_table.h"

namespace mqttvet::codec {

class Writer {
 public:
  // flags: of the fixed header.
  Writer(Bytes& out, PacketType type, std::uint8_t flags)
      : out_(out),
        begin_(out.size()),
        first_byte_(static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) << 4 | flags)) {}
  // With the flags that table 2-2 fixes for the type.
  Writer(Bytes& out, PacketType type) : Writer(out, type, row_of(type).flags) {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void two_byte_integer(std::uint16_t value) {
    byte(static_cast<std::uint8_t>(value >> 8));
    byte(static_cast<std::uint8_t>(value));
  }
  void four_byte_integer(std::uint32_t value) {
    two_byte_integer(static_cast<std::uint16_t>(value >> 16));
    two_byte_integer(static_cast<std::uint16_t>(value));
  }
  void variable_byte_integer(std::uint32_t value);
  // UTF-8 strings and binary data look the same: at most 65535 bytes (asserted) after their length.
  void string(BytesView value);
  void reason_code(ReasonCode code) { byte(static_cast<std::uint8_t>(code)); }

  // --- Properties, of the type that table 2-4 says. Absent: nothing is written. ---
  void property(PropertyId id, std::uint32_t number);
  void property(PropertyId id, std::optional<std::uint32_t> number);
  void property(PropertyId id, std::optional<std::chrono::seconds> seconds);
  void property(PropertyId id, const std::optional<std::string>& text);
  void user_properties(const UserProperties& properties);

  // Where the properties that are written next begin; end_properties() sets the Property Length before them.
  std::size_t begin_properties() const { return out_.size(); }
  void end_properties(std::size_t properties_begin);

  // Sets the fixed header before everything that was written. `more_bytes` of the packet are still to come.
  void end_packet(std::size_t more_bytes = 0);

 private:
  Bytes& out_;
  std::size_t begin_;
  std::uint8_t first_byte_;
};

}  // namespace mqttvet::codec
