// Reads the fields of one packet, in the data representations of section 1.5.
//
// The reader remembers the first thing that is wrong. From then on every read gives zero or nothing, so that
// the code that decodes a packet can be a plain list of its fields, and asks once, at the end, whether it was
// a packet at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/codec/bytes.h"
#include "broker/codec/decoder.h"
#include "broker/codec/packet.h"
#include "broker/codec/statement.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

class Reader {
 public:
  // packet: what follows the fixed header; the views that are read point into it. version: absent until
  // CONNECT has told.
  Reader(BytesView packet, std::optional<ProtocolVersion> version)
      : next_(packet.data()), end_(packet.data() + packet.size()), version_(version) {}

  std::optional<ProtocolVersion> version() const { return version_; }
  void set_version(ProtocolVersion version) { version_ = version; }
  bool is_v5_0() const { return version_ == ProtocolVersion::v5_0; }
  bool is_v3_1() const { return version_ == ProtocolVersion::v3_1; }

  // Whether nothing is left to read; also after a refusal.
  bool at_end() const { return next_ == end_; }
  std::size_t remaining_bytes() const { return static_cast<std::size_t>(end_ - next_); }

  // 1.5.1 - 1.5.3. `what` names the field in the error text.
  std::uint8_t byte(std::string_view what) {
    if (!has(1, what)) return 0;
    return static_cast<std::uint8_t>(*next_++);
  }
  std::uint16_t two_byte_integer(std::string_view what) {
    if (!has(2, what)) return 0;
    const auto high = static_cast<std::uint8_t>(next_[0]);
    const auto low = static_cast<std::uint8_t>(next_[1]);
    next_ += 2;
    return static_cast<std::uint16_t>(high << 8 | low);
  }
  std::uint32_t four_byte_integer(std::string_view what);

  // 1.5.4. The bytes of a UTF-8 Encoded String; `statement` is broken if they are not UTF-8.
  BytesView utf8_string(std::string_view what, Statement statement = kIllFormedString);

  // 1.5.5. At most four bytes, and in 5.0 no more than the value needs.
  std::uint32_t variable_byte_integer(std::string_view what);

  // 1.5.6
  BytesView binary_data(std::string_view what) { return bytes(two_byte_integer(what), what); }

  // The next `count` bytes, or everything that is left.
  BytesView bytes(std::size_t count, std::string_view what) {
    if (!has(count, what)) return {};
    const BytesView view(next_, count);
    next_ += count;
    return view;
  }
  BytesView rest() { return bytes(remaining_bytes(), ""); }

  // A packet identifier where one is required (section 2.2.1).
  PacketId packet_id() {
    const PacketId id = two_byte_integer("packet identifier");
    // MQTT5-2.2.1-3, MQTT311-2.3.1-1: not zero.
    if (id == 0 && !MUTANT(E_F08_packet_id_zero))
      refuse(ReasonCode::protocol_error, "packet identifier is 0", {"MQTT311-2.3.1-1", "MQTT5-2.2.1-3"});
    return id;
  }

  // Makes the next `count` bytes all there is to read, until widen() is given the answer.
  const char* narrow(std::size_t count, std::string_view what);
  void widen(const char* outer_end) {
    if (!error_) end_ = outer_end;
  }

  // The packet can't be accepted, for this reason. Only the first refusal counts.
  void refuse(ReasonCode reason_code, std::string_view text, Statement statement = kMalformed);

  // CONNECT asks for a protocol level we don't speak. The answer goes out in the version set before.
  void refuse_protocol_level(std::string_view text);

  const std::optional<DecodeError>& error() const { return error_; }

 private:
  bool has(std::size_t count, std::string_view what) {
    if (remaining_bytes() >= count) [[likely]]
      return true;
    run_out(what);
    return false;
  }
  void run_out(std::string_view what);

  const char* next_;
  const char* end_;
  std::optional<ProtocolVersion> version_;
  std::optional<DecodeError> error_;
};

}  // namespace mqttvet::codec
