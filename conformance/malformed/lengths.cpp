// Packets after CONNECT that are shorter or longer than their fields, or whose lengths don't fit: PUBLISH,
// the acknowledgements, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT, AUTH.
#include "conformance/malformed/table.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

}  // namespace

CASES {
  // clang-format off
  add_malformed_packets({
      // --- 3.3 PUBLISH: 30 QoS 0, 32 QoS 1, 34 QoS 2 ---
      {"MQTT5-3.3.2-1/publish-of-nothing", kBoth, {0x81, 0x82},
       "30 00", {"MQTT311-3.3.2-1"}},
      {"MQTT5-3.3.2-1/publish-of-half-a-length", kBoth, {0x81, 0x82},
       "30 01 00", {"MQTT311-3.3.2-1"}},
      {"MQTT5-3.3.2-1/topic-name-is-cut", kBoth, {0x81, 0x82},
       "30 04  00 05 61 62", {"MQTT311-3.3.2-1"}},
      {"MQTT5-2.2.1-3/publish-without-packet-identifier", kBoth, {0x81, 0x82},
       "32 <length> <topic>", {"MQTT311-2.3.1-1"}},
      {"MQTT5-2.2.1-3/publish-with-half-a-packet-identifier", kBoth, {0x81, 0x82},
       "34 <length> <topic> 01", {"MQTT311-2.3.1-1"}},
      {"MQTT5-2.2.2-1/publish-without-property-length", v5_0, {0x81},
       "30 <length> <topic>"},
      {"MQTT5-2.2.2-1/publish-at-qos-1-without-property-length", v5_0, {0x81},
       "32 <length> <topic> 00 01"},
      {"MQTT5-4.13.1-1/publish-property-length-beyond-the-packet", v5_0, {0x81},
       "30 <length> <topic> 05 01 01"},                                 // announces 5 bytes, 2 there
      {"MQTT5-4.13.1-1/publish-property-is-cut", v5_0, {0x81},
       "30 <length> <topic> 03 02 00 00"},                              // Message Expiry Interval has 4 bytes
      {"MQTT5-4.13.1-1/publish-string-beyond-the-properties", v5_0, {0x81},
       "30 <length> <topic> 05 03 00 09 61 62 63 64"},                  // Content Type of 9 bytes, 2 in the properties
      {"MQTT5-1.5.5-n1/publish-property-length-of-five-bytes", v5_0, {0x81},
       "30 <length> <topic> 80 80 80 80 00"},

      // --- 3.8 SUBSCRIBE ---
      {"MQTT5-3.8.3-1/subscribe-of-nothing", kBoth, {0x81, 0x82},
       "82 00", {"MQTT311-3.8.3-1"}},
      {"MQTT5-3.8.3-1/half-a-packet-identifier-in-subscribe", kBoth, {0x81, 0x82},
       "82 01 01", {"MQTT311-3.8.3-1"}},
      {"MQTT5-3.8.3-1/topic-filter-is-cut", kBoth, {0x81, 0x82},
       "82 <length> 00 01 <properties> 00 05 61 62", {"MQTT311-3.8.3-1"}},
      {"MQTT5-3.8.3-1/no-options-behind-the-filter", kBoth, {0x81, 0x82},
       "82 <length> 00 01 <properties> <topic>", {"MQTT311-3.8.3-1"}},
      {"MQTT5-3.8.3-1/no-options-behind-the-second-filter", kBoth, {0x81, 0x82},
       "82 <length> 00 01 <properties> <topic> 00 <topic>", {"MQTT311-3.8.3-1"}},
      {"MQTT5-2.2.2-1/subscribe-without-property-length", v5_0, {0x81, 0x82},
       "82 02 00 01"},
      {"MQTT5-4.13.1-1/subscribe-property-length-beyond-the-packet", v5_0, {0x81},
       "82 <length> 00 01 FF 7F <topic> 00"},
      {"MQTT5-4.13.1-1/subscription-identifier-is-cut", v5_0, {0x81},
       "82 <length> 00 01 02 0B 80 <topic> 00"},
      {"MQTT5-1.5.5-n1/subscription-identifier-of-five-bytes", v5_0, {0x81, 0x82},
       "82 <length> 00 01 06 0B 80 80 80 80 01 <topic> 00"},

      // --- 3.10 UNSUBSCRIBE ---
      {"MQTT5-3.10.3-1/unsubscribe-of-nothing", kBoth, {0x81, 0x82},
       "A2 00", {"MQTT311-3.10.3-1"}},
      {"MQTT5-3.10.3-1/half-a-packet-identifier-in-unsubscribe", kBoth, {0x81, 0x82},
       "A2 01 01", {"MQTT311-3.10.3-1"}},
      {"MQTT5-3.10.3-1/unsubscribed-filter-is-cut", kBoth, {0x81, 0x82},
       "A2 <length> 00 01 <properties> 00 05 61 62", {"MQTT311-3.10.3-1"}},
      {"MQTT5-3.10.3-1/half-a-length-behind-the-filter", kBoth, {0x81, 0x82},
       "A2 <length> 00 01 <properties> <topic> 00", {"MQTT311-3.10.3-1"}},
      {"MQTT5-2.2.2-1/unsubscribe-without-property-length", v5_0, {0x81, 0x82},
       "A2 02 00 01"},
      {"MQTT5-4.13.1-1/unsubscribe-property-length-beyond-the-packet", v5_0, {0x81},
       "A2 <length> 00 01 FF 7F <topic>"},

      // --- 3.4 - 3.7: too short to have a packet identifier ---
      {"MQTT5-2.2.1-5/puback-of-nothing", kBoth, {0x81}, "40 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/puback-of-one-byte", kBoth, {0x81}, "40 01 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubrec-of-nothing", kBoth, {0x81}, "50 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubrec-of-one-byte", kBoth, {0x81}, "50 01 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubrel-of-nothing", kBoth, {0x81}, "62 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubrel-of-one-byte", kBoth, {0x81}, "62 01 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubcomp-of-nothing", kBoth, {0x81}, "70 00", {"MQTT311-3.4-n1"}},
      {"MQTT5-2.2.1-5/pubcomp-of-one-byte", kBoth, {0x81}, "70 01 00", {"MQTT311-3.4-n1"}},

      // --- 3.12 PINGREQ, 3.14 DISCONNECT: without a body (3.1.1) ---
      {"MQTT5-4.13.1-1/pingreq-with-a-body", kBoth, {0x81}, "C0 01 00", {"MQTT311-3.4-n1"}},
      {"MQTT311-3.4-n1/disconnect-with-a-body", v3_1_1, {}, "E0 01 00"},
      {"MQTT5-4.13.1-1/disconnect-property-length-beyond-the-packet", v5_0, {0x81},
       "E0 <length> 00 05 11 00"},
      {"MQTT5-4.13.1-1/disconnect-longer-than-its-properties", v5_0, {0x81},
       "E0 <length> 00 00 00"},
      {"MQTT5-4.13.1-1/disconnect-property-is-cut", v5_0, {0x81},
       "E0 <length> 00 04 11 00 00 00"},                                // Session Expiry Interval has 4 bytes

      // --- 3.15 AUTH ---
      {"MQTT5-3.15.2-1/auth-with-an-unknown-code", v5_0, {0x81, 0x82},
       "F0 02 7F 00"},
      {"MQTT5-4.13.1-1/auth-property-length-beyond-the-packet", v5_0, {0x81, 0x82},
       "F0 <length> 18 05 15 00"},
  });
  // clang-format on
}

// Before 5.0 an acknowledgement has two bytes; each at its time.
CASES {
  struct Row {
    const char* slug;
    PacketType type;
    const char* fixed;  // type, flags, and a Remaining Length of 3
  };
  const Row kRows[] = {{"puback", PacketType::puback, "40 03"},
                       {"pubrec", PacketType::pubrec, "50 03"},
                       {"pubrel", PacketType::pubrel, "62 03"},
                       {"pubcomp", PacketType::pubcomp, "70 03"}};
  for (const Row& row : kRows) {
    add_case(std::string("MQTT311-3.4-n1/") + row.slug + "-of-three-bytes",
             {.needs = needs_of(row.type), .tags = {"malformed"}}, [row](Run& run) {
               Client& client = run.client();
               const std::string packet_id = two_byte_integer(owe(run, client, row.type));
               client.send_bytes(expand(row.fixed, run, client) + packet_id + std::string(1, '\0'));
               check(client.expect_closed().packets.empty(), "no answer");
             });
  }
}

}  // namespace mqttvet::conformance
