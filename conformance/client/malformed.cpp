// Packets of a server that no client may take: a row is a case, or two. It passes when the client closes the
// connection and answers nothing. Before 5.0 it must [MQTT311-4.8.0-1]; in 5.0 it should, and should say why
// [MQTT5-4.13.1-n2].
#include "conformance/malformed/table.h"

#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

// What the client waits for when the bytes come.
enum class When : std::uint8_t {
  connecting,   // CONNACK
  idle,         // nothing
  publishing,   // the acknowledgement of its first PUBLISH, QoS 1, identifier 1
  releasing,    // the same of QoS 2
  subscribing,  // SUBACK for one filter, identifier 1
};

struct Row {
  const char* slug;
  Versions versions;
  When when;
  std::vector<std::uint8_t> reason_codes;  // that fit, in 5.0
  // Hex and marks, as in conformance/malformed/table.h. The bytes `<id>` are the identifier of what the
  // client waits for.
  std::string bytes;
  std::vector<std::string> statements{};
};

constexpr Versions kBoth = v3_1_1 | v5_0;

// clang-format off
const Row kRows[] = {
    // --- 2.1.2: packet types ---
    {"type-0", kBoth, When::idle, {0x81, 0x82}, "00 00", {"MQTT5-2.1.2-n1", "MQTT311-2.2.1-n1"}},
    {"type-15", v3_1_1, When::idle, {}, "F0 00", {"MQTT311-2.2.1-n1"}},
    {"connect-from-a-server", kBoth, When::idle, {0x82, 0x81},
     "10 <length> 00 04 4D 51 54 54 <level> 02 00 00 <properties> 00 01 61", {"MQTT311-2.2.1-n2"}},
    {"subscribe-from-a-server", kBoth, When::idle, {0x82, 0x81},
     "82 <length> 00 01 <properties> 00 01 61 00", {"MQTT311-2.2.1-n2"}},           // identifier 1, filter "a", QoS 0
    {"unsubscribe-from-a-server", kBoth, When::idle, {0x82, 0x81},
     "A2 <length> 00 01 <properties> 00 01 61", {"MQTT311-2.2.1-n2"}},              // identifier 1, filter "a"
    {"pingreq-from-a-server", kBoth, When::idle, {0x82, 0x81}, "C0 00", {"MQTT311-2.2.1-n2"}},
    {"disconnect-from-a-server", v3_1_1, When::idle, {}, "E0 00", {"MQTT311-2.2.1-n2"}},

    // --- 2.1.3: flags ---
    {"connack-with-flags", kBoth, When::connecting, {0x81}, "21 <length> 00 00 <properties>", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"suback-with-flags", kBoth, When::subscribing, {0x81}, "92 <length> <id> <properties> 01", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"puback-with-flags", kBoth, When::publishing, {0x81}, "42 02 <id>", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"pubrec-with-flags", kBoth, When::releasing, {0x81}, "58 02 <id>", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"pubrel-without-flags", kBoth, When::idle, {0x81}, "60 02 00 01", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"pingresp-with-flags", kBoth, When::idle, {0x81}, "D4 00", {"MQTT5-2.1.3-1", "MQTT311-2.2.2-2"}},
    {"disconnect-with-flags", v5_0, When::idle, {0x81}, "E1 00", {"MQTT5-3.14.1-1"}},
    {"auth-with-flags", v5_0, When::idle, {0x81, 0x82}, "F1 00", {"MQTT5-3.15.1-1"}},

    // --- 2.1.4: Remaining Length ---
    {"a-remaining-length-of-five-bytes", kBoth, When::idle, {0x81, 0x95}, "30 FF FF FF FF 01", {"MQTT5-1.5.5-n1", "MQTT311-2.2.3-n1"}},
    {"puback-of-one-byte", kBoth, When::publishing, {0x81}, "40 01 00", {"MQTT311-3.4-n1"}},
    {"puback-of-three-bytes", v3_1_1, When::publishing, {}, "40 03 <id> 00", {"MQTT311-3.4-n1"}},
    {"pingresp-with-a-body", kBoth, When::idle, {0x81}, "D0 01 00", {"MQTT311-3.4-n1"}},
    {"connack-of-one-byte", kBoth, When::connecting, {0x81}, "20 01 00"},
    {"connack-of-three-bytes", v3_1_1, When::connecting, {}, "20 03 00 00 00", {"MQTT311-3.4-n1"}},
    {"suback-without-codes", kBoth, When::subscribing, {0x81, 0x82}, "90 <length> <id> <properties>"},

    // --- CONNACK ---
    {"connack-with-reserved-acknowledge-flags", kBoth, When::connecting, {0x81}, "20 <length> 02 00 <properties>", {"MQTT5-3.2.2-1"}},
    {"connack-with-two-receive-maximums", v5_0, When::connecting, {0x82}, "20 09 00 00 06 21 00 05 21 00 05"},
    {"connack-with-a-receive-maximum-of-0", v5_0, When::connecting, {0x82}, "20 06 00 00 03 21 00 00"},
    {"connack-with-a-maximum-packet-size-of-0", v5_0, When::connecting, {0x82}, "20 08 00 00 05 27 00 00 00 00"},
    {"connack-with-a-maximum-qos-of-2", v5_0, When::connecting, {0x82}, "20 05 00 00 02 24 02"},
    {"connack-with-a-topic-alias", v5_0, When::connecting, {0x81, 0x82}, "20 06 00 00 03 23 00 01", {"MQTT5-2.2.2.2-n1"}},
    {"connack-with-a-property-length-beyond-its-end", v5_0, When::connecting, {0x81}, "20 03 00 00 05"},
    {"connack-with-an-authentication-method-nobody-asked-for", v5_0, When::connecting, {0x82},
     "20 07 00 00 04 15 00 01 61", {"MQTT5-4.12.0-6"}},

    // --- PUBLISH ---
    {"publish-with-qos-3", kBoth, When::idle, {0x81}, "36 <length> <topic> 00 01 <properties> 78", {"MQTT5-3.3.1-4", "MQTT311-3.3.1-4"}},
    {"publish-with-qos-0-and-dup", kBoth, When::idle, {0x81, 0x82}, "38 <length> <topic> <properties> 78", {"MQTT5-3.3.1-2", "MQTT311-3.3.1-2"}},
    {"publish-with-identifier-0", kBoth, When::idle, {0x81, 0x82}, "32 <length> <topic> 00 00 <properties> 78"},
    {"publish-to-a-filter", kBoth, When::idle, {0x81, 0x82, 0x90}, "30 <length> 00 03 61 2F 23 <properties> 78",     // "a/#"
     {"MQTT311-3.3.2-2", "MQTT5-3.3.2-2"}},
    {"publish-to-nothing", kBoth, When::idle, {0x82, 0x81}, "30 <length> 00 00 <properties> 78", {"MQTT5-3.3.2.1-n1", "MQTT311-4.7.3-1"}},
    {"publish-to-a-surrogate", kBoth, When::idle, {0x81}, "30 <length> 00 05 61 2F ED A0 80 <properties> 78",        // U+D800
     {"MQTT5-1.5.4-1", "MQTT311-1.5.3-1"}},
    {"publish-to-an-overlong-slash", kBoth, When::idle, {0x81}, "30 <length> 00 03 61 C0 AF <properties> 78",        // C0 AF: "/" in two bytes
     {"MQTT5-1.5.4-1", "MQTT311-1.5.3-1"}},
    {"publish-to-a-nul", kBoth, When::idle, {0x81}, "30 <length> 00 03 61 00 62 <properties> 78",
     {"MQTT5-1.5.4-2", "MQTT311-1.5.3-2", "MQTT5-4.7.3-2", "MQTT311-4.7.3-2"}},
    {"publish-whose-topic-ends-behind-it", kBoth, When::idle, {0x81}, "30 04 00 09 61 62"},
    {"publish-with-a-bad-user-property", v5_0, When::idle, {0x81}, "30 <length> <topic> 07 26 00 01 61 00 01 FF 78", {"MQTT5-1.5.7-1"}},
    {"publish-with-a-property-of-connack", v5_0, When::idle, {0x81, 0x82}, "30 <length> <topic> 03 21 00 05 78", {"MQTT5-2.2.2.2-n1"}},
    {"publish-with-an-unknown-property", v5_0, When::idle, {0x81, 0x82}, "30 <length> <topic> 02 7F 00 78", {"MQTT5-2.2.2.2-n1"}},
    {"publish-with-two-content-types", v5_0, When::idle, {0x82}, "30 <length> <topic> 08 03 00 01 61 03 00 01 62 78", {"MQTT5-3.3.2.3.5-n1"}},
    {"publish-with-a-subscription-identifier-of-0", v5_0, When::idle, {0x82}, "30 <length> <topic> 02 0B 00 78", {"MQTT5-3.3.2.3.8-n1"}},

    // --- Topic Alias: the client has announced no maximum ---
    {"publish-with-topic-alias-0", v5_0, When::idle, {0x94, 0x82}, "30 <length> <topic> 03 23 00 00 78", {"MQTT5-3.3.2-8", "MQTT5-3.3.4-n2"}},
    {"publish-with-a-topic-alias-when-none-is-allowed", v5_0, When::idle, {0x94, 0x82}, "30 <length> <topic> 03 23 00 01 78", {"MQTT5-3.1.2-27"}},

    // --- SUBACK, DISCONNECT, AUTH ---
    {"suback-with-qos-3", kBoth, When::subscribing, {0x81, 0x82}, "90 <length> <id> <properties> 03", {"MQTT5-3.9.3-2", "MQTT311-3.9.3-2"}},
    {"puback-with-an-unknown-code", v5_0, When::publishing, {0x81, 0x82}, "40 04 <id> 42 00", {"MQTT5-3.4.2-1"}},
    {"pubrec-with-a-code-of-connack", v5_0, When::releasing, {0x81, 0x82}, "50 04 <id> 86 00", {"MQTT5-3.5.2-1"}},
    {"disconnect-with-a-session-expiry-interval", v5_0, When::idle, {0x82, 0x81}, "E0 07 00 05 11 00 00 00 0A", {"MQTT5-3.14.2-2"}},
    {"auth-nobody-asked-for", v5_0, When::idle, {0x82}, "F0 06 18 04 15 00 01 61", {"MQTT5-4.12.0-6", "MQTT5-3.15-n1"}},
    {"auth-without-a-method", v5_0, When::idle, {0x82, 0x81}, "F0 02 18 00", {"MQTT5-3.15-n1"}},
};
// clang-format on

// The identifier of what the client waits for, in hex; empty: it waits for none.
std::string lead_to(When when, Run& run, Application& application, Server& server) {
  if (when == When::connecting) {
    application.connect();
    server.accept();
    server.expect<Connect>();
    return "";
  }
  server.welcome(application);
  std::uint16_t packet_id = 0;
  if (when == When::subscribing) {
    application.subscribe(run.topic("t"), 1);
    packet_id = server.expect<Subscribe>().packet_id;
  } else if (when == When::publishing || when == When::releasing) {
    application.publish(run.topic("t"), "x", when == When::publishing ? 1 : 2);
    packet_id = server.expect<Publish>().packet_id;
  }
  return to_hex(std::string{static_cast<char>(packet_id >> 8), static_cast<char>(packet_id & 0xFF)});
}

void expect_closed(const Row& row, Run& run) {
  Application& application = run.application();
  Server& server = run.server();
  const std::string packet_id = lead_to(row.when, run, application, server);
  std::string bytes = row.bytes;
  if (const std::size_t at = bytes.find("<id>"); at != std::string::npos) bytes.replace(at, 4, packet_id);
  server.send_bytes(expand(bytes, run));
  for (const Packet& packet : server.expect_closed(row.reason_codes).packets)
    check(false, "no answer, but there is one: " + describe(packet));
  application.expect_no_message(1s);
}

CASES {
  for (const Row& row : kRows) {
    const auto body = [row](Run& run) { expect_closed(row, run); };
    const std::string slug = std::string("/client-closes-at-") + row.slug;
    CaseInfo info{.statements = row.statements, .tags = {"malformed"}};
    if (contains(row.versions, Version::v3_1_1)) {
      info.versions = v3_1_1;
      add_client_case("MQTT311-4.8.0-1" + slug, info, body);
    }
    if (contains(row.versions, Version::v5_0)) {
      info.versions = v5_0;
      info.level = Level::should;
      add_client_case("MQTT5-4.13.1-n2" + slug, info, body);
    }
  }
}

}  // namespace
}  // namespace mqttvet::conformance
