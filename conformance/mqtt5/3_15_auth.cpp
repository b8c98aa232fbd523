// 3.15 AUTH: its form. What it is for is in 4_12_authentication.cpp.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr const char* kMethod = "SCRAM-SHA-256";

Auth auth(std::uint8_t code, Properties properties = {{PropertyId::authentication_method, kMethod}}) {
  return {.reason_code = code, .properties = std::move(properties)};
}

std::string in_hex(unsigned number) {
  const char* digits = "0123456789abcdef";
  return {digits[number >> 4 & 15], digits[number & 15]};
}

}  // namespace

CASES {
  for (std::uint8_t flags = 1; flags <= 15; ++flags) {
    add_case("MQTT5-3.15.1-1/flags-" + in_hex(flags).substr(1), {.tags = {"malformed", "auth"}},
             [flags](Run& run) {
               Client& client = run.connected();
               client.send(Encoder(auth(0x19), run.version()).flags(flags));
               check(client.expect_closed({0x81, 0x82}).packets.empty(), "no answer");
             });
  }
}

CASES {
  for (const std::uint8_t code : {0x01, 0x17, 0x1A, 0x7F, 0x80, 0x87, 0xFF}) {
    add_case("MQTT5-3.15.2-1/code-" + in_hex(code), {.tags = {"malformed", "auth"}}, [code](Run& run) {
      Client& client = run.connected();
      client.send(auth(code));
      check(client.expect_closed({0x81, 0x82}).packets.empty(), "no answer");
    });
  }
}

// --- After a CONNECT without Authentication Method ---

CASES {
  for (const std::uint8_t code : {0x00, 0x18, 0x19}) {
    add_case("MQTT5-3.15-n1/code-" + in_hex(code) + "-without-a-method-in-connect",
             {.statements = {"MQTT5-4.12.0-7"}, .tags = {"auth"}}, [code](Run& run) {
               Client& client = run.connected();
               client.send(auth(code));
               check(client.expect_closed({0x82}).packets.empty(), "no answer");
             });
  }
}

CASES {
  const std::pair<const char*, Properties> kProperties[] = {
      {"no-method", {}},
      {"data-without-method", {{PropertyId::authentication_data, "x"}}},
      {"two-methods",
       {{PropertyId::authentication_method, kMethod}, {PropertyId::authentication_method, kMethod}}},
      {"two-data",
       {{PropertyId::authentication_method, kMethod},
        {PropertyId::authentication_data, "x"},
        {PropertyId::authentication_data, "x"}}},
      {"two-reason-strings",
       {{PropertyId::authentication_method, kMethod},
        {PropertyId::reason_string, "x"},
        {PropertyId::reason_string, "x"}}},
  };
  for (const auto& [slug, properties] : kProperties) {
    add_case(std::string("MQTT5-3.15-n1/") + slug, {.tags = {"malformed", "auth"}},
             [properties = properties](Run& run) {
               Client& client = run.connected();
               client.send(auth(0x19, properties));
               check(client.expect_closed({0x82, 0x81}).packets.empty(), "no answer");
             });
  }
}

// Section 3.15.2.1 permits the short form for "success", and 3.15.2.2.2 wants a method in every AUTH.
CASE("MQTT5-3.15.2.1-n1/auth-of-two-bytes", {.tags = {"malformed", "auth"}}) {
  Client& client = run.connected();
  client.send_hex("F0 00");
  check(client.expect_closed({0x82, 0x81}).packets.empty(), "no answer");
}

CASE("MQTT5-3.15.2.1-n1/auth-of-one-byte-of-code", {.tags = {"malformed", "auth"}}) {
  Client& client = run.connected();
  client.send_hex("F0 01 19");
  check(client.expect_closed({0x82, 0x81}).packets.empty(), "no answer");
}

}  // namespace mqttvet::conformance
