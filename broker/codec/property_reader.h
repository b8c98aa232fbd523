// Reads the properties of a packet (section 2.2.2) and holds them against table 2-4.
#pragma once

#include <cstdint>
#include <optional>

#include "broker/codec/properties.h"
#include "broker/codec/property_table.h"
#include "broker/codec/reader.h"

namespace mqttvet::codec {

// One property as it stands in the packet. Which field holds its value follows from its type.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;  // byte and integer types
  BytesView text;            // UTF-8 string, binary data, name of a pair
  BytesView value;           // value of a pair

  std::chrono::seconds seconds() const { return std::chrono::seconds(number); }
  UserProperty pair() const { return {std::string(text), std::string(value)}; }
};

// The properties of one carrier, in their order. Refuses, through the reader, every property that is unknown,
// that this carrier can't have, that stands twice or has a value it can't have; and a block that doesn't end
// with a property.
class PropertyReader {
 public:
  // Reads the Property Length.
  PropertyReader(Reader& reader, PropertyCarrier carrier);

  // nullopt: there is no more, or the packet was refused.
  std::optional<Property> next();

 private:
  void read_value(const PropertyRow& row, Property& property);

  Reader& reader_;
  PropertyCarrier carrier_;
  const char* outer_end_ = nullptr;
  std::uint64_t seen_ = 0;                         // bit i: the property with id i
  std::optional<std::size_t> planted_left_bytes_;  // planted bug B111: the block ends where so many are left
};

// Takes the property if it is one of those that travel with a message.
void keep_message_property(const Property& property, MessageProperties& properties);

}  // namespace mqttvet::codec
