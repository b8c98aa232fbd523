// CONNECT that breaks section 3.1: the fixed header, the Connect Flags, and a payload that does not fit them.
#include "conformance/malformed/table.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

// Type and flags, Remaining Length, "MQTT", and the version: the Connect Flags come next.
const std::string kMqtt = "10 <length>  00 04 4D 51 54 54 <level>  ";
// Keep-alive, no properties, and the client identifier: what follows the Connect Flags.
const std::string kRest = "  00 00 <properties>  <client>  ";

}  // namespace

CASES {
  // clang-format off
  add_malformed_connects({
      // --- 3.1.2.3: bit 0 of the Connect Flags ---
      {"MQTT5-3.1.2-3/reserved-flag", kBoth, {0x81},
       kMqtt + "03" + kRest, {"MQTT311-3.1.2-3"}},
      {"MQTT5-3.1.2-3/reserved-flag-alone", kBoth, {0x81},
       kMqtt + "01" + kRest, {"MQTT311-3.1.2-3"}},

      // --- 3.1.2.5 - 3.1.2.7: will flag (04), will QoS (08, 10), will retain (20), clean start (02) ---
      {"MQTT5-3.1.2-9/no-will-fields", kBoth, {0x81},
       kMqtt + "06" + kRest, {"MQTT311-3.1.2-9"}},
      {"MQTT5-3.1.2-9/no-will-payload", kBoth, {0x81},
       kMqtt + "06" + kRest + "<properties> <topic>", {"MQTT311-3.1.2-9"}},
      {"MQTT5-3.1.2-9/no-will-topic", kBoth, {0x81},
       kMqtt + "06" + kRest + "<properties> 00 01 6D", {"MQTT311-3.1.2-9"}},
      {"MQTT5-3.1.2-9/no-will-properties", v5_0, {0x81},
       kMqtt + "06" + kRest + "00 01 77  00 01 6D"},            // will topic "w" and payload "m", no Property Length
      {"MQTT5-3.1.2-9/will-properties-only", v5_0, {0x81},
       kMqtt + "06" + kRest + "00"},
      {"MQTT5-3.1.2-9/will-fields-without-the-flag", kBoth, {0x81},
       kMqtt + "02" + kRest + "<properties> <topic> 00 01 6D", {"MQTT311-3.1.2-11"}},
      {"MQTT5-3.1.2-11/will-qos-1-without-will", kBoth, {0x81},
       kMqtt + "0A" + kRest, {"MQTT311-3.1.2-11", "MQTT311-3.1.2-13"}},
      {"MQTT5-3.1.2-11/will-qos-2-without-will", kBoth, {0x81},
       kMqtt + "12" + kRest, {"MQTT311-3.1.2-11", "MQTT311-3.1.2-13"}},
      {"MQTT5-3.1.2-11/will-qos-3-without-will", kBoth, {0x81},
       kMqtt + "1A" + kRest, {"MQTT311-3.1.2-11", "MQTT311-3.1.2-13"}},
      {"MQTT5-3.1.2-12/will-qos-3", kBoth, {0x81},
       kMqtt + "1E" + kRest + "<properties> <topic> 00 01 6D", {"MQTT311-3.1.2-14"}},
      {"MQTT5-3.1.2-13/will-retain-without-will", kBoth, {0x81},
       kMqtt + "22" + kRest, {"MQTT311-3.1.2-11", "MQTT311-3.1.2-15"}},

      // --- 3.1.2.8, 3.1.2.9: user name (80), password (40) ---
      {"MQTT5-3.1.2-16/user-name-without-the-flag", kBoth, {0x81},
       kMqtt + "02" + kRest + "00 01 75", {"MQTT311-3.1.2-18"}},
      {"MQTT5-3.1.2-17/flag-without-user-name", kBoth, {0x81},
       kMqtt + "82" + kRest, {"MQTT311-3.1.2-19"}},
      {"MQTT5-3.1.2-18/password-without-the-flag", kBoth, {0x81},
       kMqtt + "82" + kRest + "00 01 75  00 01 70", {"MQTT311-3.1.2-20"}},
      {"MQTT5-3.1.2-19/flag-without-password", kBoth, {0x81},
       kMqtt + "C2" + kRest + "00 01 75", {"MQTT311-3.1.2-21"}},
      {"MQTT5-3.1.2-19/flags-without-user-name-and-password", kBoth, {0x81},
       kMqtt + "C2" + kRest, {"MQTT311-3.1.2-19", "MQTT311-3.1.2-21"}},

      // --- 3.1.3: the payload ---
      {"MQTT5-3.1.3-3/no-client-identifier", kBoth, {0x81},
       kMqtt + "02  00 00 <properties>", {"MQTT311-3.1.3-3"}},
      {"MQTT5-3.1.3-3/half-a-length-of-the-client-identifier", kBoth, {0x81},
       kMqtt + "02  00 00 <properties>  00", {"MQTT311-3.1.3-3"}},
      {"MQTT5-3.1.3-1/client-identifier-after-the-user-name", kBoth, {0x81, 0x86, 0x85},
       kMqtt + "82  00 00 <properties>  FF 00 75 <client>", {"MQTT311-3.1.3-1"}},  // 65280 bytes announced
      {"MQTT5-3.1.4-1/client-identifier-is-cut", kBoth, {0x81},
       kMqtt + "02  00 00 <properties>  00 05 61 62 63", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/will-topic-is-cut", kBoth, {0x81},
       kMqtt + "06" + kRest + "<properties>  00 05 77 69 6C", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/will-payload-is-cut", kBoth, {0x81},
       kMqtt + "06" + kRest + "<properties> <topic>  00 05 77 69", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/user-name-is-cut", kBoth, {0x81},
       kMqtt + "82" + kRest + "00 05 75 73", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/password-is-cut", kBoth, {0x81},
       kMqtt + "C2" + kRest + "00 01 75  00 05 70", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/one-byte-too-many", kBoth, {0x81},
       kMqtt + "02" + kRest + "00", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/wildcard-in-the-will-topic", kBoth, {0x81, 0x82, 0x90},
       kMqtt + "06" + kRest + "<properties>  00 03 61 2F 23  00 01 6D", {"MQTT5-4.7.0-1", "MQTT311-4.7.1-1"}},  // a/#
      {"MQTT5-3.1.4-1/plus-in-the-will-topic", kBoth, {0x81, 0x82, 0x90},
       kMqtt + "06" + kRest + "<properties>  00 03 61 2F 2B  00 01 6D", {"MQTT5-4.7.0-1", "MQTT311-4.7.1-1"}},  // a/+
      {"MQTT5-3.1.4-1/empty-will-topic", kBoth, {0x81, 0x82, 0x90},
       kMqtt + "06" + kRest + "<properties>  00 00  00 01 6D", {"MQTT5-4.7.3-1", "MQTT311-4.7.3-1"}},

      // --- 3.1.2: a variable header that ends too early ---
      {"MQTT5-3.1.4-1/nothing-but-a-fixed-header", kBoth, {0x81},
       "10 00", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/ends-in-the-protocol-name", kBoth, {0x81},
       "10 <length>  00 04 4D 51", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/ends-before-the-version", kBoth, {0x81, 0x84},
       "10 <length>  00 04 4D 51 54 54", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/ends-before-the-connect-flags", kBoth, {0x81},
       kMqtt, {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/ends-before-the-keep-alive", kBoth, {0x81},
       kMqtt + "02", {"MQTT311-3.1.4-1"}},
      {"MQTT5-3.1.4-1/ends-in-the-keep-alive", kBoth, {0x81},
       kMqtt + "02 00", {"MQTT311-3.1.4-1"}},

      // --- 3.1.1: the flags of the fixed header ---
      {"MQTT5-3.1.4-1/header-flags-1", kBoth, {0x81},
       "11 <length>  00 04 4D 51 54 54 <level>  02" + kRest, {"MQTT5-2.1.3-1", "MQTT311-3.1.4-1", "MQTT311-2.2.2-2"}},
      {"MQTT5-3.1.4-1/header-flags-2", kBoth, {0x81},
       "12 <length>  00 04 4D 51 54 54 <level>  02" + kRest, {"MQTT5-2.1.3-1", "MQTT311-3.1.4-1", "MQTT311-2.2.2-2"}},
      {"MQTT5-3.1.4-1/header-flags-4", kBoth, {0x81},
       "14 <length>  00 04 4D 51 54 54 <level>  02" + kRest, {"MQTT5-2.1.3-1", "MQTT311-3.1.4-1", "MQTT311-2.2.2-2"}},
      {"MQTT5-3.1.4-1/header-flags-8", kBoth, {0x81},
       "18 <length>  00 04 4D 51 54 54 <level>  02" + kRest, {"MQTT5-2.1.3-1", "MQTT311-3.1.4-1", "MQTT311-2.2.2-2"}},
      {"MQTT5-3.1.4-1/header-flags-f", kBoth, {0x81},
       "1F <length>  00 04 4D 51 54 54 <level>  02" + kRest, {"MQTT5-2.1.3-1", "MQTT311-3.1.4-1", "MQTT311-2.2.2-2"}},
  });
  // clang-format on
}

// --- 1.5.4: strings that are none ---

CASES {
  struct Place {
    const char* name;                        // statement and slug
    const char* before;                      // up to the string
    const char* behind;                      // from its end
    std::vector<std::uint8_t> reason_codes;  // that fit
    const char* statement_of_311;
  };
  const Place kPlaces[] = {
      {"MQTT5-3.1.3-4/client-identifier", "02  00 00 <properties>", "", {0x81, 0x85}, "MQTT311-3.1.3-4"},
      {"MQTT5-3.1.3-11/will-topic",
       "06  00 00 <properties>  <client> <properties>",
       "00 01 6D",
       {0x81, 0x90},
       "MQTT311-3.1.3-10"},
      {"MQTT5-3.1.3-12/user-name",
       "C2  00 00 <properties>  <client>",
       "00 01 70",
       {0x81, 0x86},
       "MQTT311-3.1.3-11"},
  };
  for (const Place& place : kPlaces) {
    for (const BadString& bad : bad_strings()) {
      const bool null = bad.bytes.find('\0') != std::string::npos;
      const MalformedPacket row{std::string(place.name) + "-with-" + bad.slug,
                                kBoth,
                                place.reason_codes,
                                kMqtt + place.before + hex_of_string(bad.bytes) + place.behind,
                                {null ? "MQTT5-1.5.4-2" : "MQTT5-1.5.4-1", place.statement_of_311,
                                 null ? "MQTT311-1.5.3-2" : "MQTT311-1.5.3-1"}};
      add_malformed_connects({row});
    }
  }
}

}  // namespace mqttvet::conformance
