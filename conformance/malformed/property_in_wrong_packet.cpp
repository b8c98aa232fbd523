// 2.2.2.2: every property in every packet that may not have it, and identifiers that no property has.
#include <algorithm>

#include "conformance/malformed/table.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

struct PropertyRow {
  const char* name;
  std::uint8_t id;
  const char* hex;  // identifier and a value of its type
};

// Table 2-4. (AUTH, which needs a method that the server knows, is left out.)
const PropertyRow kProperties[] = {
    {"payload-format-indicator", 0x01, "01 01"},
    {"message-expiry-interval", 0x02, "02 00 00 00 3C"},
    {"content-type", 0x03, "03 00 01 63"},
    {"response-topic", 0x08, "08 00 01 72"},
    {"correlation-data", 0x09, "09 00 01 64"},
    {"subscription-identifier", 0x0B, "0B 01"},
    {"session-expiry-interval", 0x11, "11 00 00 00 00"},
    {"assigned-client-identifier", 0x12, "12 00 01 61"},
    {"server-keep-alive", 0x13, "13 00 3C"},
    {"authentication-method", 0x15, "15 00 01 6D"},
    {"authentication-data", 0x16, "16 00 01 64"},
    {"request-problem-information", 0x17, "17 01"},
    {"will-delay-interval", 0x18, "18 00 00 00 01"},
    {"request-response-information", 0x19, "19 01"},
    {"response-information", 0x1A, "1A 00 01 69"},
    {"server-reference", 0x1C, "1C 00 01 73"},
    {"reason-string", 0x1F, "1F 00 01 72"},
    {"receive-maximum", 0x21, "21 00 0A"},
    {"topic-alias-maximum", 0x22, "22 00 0A"},
    {"topic-alias", 0x23, "23 00 01"},
    {"maximum-qos", 0x24, "24 01"},
    {"retain-available", 0x25, "25 01"},
    {"maximum-packet-size", 0x27, "27 00 01 00 00"},
    {"wildcard-subscription-available", 0x28, "28 01"},
    {"subscription-identifier-available", 0x29, "29 01"},
    {"shared-subscription-available", 0x2A, "2A 01"},
    // None of the table.
    {"unknown-00", 0x00, "00 00"},
    {"unknown-04", 0x04, "04 00"},
    {"unknown-7f", 0x7F, "7F 00"},
    {"unknown-of-two-bytes", 0xFF, "81 01 00"},
};

struct PacketRow {
  const char* name;
  PacketType owed;     // one of those that owe() leads to; connect: the first packet; publish: any time
  std::string before;  // up to the Property Length. <id>: the packet identifier that is owed
  std::string behind;  // the rest of the packet
  std::vector<std::uint8_t> ids;  // properties that this packet may have (and User Property)
};

const PacketRow kPackets[] = {
    {"connect",
     PacketType::connect,
     "10 <length> 00 04 4D 51 54 54 05 02 00 00",
     "<client>",
     {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x27}},
    {"will",
     PacketType::connect,
     "10 <length> 00 04 4D 51 54 54 05 06 00 00 00 <client>",
     "<topic> 00 01 6D",
     {0x01, 0x02, 0x03, 0x08, 0x09, 0x18}},
    // 0x0B belongs to PUBLISH, though not from a client (3.3.4-6).
    {"publish", PacketType::publish, "30 <length> <topic>", "6D", {0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23}},
    {"puback", PacketType::puback, "40 <length> <id> 00", "", {0x1F}},
    {"pubrec", PacketType::pubrec, "50 <length> <id> 00", "", {0x1F}},
    {"pubrel", PacketType::pubrel, "62 <length> <id> 00", "", {0x1F}},
    {"pubcomp", PacketType::pubcomp, "70 <length> <id> 00", "", {0x1F}},
    {"subscribe", PacketType::publish, "82 <length> 00 09", "<topic> 00", {0x0B}},
    {"unsubscribe", PacketType::publish, "A2 <length> 00 09", "<topic>", {}},
    // 0x1C belongs to DISCONNECT, though not from a client.
    {"disconnect", PacketType::publish, "E0 <length> 00", "", {0x11, 0x1C, 0x1F}},
};

void send_with(const std::string& row, PacketType owed, Run& run, Client& client) {
  std::string with_id = row;
  if (owed == PacketType::connect) {
    client.open();
  } else if (owed == PacketType::publish) {
    client.connect();
  } else {
    const std::uint16_t packet_id = owe(run, client, owed);
    with_id.replace(with_id.find("<id>"), 4, to_hex(two_byte_integer(packet_id)));
  }
  client.send_bytes(expand(with_id, run, client));
}

}  // namespace

CASES {
  for (const PacketRow& packet : kPackets) {
    for (const PropertyRow& property : kProperties) {
      if (std::ranges::count(packet.ids, property.id) > 0) continue;
      const bool owes = packet.owed != PacketType::connect && packet.owed != PacketType::publish;
      const std::string row = packet.before + " " + hex_with_length(property.hex) + " " + packet.behind;
      add_case(std::string("MQTT5-2.2.2.2-n1/") + packet.name + "-with-" + property.name,
               {.needs = owes ? needs_of(packet.owed) : std::vector<Capability>{}, .tags = {"malformed"}},
               [row, owed = packet.owed](Run& run) {
                 Client& client = run.client();
                 send_with(row, owed, run, client);
                 check(client.expect_closed({0x81, 0x82}).packets.empty(), "no answer");
               });
    }
  }
}

}  // namespace mqttvet::conformance
