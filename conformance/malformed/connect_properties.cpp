// Properties of CONNECT (3.1.2.11) and of its will (3.1.3.2) that break their rules: twice, out of range,
// cut.
#include "conformance/malformed/table.h"

namespace mqttvet::conformance {
namespace {

// A CONNECT with these properties, its Property Length in front.
std::string with_properties(const std::string& hex) {
  return "10 <length>  00 04 4D 51 54 54 05  02  00 00  " + hex + "  <client>";
}
// A CONNECT whose will has these, its Property Length in front; topic of the run, payload "m".
std::string with_will_properties(const std::string& hex) {
  return "10 <length>  00 04 4D 51 54 54 05  06  00 00  00  <client>  " + hex + "  <topic> 00 01 6D";
}

}  // namespace

CASES {
  // clang-format off
  add_malformed_connects({
      // --- each at most once ---
      {"MQTT5-3.1.2.11.2-n1/session-expiry-interval-twice", v5_0, {0x82},
       with_properties("0A  11 00 00 00 0A  11 00 00 00 0A"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.3-n1/receive-maximum-twice", v5_0, {0x82},
       with_properties("06  21 00 0A  21 00 0A"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.4-n1/maximum-packet-size-twice", v5_0, {0x82},
       with_properties("0A  27 00 00 10 00  27 00 00 10 00"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.5-n1/topic-alias-maximum-twice", v5_0, {0x82},
       with_properties("06  22 00 0A  22 00 0A"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.6-n1/request-response-information-twice", v5_0, {0x82},
       with_properties("04  19 01  19 01"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.7-n1/request-problem-information-twice", v5_0, {0x82},
       with_properties("04  17 01  17 01"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.9-n1/authentication-method-twice", v5_0, {0x82, 0x8C},
       with_properties("08  15 00 01 78  15 00 01 78"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.10-n1/authentication-data-twice", v5_0, {0x82, 0x8C},
       with_properties("0C  15 00 01 78  16 00 01 01  16 00 01 01"), {"MQTT5-3.1.4-1"}},

      // --- their ranges ---
      {"MQTT5-3.1.2.11.3-n1/receive-maximum-0", v5_0, {0x82},
       with_properties("03  21 00 00"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.4-n1/maximum-packet-size-0", v5_0, {0x82},
       with_properties("05  27 00 00 00 00"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.6-n1/request-response-information-2", v5_0, {0x82},
       with_properties("02  19 02"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.6-n1/request-response-information-ff", v5_0, {0x82},
       with_properties("02  19 FF"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.7-n1/request-problem-information-2", v5_0, {0x82},
       with_properties("02  17 02"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.7-n1/request-problem-information-ff", v5_0, {0x82},
       with_properties("02  17 FF"), {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.2.11.10-n1/authentication-data-without-method", v5_0, {0x82},
       with_properties("04  16 00 01 01"), {"MQTT5-3.1.4-1"}},

      // --- 2.2.2: lengths that don't fit ---
      {"MQTT5-2.2.2-1/connect-without-property-length", v5_0, {0x81},
       "10 <length>  00 04 4D 51 54 54 05  02  00 00", {"MQTT5-3.1.4-1"}},
      {"MQTT5-3.1.4-1/property-length-beyond-the-packet", v5_0, {0x81},
       with_properties("7F")},
      {"MQTT5-3.1.4-1/property-length-ends-in-a-property", v5_0, {0x81},
       with_properties("02  21 00 0A")},                          // Receive Maximum has 3 bytes
      {"MQTT5-3.1.4-1/property-without-its-value", v5_0, {0x81},
       with_properties("01  21")},
      {"MQTT5-3.1.4-1/four-bytes-cut-to-three", v5_0, {0x81},
       with_properties("04  11 00 00 0A")},
      {"MQTT5-3.1.4-1/string-beyond-the-properties", v5_0, {0x81},
       with_properties("04  15 00 7F 78")},
      {"MQTT5-3.1.4-1/user-property-without-its-value", v5_0, {0x81},
       with_properties("04  26 00 01 6E")},                       // the name "n"
      {"MQTT5-3.1.4-1/user-property-with-half-a-value", v5_0, {0x81},
       with_properties("07  26 00 01 6E  00 05 76")},
      {"MQTT5-1.5.5-n1/property-length-of-five-bytes", v5_0, {0x81},
       with_properties("80 80 80 80 00"), {"MQTT5-3.1.4-1"}},

      // --- 3.1.3.2: the will's, each at most once ---
      {"MQTT5-3.1.3.2-n1/will-delay-interval-twice", v5_0, {0x82},
       with_will_properties("0A  18 00 00 00 01  18 00 00 00 01")},
      {"MQTT5-3.1.3.2-n1/payload-format-indicator-twice", v5_0, {0x82},
       with_will_properties("04  01 01  01 01")},
      {"MQTT5-3.1.3.2-n1/message-expiry-interval-twice", v5_0, {0x82},
       with_will_properties("0A  02 00 00 00 3C  02 00 00 00 3C")},
      {"MQTT5-3.1.3.2-n1/content-type-twice", v5_0, {0x82},
       with_will_properties("08  03 00 01 63  03 00 01 63")},
      {"MQTT5-3.1.3.2-n1/response-topic-twice", v5_0, {0x82},
       with_will_properties("08  08 00 01 72  08 00 01 72")},
      {"MQTT5-3.1.3.2-n1/correlation-data-twice", v5_0, {0x82},
       with_will_properties("08  09 00 01 01  09 00 01 01")},
      {"MQTT5-3.1.4-1/will-property-length-beyond-the-packet", v5_0, {0x81},
       with_will_properties("FF 7F")},
      {"MQTT5-3.1.4-1/will-property-is-cut", v5_0, {0x81},
       with_will_properties("04  18 00 00 01")},
  });
  // clang-format on

  struct Place {
    const char* name;
    bool will;
    std::string id;      // and what precedes the string
    std::string behind;  // the rest of the property
    std::vector<std::uint8_t> reason_codes;
    const char* statement;
  };
  const Place kPlaces[] = {
      {"user-property-name", false, "26", "00 01 76", {0x81}, "MQTT5-1.5.7-1"},
      {"user-property-value", false, "26 00 01 6E", "", {0x81}, "MQTT5-1.5.7-1"},
      {"authentication-method", false, "15", "", {0x81, 0x8C}, "MQTT5-1.5.4-1"},
      {"will-user-property-name", true, "26", "00 01 76", {0x81}, "MQTT5-1.5.7-1"},
      {"will-user-property-value", true, "26 00 01 6E", "", {0x81}, "MQTT5-1.5.7-1"},
      {"will-content-type", true, "03", "", {0x81}, "MQTT5-1.5.4-1"},
      {"will-response-topic", true, "08", "", {0x81, 0x90}, "MQTT5-1.5.4-1"},
  };
  for (const Place& place : kPlaces) {
    for (const BadString& bad : bad_strings()) {
      const std::string property = place.id + hex_of_string(bad.bytes) + place.behind;
      const std::string hex = hex_with_length(property);
      add_malformed_connects({{std::string(place.statement) + "/" + place.name + "-with-" + bad.slug,
                               v5_0,
                               place.reason_codes,
                               place.will ? with_will_properties(hex) : with_properties(hex),
                               {"MQTT5-3.1.4-1"}}});
    }
  }
}

}  // namespace mqttvet::conformance
