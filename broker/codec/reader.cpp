#include "broker/codec/reader.h"

#include "broker/codec/utf8.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

std::uint32_t Reader::four_byte_integer(std::string_view what) {
  const std::uint32_t high = two_byte_integer(what);
  const std::uint32_t low = two_byte_integer(what);
  return high << 16 | low;
}

BytesView Reader::utf8_string(std::string_view what, Statement statement) {
  const BytesView text = binary_data(what);
  switch (check_utf8(text)) {
    case Utf8::valid:
      return text;
    case Utf8::ill_formed:
      if (what == "Topic Name" && MUTANT(B115_utf8_lenient)) return text;
      if (what == "client identifier" && MUTANT(E_F10_client_id_not_utf8)) return text;
      // MQTT5-1.5.4-1, MQTT311-1.5.3-1: well-formed, no surrogates.
      refuse(ReasonCode::malformed_packet, std::string(what) + " is not well-formed UTF-8", statement);
      return {};
    case Utf8::null_character:
      refuse(ReasonCode::malformed_packet, std::string(what) + " holds U+0000",
             {"MQTT311-1.5.3-2", "MQTT5-1.5.4-2"});
      return {};
  }
  return {};
}

std::uint32_t Reader::variable_byte_integer(std::string_view what) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const std::uint8_t encoded = byte(what);
    value |= static_cast<std::uint32_t>(encoded & 0x7F) << shift;
    if ((encoded & 0x80) != 0) continue;
    // MQTT5-1.5.5-1: a last byte of zero was not needed.
    if (encoded == 0 && shift > 0 && is_v5_0()) {
      refuse(ReasonCode::malformed_packet, std::string(what) + " is encoded in more bytes than it needs",
             {"MQTT5-1.5.5-1", "MQTT5-1.5.5-1"});
    }
    return value;
  }
  refuse(ReasonCode::malformed_packet, std::string(what) + " has more than four bytes",
         {kMalformed.v3_1_1, "MQTT5-1.5.5-1"});
  return 0;
}

const char* Reader::narrow(std::size_t count, std::string_view what) {
  const char* outer_end = end_;
  if (has(count, what)) end_ = next_ + count;
  return outer_end;
}

void Reader::refuse(ReasonCode reason_code, std::string_view text, Statement statement) {
  if (error_) return;
  error_.emplace();
  error_->reason_code = reason_code;
  error_->text = text;
  error_->statement =
      version_.value_or(ProtocolVersion::v5_0) == ProtocolVersion::v5_0 ? statement.v5_0 : statement.v3_1_1;
  error_->version = version_;
  next_ = end_;
}

void Reader::refuse_protocol_level(std::string_view text) {
  if (error_) return;
  // MQTT5-3.1.2-2, MQTT311-3.1.2-2: refused with a CONNACK of its own.
  refuse(ReasonCode::unsupported_protocol_version, text, {"MQTT311-3.1.2-2", "MQTT5-3.1.2-2"});
  error_->answer_unsupported_version = true;
}

void Reader::run_out(std::string_view what) {
  refuse(ReasonCode::malformed_packet, "packet ends within " + std::string(what));
}

}  // namespace mqttvet::codec
