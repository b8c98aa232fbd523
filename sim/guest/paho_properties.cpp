#include "sim/guest/paho_properties.h"

namespace mqttvet::sim {
namespace {

std::string text_of(const MQTTLenString& text) {
  return {text.data, static_cast<std::size_t>(text.len)};
}

wire::Property property_of(const MQTTProperty& property) {
  const auto id = static_cast<wire::PropertyId>(property.identifier);
  switch (MQTTProperty_getType(property.identifier)) {
    case MQTTPROPERTY_TYPE_BYTE:
      return {id, property.value.byte};
    case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER:
      return {id, property.value.integer2};
    case MQTTPROPERTY_TYPE_UTF_8_STRING_PAIR:
      return {text_of(property.value.data), text_of(property.value.value)};
    case MQTTPROPERTY_TYPE_UTF_8_ENCODED_STRING:
    case MQTTPROPERTY_TYPE_BINARY_DATA:
      return {id, text_of(property.value.data)};
    default:
      return {id, property.value.integer4};
  }
}

}  // namespace

wire::Properties properties_of(const MQTTProperties& properties) {
  wire::Properties all;
  for (int i = 0; i < properties.count; ++i) all.push_back(property_of(properties.array[i]));
  return all;
}

}  // namespace mqttvet::sim
