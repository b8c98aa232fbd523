// DISCONNECT (section 3.14) and AUTH (section 3.15).
#include <algorithm>

#include "broker/codec/packet_decoders.h"
#include "broker/codec/property_reader.h"

namespace mqttvet::codec {

namespace {

// Table 3-10: the codes that a client may send.
constexpr ReasonCode kDisconnectCodes[] = {
    ReasonCode::success,
    ReasonCode::disconnect_with_will_message,
    ReasonCode::unspecified_error,
    ReasonCode::malformed_packet,
    ReasonCode::protocol_error,
    ReasonCode::implementation_specific_error,
    ReasonCode::topic_name_invalid,
    ReasonCode::receive_maximum_exceeded,
    ReasonCode::topic_alias_invalid,
    ReasonCode::packet_too_large,
    ReasonCode::message_rate_too_high,
    ReasonCode::quota_exceeded,
    ReasonCode::administrative_action,
    ReasonCode::payload_format_invalid,
};

}  // namespace

Disconnect decode_disconnect(Reader& reader) {
  Disconnect disconnect;
  // 3.1.1 has neither reason code nor properties. In 5.0 each may be left out from the end.
  if (!reader.is_v5_0() || reader.at_end()) return disconnect;
  disconnect.reason_code = static_cast<ReasonCode>(reader.byte("reason code"));
  // MQTT5-3.14.2-1
  if (std::ranges::find(kDisconnectCodes, disconnect.reason_code) == std::end(kDisconnectCodes)) {
    reader.refuse(ReasonCode::protocol_error, "a client's DISCONNECT can't have this reason code",
                  {"", "MQTT5-3.14.2-1"});
  }
  if (reader.at_end()) return disconnect;
  PropertyReader properties(reader, kInDisconnect);
  while (const auto property = properties.next()) {
    switch (property->id) {
      case PropertyId::session_expiry_interval:
        disconnect.properties.session_expiry_interval = property->seconds();
        break;
      case PropertyId::reason_string:
        disconnect.properties.reason_string = property->text;
        break;
      case PropertyId::user_property:
        disconnect.properties.user_properties.push_back(property->pair());
        break;
      default:
        // 3.14.2.2.5: the Server Reference is the server's.
        reader.refuse(ReasonCode::protocol_error, "DISCONNECT from a client has a Server Reference");
    }
  }
  return disconnect;
}

Auth decode_auth(Reader& reader) {
  Auth auth;
  // The empty form means success, which is the server's to send, and has no method. The checks below refuse
  // it.
  if (!reader.at_end()) {
    auth.reason_code = static_cast<ReasonCode>(reader.byte("reason code"));
    PropertyReader properties(reader, kInAuth);
    while (const auto property = properties.next()) {
      switch (property->id) {
        case PropertyId::authentication_method:
          auth.properties.authentication_method = property->text;
          break;
        case PropertyId::authentication_data:
          auth.properties.authentication_data = property->text;
          break;
        case PropertyId::reason_string:
          auth.properties.reason_string = property->text;
          break;
        default:
          auth.properties.user_properties.push_back(property->pair());
      }
    }
  }
  // MQTT5-3.15.2-1
  if (auth.reason_code != ReasonCode::continue_authentication &&
      auth.reason_code != ReasonCode::re_authenticate) {
    reader.refuse(ReasonCode::protocol_error, "a client's AUTH can't have this reason code",
                  {"", "MQTT5-3.15.2-1"});
  }
  // MQTT5-4.12.0-5: every AUTH names the method.
  if (!auth.properties.authentication_method) {
    reader.refuse(ReasonCode::protocol_error, "AUTH without an Authentication Method",
                  {"", "MQTT5-4.12.0-5"});
  }
  return auth;
}

}  // namespace mqttvet::codec
