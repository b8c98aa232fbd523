// PUBACK, PUBREC, PUBREL, PUBCOMP (sections 3.4 - 3.7): one layout, two sets of reason codes.
#include <algorithm>
#include <span>

#include "broker/codec/packet_decoders.h"
#include "broker/codec/property_reader.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// Tables 3-4 and 3-5: PUBACK and PUBREC.
constexpr ReasonCode kReceivedCodes[] = {
    ReasonCode::success,
    ReasonCode::no_matching_subscribers,
    ReasonCode::unspecified_error,
    ReasonCode::implementation_specific_error,
    ReasonCode::not_authorized,
    ReasonCode::topic_name_invalid,
    ReasonCode::packet_identifier_in_use,
    ReasonCode::quota_exceeded,
    ReasonCode::payload_format_invalid,
};
// Tables 3-6 and 3-7: PUBREL and PUBCOMP.
constexpr ReasonCode kReleasedCodes[] = {ReasonCode::success, ReasonCode::packet_identifier_not_found};

struct AcknowledgementRules {
  PropertyCarrier carrier;
  std::span<const ReasonCode> reason_codes;
  Statement reason_code_statement;
};

template <class Acknowledgement>
Acknowledgement decode_acknowledgement(Reader& reader, const AcknowledgementRules& rules) {
  Acknowledgement acknowledgement;
  acknowledgement.packet_id = reader.packet_id();
  // 3.1.1 ends here. In 5.0 so may the packet: the reason code is then success, and it may end after that,
  // without a Property Length.
  if (!reader.is_v5_0() || reader.at_end()) return acknowledgement;
  acknowledgement.reason_code = static_cast<ReasonCode>(reader.byte("reason code"));
  if (std::ranges::find(rules.reason_codes, acknowledgement.reason_code) == rules.reason_codes.end()) {
    reader.refuse(ReasonCode::protocol_error, "the packet can't have this reason code",
                  rules.reason_code_statement);
  }
  if (reader.at_end() && !MUTANT(B112_short_forms)) return acknowledgement;
  PropertyReader properties(reader, rules.carrier);
  while (const auto property = properties.next()) {
    if (property->id == PropertyId::reason_string) acknowledgement.properties.reason_string = property->text;
    if (property->id == PropertyId::user_property) {
      acknowledgement.properties.user_properties.push_back(property->pair());
    }
  }
  return acknowledgement;
}

}  // namespace

Puback decode_puback(Reader& reader) {
  return decode_acknowledgement<Puback>(reader, {kInPuback, kReceivedCodes, {"", "MQTT5-3.4.2-1"}});
}
Pubrec decode_pubrec(Reader& reader) {
  return decode_acknowledgement<Pubrec>(reader, {kInPubrec, kReceivedCodes, {"", "MQTT5-3.5.2-1"}});
}
Pubrel decode_pubrel(Reader& reader) {
  return decode_acknowledgement<Pubrel>(reader, {kInPubrel, kReleasedCodes, {"", "MQTT5-3.6.2-1"}});
}
Pubcomp decode_pubcomp(Reader& reader) {
  return decode_acknowledgement<Pubcomp>(reader, {kInPubcomp, kReleasedCodes, {"", "MQTT5-3.7.2-1"}});
}

}  // namespace mqttvet::codec
