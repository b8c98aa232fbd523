#include "conformance/malformed/table.h"

#include <stdexcept>

#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

constexpr std::string_view kLength = "<length>";

std::string expand_mark(std::string_view mark, const Run& run, std::string_view client_id) {
  if (mark == "<level>") return std::string(1, static_cast<char>(run.version()));
  if (mark == "<properties>") return run.is_v5() ? std::string(1, '\0') : std::string();
  if (mark == "<client>") return utf8_string(client_id);
  if (mark == "<topic>") return utf8_string(run.topic("t"));
  throw std::logic_error("conformance/malformed: unknown mark " + std::string(mark));
}

void add(const MalformedPacket& row, const std::function<void(Client&)>& begin, const char* file, int line) {
  const auto body = [row, begin](Run& run) {
    Client& client = run.client();
    begin(client);
    client.send_bytes(expand(row.bytes, run, client.client_id()));
    const Closing closing = client.expect_closed(row.reason_codes);
    check(closing.packets.empty(), "no answer");
    check(run.is_v5() || !closing.reason_code, "no CONNACK [MQTT311-3.1.4-1]");
  };
  add_case(row.name, {.statements = row.statements, .versions = row.versions, .tags = {"malformed"}}, body,
           file, line);
}

}  // namespace

std::string expand(std::string_view row, const Run& run, std::string_view client_id) {
  if (const std::size_t at = row.find(kLength); at != std::string_view::npos) {
    const std::string rest = expand(row.substr(at + kLength.size()), run, client_id);
    return from_hex(row.substr(0, at)) + variable_byte_integer(static_cast<std::uint32_t>(rest.size())) +
           rest;
  }
  std::string bytes;
  while (!row.empty()) {
    const std::size_t begin = std::min(row.find('<'), row.size());
    bytes += from_hex(row.substr(0, begin));
    row.remove_prefix(begin);
    if (row.empty()) break;
    const std::size_t end = row.find('>') + 1;
    bytes += expand_mark(row.substr(0, end), run, client_id);
    row.remove_prefix(end);
  }
  return bytes;
}

void add_malformed_connects(const std::vector<MalformedPacket>& rows, const char* file, int line) {
  for (const MalformedPacket& row : rows)
    add(
        row, [](Client& client) { client.open(); }, file, line);
}

void add_malformed_packets(const std::vector<MalformedPacket>& rows, const char* file, int line) {
  for (const MalformedPacket& row : rows)
    add(
        row, [](Client& client) { client.connect(); }, file, line);
}

std::uint16_t owe(Run& run, Client& client, PacketType type) {
  const std::string topic = run.topic("owed");
  client.connect();
  if (type == PacketType::pubrel) {
    const Publish publish{.qos = 2, .topic = topic, .packet_id = client.next_packet_id(), .payload = "m"};
    client.send(publish);
    check(client.expect<Pubrec>().reason_code < 0x80, "PUBREC with success");
    return publish.packet_id;
  }
  const std::uint8_t qos = type == PacketType::puback ? 1 : 2;
  client.subscribe(topic, qos);
  client.publish(topic, "m", qos);
  const std::uint16_t packet_id = client.expect_publish(topic, "m").packet_id;
  if (type == PacketType::pubcomp) {
    client.send(Pubrec{.packet_id = packet_id});
    client.expect<Pubrel>();
  }
  return packet_id;
}

std::vector<Capability> needs_of(PacketType type) {
  return {type == PacketType::puback ? Capability::qos_1 : Capability::qos_2};
}

std::string hex_of_string(std::string_view text) {
  return " " + to_hex(utf8_string(text)) + " ";
}

std::string hex_with_length(std::string_view properties) {
  const std::string bytes = from_hex(properties);
  return to_hex(variable_byte_integer(static_cast<std::uint32_t>(bytes.size())) + bytes);
}

const std::vector<BadString>& bad_strings() {
  static const std::vector<BadString> strings = {
      {"null-character", std::string("a\0b", 3)},  // U+0000 [MQTT5-1.5.4-2]
      {"surrogate", "a\xED\xA0\x80"},              // U+D800
      {"overlong", "a\xC0\xAF"},                   // "/" in two bytes
      {"lone-continuation", "a\x80"},              // nothing that it continues
      {"cut-sequence", "a\xE2\x82"},               // two of the three bytes of U+20AC
      {"beyond-unicode", "a\xF4\x90\x80\x80"},     // U+110000
  };
  return strings;
}

}  // namespace mqttvet::conformance
