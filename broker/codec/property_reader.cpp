#include "broker/codec/property_reader.h"

#include "broker/codec/topic.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// Statement that the ill-formed string of a property breaks.
Statement string_statement(PropertyId id) {
  switch (id) {
    case PropertyId::user_property:
      return {"", "MQTT5-1.5.7-1"};
    case PropertyId::response_topic:
      return {"", "MQTT5-3.3.2-13"};
    case PropertyId::content_type:
      return {"", "MQTT5-3.3.2-19"};
    default:
      return kIllFormedString;
  }
}

std::string text_of(const PropertyRow& row, std::string_view what) {
  std::string text(row.name);
  text += ' ';
  text += what;
  return text;
}

}  // namespace

PropertyReader::PropertyReader(Reader& reader, PropertyCarrier carrier) : reader_(reader), carrier_(carrier) {
  // MQTT5-2.2.2-1: without properties there still is a length of zero.
  if (reader_.at_end()) {
    reader_.refuse(ReasonCode::malformed_packet, "Property Length is missing", {"", "MQTT5-2.2.2-1"});
  }
  const std::uint32_t property_length = reader_.variable_byte_integer("Property Length");
  if (MUTANT(B111_prop_overrun) && property_length <= reader_.remaining_bytes()) {
    planted_left_bytes_ = reader_.remaining_bytes() - property_length;
    return;
  }
  outer_end_ = reader_.narrow(property_length, "properties");
}

std::optional<Property> PropertyReader::next() {
  if (planted_left_bytes_ && reader_.remaining_bytes() <= *planted_left_bytes_) return std::nullopt;
  if (reader_.at_end()) {
    reader_.widen(outer_end_);
    return std::nullopt;
  }
  const std::uint32_t id = reader_.variable_byte_integer("property identifier");
  const PropertyRow* row = find_property(id);
  if (row == nullptr || (row->carriers & carrier_) == 0) {
    reader_.refuse(ReasonCode::malformed_packet, row == nullptr
                                                     ? "unknown property " + std::to_string(id)
                                                     : text_of(*row, "is no property of this packet"));
    return std::nullopt;
  }
  const std::uint64_t bit = std::uint64_t{1} << id;
  if ((seen_ & bit) != 0 && row->id != PropertyId::user_property && !MUTANT(B105_forbidden_props)) {
    reader_.refuse(ReasonCode::protocol_error, text_of(*row, "stands twice"));
    return std::nullopt;
  }
  seen_ |= bit;

  Property property;
  property.id = row->id;
  read_value(*row, property);
  if (reader_.error()) return std::nullopt;
  return property;
}

void PropertyReader::read_value(const PropertyRow& row, Property& property) {
  switch (row.type) {
    case PropertyType::byte:
      property.number = reader_.byte(row.name);
      break;
    case PropertyType::two_byte_integer:
      property.number = reader_.two_byte_integer(row.name);
      break;
    case PropertyType::four_byte_integer:
      property.number = reader_.four_byte_integer(row.name);
      break;
    case PropertyType::variable_byte_integer:
      property.number = reader_.variable_byte_integer(row.name);
      break;
    case PropertyType::utf8_string:
      property.text = reader_.utf8_string(row.name, string_statement(row.id));
      break;
    case PropertyType::utf8_string_pair:
      property.text = reader_.utf8_string(row.name, string_statement(row.id));
      property.value = reader_.utf8_string(row.name, string_statement(row.id));
      break;
    case PropertyType::binary_data:
      property.text = reader_.binary_data(row.name);
      break;
  }
  const bool planted = row.id == PropertyId::receive_maximum && property.number == 0 && MUTANT(B020_rm_zero);
  if ((property.number < row.minimum || property.number > row.maximum) && !planted) {
    // MQTT5-3.3.2-8: the one value with a reason code of its own.
    if (row.id == PropertyId::topic_alias) {
      reader_.refuse(ReasonCode::topic_alias_invalid, "Topic Alias is 0", {"", "MQTT5-3.3.2-8"});
    }
    reader_.refuse(ReasonCode::protocol_error, text_of(row, "can't be " + std::to_string(property.number)));
  }
  // MQTT5-3.3.2-14
  if (row.id == PropertyId::response_topic && has_wildcard(property.text)) {
    reader_.refuse(ReasonCode::topic_name_invalid, "Response Topic has a wildcard", {"", "MQTT5-3.3.2-14"});
  }
  // MQTT5-4.7.3-1: it is the topic name of the answer.
  if (row.id == PropertyId::response_topic && property.text.empty()) {
    reader_.refuse(ReasonCode::topic_name_invalid, "Response Topic is empty", {"", "MQTT5-4.7.3-1"});
  }
}

void keep_message_property(const Property& property, MessageProperties& properties) {
  switch (property.id) {
    case PropertyId::payload_format_indicator:
      properties.payload_format_indicator = property.number == 1;
      break;
    case PropertyId::content_type:
      properties.content_type = property.text;
      break;
    case PropertyId::response_topic:
      properties.response_topic = property.text;
      break;
    case PropertyId::correlation_data:
      properties.correlation_data = property.text;
      break;
    case PropertyId::user_property:
      properties.user_properties.push_back(property.pair());
      break;
    default:
      break;
  }
}

}  // namespace mqttvet::codec
