// Table 2-4 of MQTT 5.0 as data. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "conformance/wire/property.h"

namespace mqttvet::wire {

// What carries properties, as far as the table tells them apart.
enum class PropertyHolder : std::uint8_t {
  connect,
  connack,
  publish,
  will,
  acknowledgement,  // PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK
  subscribe,
  unsubscribe,
  disconnect,
  auth,
};

// A set of holders.
using Holders = std::uint16_t;
constexpr Holders holder(PropertyHolder which) {
  return static_cast<Holders>(1U << static_cast<unsigned>(which));
}

struct PropertyRow {
  PropertyId id;
  PropertyType type;
  Holders holders;
  std::string_view name;
};

std::span<const PropertyRow> property_table();

// nullptr: not in the table.
const PropertyRow* row_of(PropertyId id);

}  // namespace mqttvet::wire
