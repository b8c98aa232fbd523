// PUBLISH (section 3.3).
#include "broker/codec/packet_decoders.h"
#include "broker/codec/packet_type.h"
#include "broker/codec/property_reader.h"
#include "broker/codec/topic.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// 3.3.2.3
void decode_publish_properties(Reader& reader, Publish& publish) {
  PropertyReader properties(reader, kInPublish);
  while (const auto property = properties.next()) {
    switch (property->id) {
      case PropertyId::message_expiry_interval:
        publish.message_expiry_interval = property->seconds();
        break;
      case PropertyId::topic_alias:
        publish.topic_alias = static_cast<std::uint16_t>(property->number);
        break;
      case PropertyId::subscription_identifier:
        // MQTT5-3.3.4-6: only the server sends it.
        if (MUTANT(B105_forbidden_props)) break;
        reader.refuse(ReasonCode::protocol_error, "PUBLISH from a client has a Subscription Identifier",
                      {"", "MQTT5-3.3.4-6"});
        break;
      default:
        keep_message_property(*property, publish.properties);
    }
  }
}

// 3.3.2.1
void check_topic_name(Reader& reader, const Publish& publish) {
  if (is_valid_topic_name(publish.topic_name)) return;
  if (!publish.topic_name.empty()) {
    // MQTT5-3.3.2-2, MQTT311-3.3.2-2
    reader.refuse(ReasonCode::topic_name_invalid, "Topic Name has a wildcard",
                  {"MQTT311-3.3.2-2", "MQTT5-3.3.2-2"});
  } else if (!reader.is_v5_0()) {
    // MQTT311-4.7.3-1
    reader.refuse(ReasonCode::topic_name_invalid, "Topic Name is empty",
                  {"MQTT311-4.7.3-1", "MQTT5-4.7.3-1"});
  } else if (!publish.topic_alias) {
    // MQTT5-4.7.3-1: empty only where an alias stands for it.
    reader.refuse(ReasonCode::protocol_error, "Topic Name is empty and there is no Topic Alias",
                  {"MQTT311-4.7.3-1", "MQTT5-4.7.3-1"});
  }
}

}  // namespace

Publish decode_publish(Reader& reader, std::uint8_t flags) {
  Publish publish;
  publish.dup = (flags & kDupFlag) != 0;
  publish.qos = static_cast<QoS>((flags & kQosFlags) >> 1);
  publish.retain = (flags & kRetainFlag) != 0;
  publish.topic_name = reader.utf8_string("Topic Name", {"MQTT311-3.3.2-1", "MQTT5-3.3.2-1"});
  // MQTT5-2.2.1-2, MQTT311-2.3.1-5: none with QoS 0.
  if (publish.qos != QoS::at_most_once) publish.packet_id = reader.packet_id();
  if (reader.is_v5_0()) decode_publish_properties(reader, publish);
  check_topic_name(reader, publish);
  publish.payload = reader.rest();
  return publish;
}

}  // namespace mqttvet::codec
