// PUBACK, PUBREC, PUBREL and PUBCOMP of 5.0 that break their format, each when the client owes it.
#include "conformance/malformed/table.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

struct Acknowledgement5 {
  const char* slug;
  PacketType type;
  const char* first_byte;
  const char* section;              // of its Reason Codes
  std::vector<std::uint8_t> codes;  // that are not in its table
};

const Acknowledgement5 kTypes[] = {
    {"puback", PacketType::puback, "40", "MQTT5-3.4.2-1", {0x01, 0x11, 0x7F, 0x81, 0x92, 0xFF}},
    {"pubrec", PacketType::pubrec, "50", "MQTT5-3.5.2-1", {0x01, 0x11, 0x7F, 0x81, 0x92, 0xFF}},
    {"pubrel", PacketType::pubrel, "62", "MQTT5-3.6.2-1", {0x01, 0x10, 0x80, 0x91, 0xFF}},
    {"pubcomp", PacketType::pubcomp, "70", "MQTT5-3.7.2-1", {0x01, 0x10, 0x80, 0x91, 0xFF}},
};

// What stands behind the packet identifier.
struct Rest {
  const char* slug;
  std::string hex;
  std::vector<std::uint8_t> reason_codes;
  const char* statement;
};

std::vector<Rest> rests() {
  std::vector<Rest> rows = {
      {"with-a-property-length-beyond-the-packet", "00 05", {0x81}, "MQTT5-4.13.1-1"},
      {"longer-than-its-properties", "00 00 00", {0x81}, "MQTT5-4.13.1-1"},
      {"with-a-property-that-is-cut", "00 03 1F 00 05", {0x81}, "MQTT5-4.13.1-1"},
      {"with-half-a-user-property", "00 04 26 00 01 6E", {0x81}, "MQTT5-1.5.7-1"},
      {"with-two-reason-strings", "00 08 1F 00 01 61 1F 00 01 61", {0x82}, "MQTT5-3.4-n2"},
      {"with-a-property-length-of-five-bytes", "00 80 80 80 80 00", {0x81}, "MQTT5-1.5.5-n1"},
  };
  for (const BadString& bad : bad_strings()) {
    rows.push_back(
        {bad.slug, "00 " + hex_with_length("1F" + hex_of_string(bad.bytes)), {0x81}, "MQTT5-1.5.4-1"});
  }
  return rows;
}

void add(const Acknowledgement5& row, const std::string& name, const std::vector<std::uint8_t>& reason_codes,
         const std::string& rest, Level level) {
  add_case(name, {.level = level, .needs = needs_of(row.type), .tags = {"malformed"}},
           [type = row.type, first = std::string(row.first_byte), rest, reason_codes](Run& run) {
             Client& client = run.client();
             const std::string packet_id = to_hex(two_byte_integer(owe(run, client, type)));
             client.send_bytes(expand(first + "<length>" + packet_id + " " + rest, run, client));
             check(client.expect_closed(reason_codes).packets.empty(), "no answer");
           });
}

}  // namespace

CASES {
  for (const Acknowledgement5& row : kTypes) {
    const std::string packet = row.slug;
    for (const std::uint8_t code : row.codes) {
      const std::string hex = to_hex(std::string(1, static_cast<char>(code)));
      std::string slug = hex;
      for (char& c : slug) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      add(row, std::string(row.section) + "/" + packet + "-with-code-" + slug, {0x81, 0x82}, hex + " 00",
          Level::should);  // 3.4.2-1 binds who sends; what to do about it is not said
    }
    for (const Rest& rest : rests()) {
      const bool reason_string = rest.statement == std::string("MQTT5-1.5.4-1");
      add(row,
          std::string(rest.statement) + "/" + packet + (reason_string ? "-reason-string-" : "-") + rest.slug,
          rest.reason_codes, rest.hex, Level::must);
    }
  }
}

}  // namespace mqttvet::conformance
