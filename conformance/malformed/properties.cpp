// Properties of SUBSCRIBE, UNSUBSCRIBE, PUBLISH and DISCONNECT that break their rules: strings that are none,
// and properties that come twice.
#include "conformance/malformed/table.h"

namespace mqttvet::conformance {

CASES {
  struct Packet5 {
    const char* name;
    const char* before;  // up to the Property Length
    const char* behind;
  };
  const Packet5 kPackets[] = {{"publish", "30 <length> <topic>", "6D"},
                              {"subscribe", "82 <length> 00 09", "<topic> 00"},
                              {"unsubscribe", "A2 <length> 00 09", "<topic>"},
                              {"disconnect", "E0 <length> 00", ""}};
  for (const Packet5& packet : kPackets) {
    const auto with = [&packet](const std::string& property) {
      return std::string(packet.before) + " " + hex_with_length(property) + " " + packet.behind;
    };
    for (const BadString& bad : bad_strings()) {
      const std::string name = std::string(packet.name) + "-user-property-";
      add_malformed_packets({
          {"MQTT5-1.5.7-1/" + name + "name-with-" + bad.slug,
           v5_0,
           {0x81},
           with("26" + hex_of_string(bad.bytes) + "00 01 76")},
          {"MQTT5-1.5.7-1/" + name + "value-with-" + bad.slug,
           v5_0,
           {0x81},
           with("26 00 01 6E" + hex_of_string(bad.bytes))},
      });
    }
  }
  for (const BadString& bad : bad_strings()) {
    add_malformed_packets({{std::string("MQTT5-1.5.4-1/disconnect-reason-string-with-") + bad.slug,
                            v5_0,
                            {0x81},
                            "E0 <length> 00 " + hex_with_length("1F" + hex_of_string(bad.bytes))}});
  }
  // clang-format off
  add_malformed_packets({
      {"MQTT5-3.3.2.3.4-n1/topic-alias-twice", v5_0, {0x82, 0x94},
       "30 <length> <topic> 06 23 00 01 23 00 01 6D"},
      {"MQTT5-3.3.2.3.5-n1/response-topic-twice", v5_0, {0x82},
       "30 <length> <topic> 08 08 00 01 72 08 00 01 72 6D"},
      {"MQTT5-3.3.2.3.5-n1/correlation-data-twice", v5_0, {0x82},
       "30 <length> <topic> 08 09 00 01 64 09 00 01 64 6D"},
      {"MQTT5-3.3.2.3.5-n1/content-type-twice", v5_0, {0x82},
       "30 <length> <topic> 08 03 00 01 63 03 00 01 63 6D"},
      {"MQTT5-3.14.2.2.2-n1/session-expiry-interval-twice", v5_0, {0x82},
       "E0 <length> 00 0A 11 00 00 00 00 11 00 00 00 00", {"MQTT5-3.4-n2"}},
      {"MQTT5-3.4-n2/reason-string-twice-in-disconnect", v5_0, {0x82},
       "E0 <length> 00 08 1F 00 01 72 1F 00 01 72"},
  });
  // clang-format on

  // That these may come once only is said of the will, and not of PUBLISH.
  const std::pair<const char*, const char*> kTwice[] = {
      {"payload-format-indicator", "30 <length> <topic> 04 01 01 01 01 6D"},
      {"message-expiry-interval", "30 <length> <topic> 0A 02 00 00 00 3C 02 00 00 00 3C 6D"}};
  for (const auto& [slug, hex] : kTwice) {
    add_case(std::string("MQTT5-3.3.2.3.2-n2/") + slug + "-twice",
             {.level = Level::should, .tags = {"malformed"}}, [row = std::string(hex)](Run& run) {
               Client& client = run.connected();
               client.send_bytes(expand(row, run, client));
               client.expect_closed({0x82});
             });
  }
}

}  // namespace mqttvet::conformance
