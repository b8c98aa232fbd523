// The rule that a refused packet broke.
#pragma once

namespace mqttvet::codec {

// Ids of one rule in the two standards. 3.1 has no numbered statements and shares those of 3.1.1.
struct Statement {
  const char* v3_1_1;
  const char* v5_0;
};

// For what no statement of its own forbids: bad input closes the connection.
inline constexpr Statement kMalformed{"MQTT311-4.8.0-1", "MQTT5-4.13.1-1"};
// Strings are well-formed UTF-8.
inline constexpr Statement kIllFormedString{"MQTT311-1.5.3-1", "MQTT5-1.5.4-1"};

}  // namespace mqttvet::codec
