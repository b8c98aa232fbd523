// Packets -> bytes, right ones and deliberately wrong ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// The bytes of the packet in this version, in the shortest form the standard allows (5.0: a Reason Code of 0
// and an empty Property Length are left out where they may be). A CONNECT is written in its own version,
// whatever `version` says. Nothing is validated: a packet with a wrong value becomes a wrong packet, and what
// a version hasn't got is not written.
std::string encode(const Packet& packet, Version version);

// The parts of a packet's variable header and payload, by the standard's names, in no order.
enum class Field : std::uint8_t {
  protocol_name,  // with its length, like every string
  protocol_version,
  connect_flags,
  keep_alive,
  property_length,
  properties,
  client_id,
  will_property_length,
  will_properties,
  will_topic,
  will_payload,
  user_name,
  password,
  connect_acknowledge_flags,
  reason_code,  // one part per code in SUBACK and UNSUBACK
  topic_name,
  packet_id,
  payload,
  topic_filter,          // one part per filter
  subscription_options,  // one part per filter
  appended,              // bytes that belong to no field
};

// A packet taken apart, so that each part can be overridden. Everything that follows from other parts
// (Remaining Length, Property Length) is computed unless it was overridden itself:
//
//   Encoder(Subscribe{...}, Version::v3_1_1).flags(0).bytes()                         reserved flags are
//   wrong Encoder(Publish{...}, Version::v5_0).remaining_length(3).bytes()                  the packet ends
//   too early Encoder(Connect{...}, Version::v5_0).omit(Field::protocol_version).bytes()        a field is
//   missing Encoder(Puback{...}, Version::v5_0, Form::complete).replace(Field::reason_code, "\x7F").bytes()
class Encoder {
 public:
  // complete: 5.0 packets carry their Reason Code and Property Length even where they could be left out.
  enum class Form : std::uint8_t { shortest, complete };

  struct Part {
    Field field;
    std::string bytes;
  };

  Encoder(const Packet& packet, Version version, Form form = Form::shortest);

  // The four upper and the four lower bits of the first byte.
  Encoder& type(std::uint8_t four_bits);
  Encoder& flags(std::uint8_t four_bits);

  // Announces this Remaining Length, whatever follows. The second form writes these bytes in its place.
  Encoder& remaining_length(std::uint32_t bytes);
  Encoder& remaining_length_bytes(std::string_view bytes);

  // Changes the n-th (from 0) part of this name. `bytes` are written as they are: a string needs its length
  // (utf8_string()). A part that the packet hasn't got is our own mistake: std::logic_error.
  Encoder& omit(Field field, std::size_t n = 0);
  Encoder& replace(Field field, std::string_view bytes, std::size_t n = 0);
  // Writes `bytes` right before that part, or after everything else.
  Encoder& insert_before(Field field, std::string_view bytes, std::size_t n = 0);
  Encoder& append(std::string_view bytes);

  // Variable header and payload as they will be written: to look at, and to explain.
  std::vector<Part> parts() const;

  std::string bytes() const;

 private:
  std::size_t position(Field field, std::size_t n) const;

  std::uint8_t type_;
  std::uint8_t flags_;
  std::optional<std::string> remaining_length_;
  bool property_length_overridden_ = false;
  bool will_property_length_overridden_ = false;
  std::vector<Part> parts_;
};

// The data representations of section 1.5, for parts written by hand.
std::string two_byte_integer(std::uint16_t value);
std::string four_byte_integer(std::uint32_t value);
// value <= 268435455; std::logic_error above.
std::string variable_byte_integer(std::uint32_t value);
// Two bytes of length, then the text; also Binary Data. std::logic_error above 65535 bytes.
std::string utf8_string(std::string_view text);
// Without the Property Length in front.
std::string encode_properties(const Properties& properties);

}  // namespace mqttvet::wire
