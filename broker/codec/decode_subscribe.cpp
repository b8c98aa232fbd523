// SUBSCRIBE (section 3.8) and UNSUBSCRIBE (section 3.10).
#include "broker/codec/packet_decoders.h"
#include "broker/codec/property_reader.h"
#include "broker/codec/topic.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// The Subscription Options byte (section 3.8.3.1). 3.1.1 and 3.1 have only its QoS bits.
constexpr std::uint8_t kMaximumQosBits = 0x03;
constexpr std::uint8_t kNoLocalBit = 0x04;
constexpr std::uint8_t kRetainAsPublishedBit = 0x08;
constexpr std::uint8_t kRetainHandlingBits = 0x30;
constexpr std::uint8_t kReservedBits = 0xC0;
constexpr std::uint8_t kReservedBitsV3 = 0xFC;

BytesView decode_topic_filter(Reader& reader, Statement utf8_statement) {
  const BytesView topic_filter = reader.utf8_string("Topic Filter", utf8_statement);
  if (reader.error()) return {};
  if (topic_filter.empty()) {
    reader.refuse(ReasonCode::topic_filter_invalid, "Topic Filter is empty",
                  {"MQTT311-4.7.3-1", "MQTT5-4.7.3-1"});
  } else if (!is_valid_topic_filter(topic_filter)) {
    // Either wildcard may be the one: '#' is named if there is any.
    const bool has_hash = topic_filter.find('#') != BytesView::npos;
    reader.refuse(ReasonCode::topic_filter_invalid, "Topic Filter has a wildcard where none may stand",
                  has_hash ? Statement{"MQTT311-4.7.1-2", "MQTT5-4.7.1-1"}
                           : Statement{"MQTT311-4.7.1-3", "MQTT5-4.7.1-2"});
  } else if (reader.is_v5_0() && is_shared(topic_filter) && !parse_shared(topic_filter)) {
    // MQTT5-4.8.2-1: the share name has a character. MQTT5-4.8.2-2: no wildcard in it, and a filter follows.
    // In 3.1.1 "$share" is a level like any other.
    reader.refuse(ReasonCode::topic_filter_invalid, "shared subscription without a share name or a filter",
                  {"", topic_filter.starts_with("$share//") ? "MQTT5-4.8.2-1" : "MQTT5-4.8.2-2"});
  }
  return topic_filter;
}

SubscriptionOptions decode_options_v3(Reader& reader) {
  const std::uint8_t options = reader.byte("Requested QoS");
  // MQTT311-3.8.3-4
  const bool reserved = (options & kReservedBitsV3) != 0 && !MUTANT(E_F11_reserved_bits_of_subscribe);
  if (reserved || (options & kMaximumQosBits) == kMaximumQosBits) {
    reader.refuse(ReasonCode::malformed_packet, "Requested QoS is none of 0, 1, 2", {"MQTT311-3.8.3-4", ""});
  }
  return {.maximum_qos = static_cast<QoS>(options & kMaximumQosBits)};
}

SubscriptionOptions decode_options(Reader& reader, BytesView topic_filter) {
  if (!reader.is_v5_0()) return decode_options_v3(reader);
  const std::uint8_t options = reader.byte("Subscription Options");
  // MQTT5-3.8.3-5
  if ((options & kReservedBits) != 0 && !MUTANT(E_F11_reserved_bits_of_subscribe)) {
    reader.refuse(ReasonCode::malformed_packet, "reserved bits of the Subscription Options are set",
                  {"", "MQTT5-3.8.3-5"});
  }
  if ((options & kMaximumQosBits) == kMaximumQosBits) {
    reader.refuse(ReasonCode::protocol_error, "Maximum QoS of a subscription is 3");
  }
  if ((options & kRetainHandlingBits) == kRetainHandlingBits) {
    reader.refuse(ReasonCode::protocol_error, "Retain Handling of a subscription is 3");
  }
  // MQTT5-3.8.3-4
  if ((options & kNoLocalBit) != 0 && is_shared(topic_filter)) {
    reader.refuse(ReasonCode::protocol_error, "No Local is set on a shared subscription",
                  {"", "MQTT5-3.8.3-4"});
  }
  return {.maximum_qos = static_cast<QoS>(options & kMaximumQosBits),
          .no_local = (options & kNoLocalBit) != 0,
          .retain_as_published = (options & kRetainAsPublishedBit) != 0,
          .retain_handling = static_cast<RetainHandling>((options & kRetainHandlingBits) >> 4)};
}

}  // namespace

Subscribe decode_subscribe(Reader& reader) {
  Subscribe subscribe;
  subscribe.packet_id = reader.packet_id();
  if (reader.is_v5_0()) {
    PropertyReader properties(reader, kInSubscribe);
    while (const auto property = properties.next()) {
      if (property->id == PropertyId::subscription_identifier)
        subscribe.subscription_identifier = property->number;
      if (property->id == PropertyId::user_property) subscribe.user_properties.push_back(property->pair());
    }
  }
  // MQTT5-3.8.3-2, MQTT311-3.8.3-3
  if (reader.at_end()) {
    reader.refuse(ReasonCode::protocol_error, "SUBSCRIBE without a Topic Filter",
                  {"MQTT311-3.8.3-3", "MQTT5-3.8.3-2"});
  }
  while (!reader.at_end()) {
    const BytesView topic_filter = decode_topic_filter(reader, {"MQTT311-3.8.3-1", "MQTT5-3.8.3-1"});
    const SubscriptionOptions options = decode_options(reader, topic_filter);
    subscribe.requests.push_back({std::string(topic_filter), options});
  }
  return subscribe;
}

Unsubscribe decode_unsubscribe(Reader& reader) {
  Unsubscribe unsubscribe;
  unsubscribe.packet_id = reader.packet_id();
  if (reader.is_v5_0()) {
    PropertyReader properties(reader, kInUnsubscribe);
    while (const auto property = properties.next()) unsubscribe.user_properties.push_back(property->pair());
  }
  // MQTT5-3.10.3-2, MQTT311-3.10.3-2
  if (reader.at_end()) {
    reader.refuse(ReasonCode::protocol_error, "UNSUBSCRIBE without a Topic Filter",
                  {"MQTT311-3.10.3-2", "MQTT5-3.10.3-2"});
  }
  while (!reader.at_end()) {
    unsubscribe.topic_filters.emplace_back(
        decode_topic_filter(reader, {"MQTT311-3.10.3-1", "MQTT5-3.10.3-1"}));
  }
  return unsubscribe;
}

}  // namespace mqttvet::codec
