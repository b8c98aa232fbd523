// CONNECT (section 3.1).
#include "broker/codec/packet_decoders.h"
#include "broker/codec/packet_type.h"
#include "broker/codec/property_reader.h"
#include "broker/codec/topic.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// For what breaks the format of CONNECT and no narrower statement.
constexpr Statement kConnectFormat{"MQTT311-3.1.4-1", "MQTT5-3.1.4-1"};

// Figure 3-4: the Connect Flags.
struct ConnectFlags {
  bool user_name;
  bool password;
  bool will_retain;
  std::uint8_t will_qos;
  bool will;
  bool clean_start;
  bool reserved;
};

// Bit 7 of the protocol level, by which a bridge of mosquitto's kind says what it is.
constexpr std::uint8_t kBridgeBit = 0x80;

// 3.1.2.1, 3.1.2.2. Sets the reader's version: the one spoken, or the one in which an unknown level is
// refused.
void decode_protocol(Reader& reader, Connect& connect) {
  const BytesView name = reader.utf8_string("Protocol Name");
  const std::uint8_t level = reader.byte("Protocol Level");
  if (reader.error()) return;
  if (name != "MQTT" && name != "MQIsdp") {
    // MQTT5-3.1.2-1, MQTT311-3.1.2-1: whatever this is, it isn't ours; no answer could be understood.
    reader.refuse(ReasonCode::unsupported_protocol_version, "Protocol Name is neither MQTT nor MQIsdp",
                  {"MQTT311-3.1.2-1", "MQTT5-3.1.2-1"});
    return;
  }
  const std::uint8_t level_number = level & ~kBridgeBit;
  if (name == "MQTT" && level == 5) {
    reader.set_version(ProtocolVersion::v5_0);
  } else if (name == "MQTT" && level_number == 4) {
    reader.set_version(ProtocolVersion::v3_1_1);
  } else if (name == "MQIsdp" && level_number == 3) {
    reader.set_version(ProtocolVersion::v3_1);
  } else {
    // A client of a later version than ours is told in the latest we have, an older one in the words
    // of 3.1.1.
    reader.set_version(name == "MQIsdp" ? ProtocolVersion::v3_1
                       : level > 5      ? ProtocolVersion::v5_0
                                        : ProtocolVersion::v3_1_1);
    reader.refuse_protocol_level("unknown Protocol Level " + std::to_string(level));
    return;
  }
  connect.version = *reader.version();
  connect.bridge = (level & kBridgeBit) != 0;
}

// 2.1.3 and 2.1.4, judged late because only now the version is known. 3.1 doesn't use the flags.
void check_fixed_header(Reader& reader, ConnectHeader header) {
  if (header.flags != 0 && !reader.is_v3_1()) {
    reader.refuse(ReasonCode::malformed_packet, "CONNECT has illegal flags in its fixed header", kFlags);
  }
  // MQTT5-1.5.5-1
  if (!header.minimal_length && reader.is_v5_0()) {
    reader.refuse(ReasonCode::malformed_packet, "Remaining Length is encoded in more bytes than it needs",
                  {"", "MQTT5-1.5.5-1"});
  }
}

// 3.1.2.3 - 3.1.2.9. 3.1 neither checks the reserved bit nor looks at the will's bits when there is no will.
ConnectFlags decode_connect_flags(Reader& reader) {
  const std::uint8_t byte = reader.byte("Connect Flags");
  ConnectFlags flags{.user_name = (byte & 0x80) != 0,
                     .password = (byte & 0x40) != 0,
                     .will_retain = (byte & 0x20) != 0,
                     .will_qos = static_cast<std::uint8_t>((byte & 0x18) >> 3),
                     .will = (byte & 0x04) != 0,
                     .clean_start = (byte & 0x02) != 0,
                     .reserved = (byte & 0x01) != 0};
  const auto malformed = [&reader](std::string_view text, Statement statement) {
    if (MUTANT(E_F07_connect_flags_unchecked)) return;
    reader.refuse(ReasonCode::malformed_packet, text, statement);
  };
  if (flags.reserved && !reader.is_v3_1()) {
    malformed("reserved bit of the Connect Flags is set", {"MQTT311-3.1.2-3", "MQTT5-3.1.2-3"});
  }
  if (!flags.will && flags.will_qos != 0 && !reader.is_v3_1()) {
    malformed("Will QoS is set without a will", {"MQTT311-3.1.2-13", "MQTT5-3.1.2-11"});
  }
  if (!flags.will && flags.will_retain && !reader.is_v3_1()) {
    malformed("Will Retain is set without a will", {"MQTT311-3.1.2-15", "MQTT5-3.1.2-13"});
  }
  if (flags.will && flags.will_qos == 3) {
    malformed("Will QoS is 3", {"MQTT311-3.1.2-14", "MQTT5-3.1.2-12"});
  }
  // Only 5.0 has passwords without user names.
  if (flags.password && !flags.user_name && !reader.is_v5_0()) {
    malformed("password without a user name", {"MQTT311-3.1.2-22", ""});
  }
  return flags;
}

// 3.1.2.11
void decode_connect_properties(Reader& reader, ConnectProperties& out) {
  PropertyReader properties(reader, kInConnect);
  while (const auto property = properties.next()) {
    switch (property->id) {
      case PropertyId::session_expiry_interval:
        out.session_expiry_interval = property->seconds();
        break;
      case PropertyId::receive_maximum:
        out.receive_maximum = static_cast<std::uint16_t>(property->number);
        break;
      case PropertyId::maximum_packet_size:
        out.maximum_packet_size = property->number;
        break;
      case PropertyId::topic_alias_maximum:
        out.topic_alias_maximum = static_cast<std::uint16_t>(property->number);
        break;
      case PropertyId::request_response_information:
        out.request_response_information = property->number == 1;
        break;
      case PropertyId::request_problem_information:
        out.request_problem_information = property->number == 1;
        break;
      case PropertyId::authentication_method:
        out.authentication_method = property->text;
        break;
      case PropertyId::authentication_data:
        out.authentication_data = property->text;
        break;
      default:
        out.user_properties.push_back(property->pair());
    }
  }
  // 3.1.2.11.10
  if (out.authentication_data && !out.authentication_method) {
    reader.refuse(ReasonCode::protocol_error, "Authentication Data without an Authentication Method",
                  kConnectFormat);
  }
}

// 3.1.3.2
void decode_will_properties(Reader& reader, Will& will) {
  PropertyReader properties(reader, kInWill);
  while (const auto property = properties.next()) {
    switch (property->id) {
      case PropertyId::will_delay_interval:
        will.will_delay_interval = property->seconds();
        break;
      case PropertyId::message_expiry_interval:
        will.message_expiry_interval = property->seconds();
        break;
      default:
        keep_message_property(*property, will.properties);
    }
  }
}

// 3.1.3.2 - 3.1.3.4
Will decode_will(Reader& reader, const ConnectFlags& flags) {
  Will will;
  will.qos = static_cast<QoS>(flags.will_qos);
  will.retain = flags.will_retain;
  // MQTT5-3.1.2-9, MQTT311-3.1.2-9: the flag promises these fields.
  if (reader.at_end()) {
    reader.refuse(ReasonCode::malformed_packet, "Will Flag is set, but the will is missing",
                  {"MQTT311-3.1.2-9", "MQTT5-3.1.2-9"});
  }
  if (reader.is_v5_0()) decode_will_properties(reader, will);
  will.topic_name = reader.utf8_string("Will Topic", {"MQTT311-3.1.3-10", "MQTT5-3.1.3-11"});
  if (will.topic_name.empty()) {
    reader.refuse(ReasonCode::topic_name_invalid, "Will Topic is empty",
                  {"MQTT311-4.7.3-1", "MQTT5-4.7.3-1"});
  } else if (!is_valid_topic_name(will.topic_name)) {
    reader.refuse(ReasonCode::topic_name_invalid, "Will Topic has a wildcard",
                  {"MQTT311-4.7.1-1", "MQTT5-4.7.0-1"});
  }
  will.payload = reader.binary_data("Will Payload");
  return will;
}

// 3.1.3.5, 3.1.3.6. Clients of 3.1 may set the flags and leave the fields out.
void decode_credentials(Reader& reader, const ConnectFlags& flags, Connect& connect) {
  if (flags.user_name && !(reader.is_v3_1() && reader.at_end())) {
    if (reader.at_end()) {
      reader.refuse(ReasonCode::malformed_packet, "User Name Flag is set, but the user name is missing",
                    {"MQTT311-3.1.2-19", "MQTT5-3.1.2-17"});
    }
    connect.user_name = reader.utf8_string("User Name", {"MQTT311-3.1.3-11", "MQTT5-3.1.3-12"});
  }
  if (flags.password && !(reader.is_v3_1() && reader.at_end())) {
    if (reader.at_end()) {
      reader.refuse(ReasonCode::malformed_packet, "Password Flag is set, but the password is missing",
                    {"MQTT311-3.1.2-21", "MQTT5-3.1.2-19"});
    }
    connect.password = reader.binary_data("Password");
  }
}

}  // namespace

Connect decode_connect(Reader& reader, ConnectHeader header) {
  Connect connect;
  decode_protocol(reader, connect);
  check_fixed_header(reader, header);
  const ConnectFlags flags = decode_connect_flags(reader);
  connect.clean_start = flags.clean_start;
  connect.keep_alive = std::chrono::seconds(reader.two_byte_integer("Keep Alive"));
  if (reader.is_v5_0()) decode_connect_properties(reader, connect.properties);

  // MQTT5-3.1.3-1, MQTT311-3.1.3-1: the payload's fields come in this order.
  if (reader.at_end()) {
    reader.refuse(ReasonCode::malformed_packet, "client identifier is missing",
                  {"MQTT311-3.1.3-3", "MQTT5-3.1.3-3"});
  }
  connect.client_id = reader.utf8_string("client identifier", {"MQTT311-3.1.3-4", "MQTT5-3.1.3-4"});
  if (flags.will) connect.will = decode_will(reader, flags);
  decode_credentials(reader, flags, connect);
  // MQTT5-3.1.2-16, -18, MQTT311-3.1.2-11, -18, -20: no field whose flag is not set.
  if (!reader.at_end()) {
    reader.refuse(ReasonCode::malformed_packet, "CONNECT goes on after its last field", kConnectFormat);
  }
  return connect;
}

}  // namespace mqttvet::codec
