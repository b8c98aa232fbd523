// Fixed headers that no packet has: reserved types and flags, Remaining Lengths that can't be, and packets
// that only a server sends.
#include "conformance/malformed/table.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

// A well-formed packet of a type that is an answer.
Packet answer(PacketType type, std::uint16_t packet_id) {
  switch (type) {
    case PacketType::puback:
      return Puback{.packet_id = packet_id};
    case PacketType::pubrec:
      return Pubrec{.packet_id = packet_id};
    case PacketType::pubcomp:
      return Pubcomp{.packet_id = packet_id};
    default:
      return Pubrel{.packet_id = packet_id};
  }
}

}  // namespace

CASES {
  // clang-format off
  add_malformed_packets({
      // --- 2.1.2: packet types ---
      {"MQTT5-2.1.2-n1/type-0", kBoth, {0x81, 0x82},
       "00 00", {"MQTT311-2.2.1-n1"}},
      {"MQTT5-2.1.2-n1/type-0-with-a-body", kBoth, {0x81, 0x82},
       "00 02 00 01", {"MQTT311-2.2.1-n1"}},
      {"MQTT311-2.2.1-n1/type-15", v3_1_1, {},
       "F0 00"},
      {"MQTT5-2.1.2-n1/connack-from-a-client", kBoth, {0x82, 0x81},
       "20 <length> 00 00 <properties>", {"MQTT311-2.2.1-n2"}},
      {"MQTT5-2.1.2-n1/suback-from-a-client", kBoth, {0x82, 0x81},
       "90 <length> 00 01 <properties> 00", {"MQTT311-2.2.1-n2"}},      // packet identifier 1, code 0
      {"MQTT5-2.1.2-n1/pingresp-from-a-client", kBoth, {0x82, 0x81},
       "D0 00", {"MQTT311-2.2.1-n2"}},
      {"MQTT5-2.1.2-n1/unsuback-from-a-client-of-5", v5_0, {0x82, 0x81},
       "B0 04 00 01 00 00"},                                            // packet identifier 1, no properties, code 0
      {"MQTT311-2.2.1-n2/unsuback-from-a-client", v3_1_1, {},
       "B0 02 00 01"},

      // --- 2.1.3: reserved flags ---
      {"MQTT5-2.1.3-1/pingreq-with-flags-1", kBoth, {0x81}, "C1 00", {"MQTT311-2.2.2-2"}},
      {"MQTT5-2.1.3-1/pingreq-with-flags-2", kBoth, {0x81}, "C2 00", {"MQTT311-2.2.2-2"}},
      {"MQTT5-2.1.3-1/pingreq-with-flags-4", kBoth, {0x81}, "C4 00", {"MQTT311-2.2.2-2"}},
      {"MQTT5-2.1.3-1/pingreq-with-flags-8", kBoth, {0x81}, "C8 00", {"MQTT311-2.2.2-2"}},
      {"MQTT5-2.1.3-1/pingreq-with-flags-f", kBoth, {0x81}, "CF 00", {"MQTT311-2.2.2-2"}},
      {"MQTT5-2.1.3-1/auth-with-flags-1", v5_0, {0x81, 0x82}, "F1 00"},
      {"MQTT5-2.1.3-1/auth-with-flags-f", v5_0, {0x81, 0x82}, "FF 00"},

      // --- 2.1.4: Remaining Length ---
      {"MQTT5-1.5.5-n1/remaining-length-of-five-bytes", kBoth, {0x81, 0x95},
       "30 FF FF FF FF 01", {"MQTT311-2.2.3-n1"}},
      {"MQTT5-1.5.5-n1/five-bytes-for-0", kBoth, {0x81, 0x95},
       "C0 80 80 80 80 00", {"MQTT311-2.2.3-n1"}},
      {"MQTT5-1.5.5-n1/remaining-length-without-end", kBoth, {0x81, 0x95},
       "30 FF FF FF FF FF FF FF FF", {"MQTT311-2.2.3-n1"}},
  });
  add_malformed_connects({
      {"MQTT5-1.5.5-n1/connect-with-a-remaining-length-of-five-bytes", kBoth, {0x81, 0x95},
       "10 FF FF FF FF 01", {"MQTT311-2.2.3-n1"}},
      {"MQTT5-2.1.2-n1/type-0-first", kBoth, {},
       "00 00", {"MQTT311-2.2.1-n1", "MQTT5-3.1.0-1", "MQTT311-3.1.0-1"}},
      {"MQTT5-2.1.2-n1/no-mqtt-at-all", kBoth, {},
       // GET / HTTP/1.1 with two header lines: "GE" says PUBACK and 69 bytes, and here they are.
       "47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A 48 6F 73 74 3A 20 62 72 6F 6B 65 72 2E 65 78 61 "
       "6D 70 6C 65 2E 6F 72 67 0D 0A 55 73 65 72 2D 41 67 65 6E 74 3A 20 4D 6F 7A 69 6C 6C 61 2F 35 2E "
       "30 78 78 0D 0A 0D 0A",
       {"MQTT311-2.2.1-n1", "MQTT5-3.1.0-1", "MQTT311-3.1.0-1"}},
  });
  // clang-format on
}

// The flags of acknowledgements, each at its time. (Of PUBREL: section 3.6.)
CASES {
  const std::pair<const char*, PacketType> kTypes[] = {
      {"puback", PacketType::puback}, {"pubrec", PacketType::pubrec}, {"pubcomp", PacketType::pubcomp}};
  for (const auto& [slug, type] : kTypes) {
    for (const std::uint8_t flags : {0x1, 0x2, 0x4, 0x8, 0xF}) {
      add_case(
          std::string("MQTT5-2.1.3-1/") + slug + "-with-flags-" + "0123456789abcdef" [flags],
          {
            .statements = {"MQTT311-2.2.2-2"}, .versions = kBoth, .needs = needs_of(type), .tags = {
              "malformed"
            }
          },
          [type = type, flags](Run& run) {
            Client& client = run.client();
            const std::uint16_t packet_id = owe(run, client, type);
            client.send(Encoder(answer(type, packet_id), run.version()).flags(flags));
            check(client.expect_closed({0x81}).packets.empty(), "no answer");
          });
    }
  }
}

}  // namespace mqttvet::conformance
