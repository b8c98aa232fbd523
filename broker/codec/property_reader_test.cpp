// Table 2-4, from the decoder's side: which packet may have which property, and how often.
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

// One property of each id that the standard knows, and some that it doesn't.
struct PropertySample {
  int id;
  Bytes bytes;
  std::string_view carriers;  // letters of kCarriers: who may have it, sent by a client
};

// C connect, W will, P publish, A the four acknowledgements, S subscribe, U unsubscribe, D disconnect, X auth
constexpr std::string_view kCarriers = "CWPASUDX";

const std::vector<PropertySample> kSamples{
    {0x00, hex("00 00"), ""},
    {0x01, hex("01 01"), "WP"},                   // Payload Format Indicator
    {0x02, hex("02 00000001"), "WP"},             // Message Expiry Interval
    {0x03, hex("03 000161"), "WP"},               // Content Type
    {0x04, hex("04 00"), ""},                     //
    {0x08, hex("08 000161"), "WP"},               // Response Topic
    {0x09, hex("09 000161"), "WP"},               // Correlation Data
    {0x0B, hex("0B 01"), "S"},                    // Subscription Identifier
    {0x11, hex("11 00000001"), "CD"},             // Session Expiry Interval
    {0x12, hex("12 000161"), ""},                 // Assigned Client Identifier
    {0x13, hex("13 0001"), ""},                   // Server Keep Alive
    {0x15, hex("15 000161"), "CX"},               // Authentication Method
    {0x16, hex("16 000161"), "CX"},               // Authentication Data
    {0x17, hex("17 01"), "C"},                    // Request Problem Information
    {0x18, hex("18 00000001"), "W"},              // Will Delay Interval
    {0x19, hex("19 01"), "C"},                    // Request Response Information
    {0x1A, hex("1A 000161"), ""},                 // Response Information
    {0x1C, hex("1C 000161"), ""},                 // Server Reference
    {0x1F, hex("1F 000161"), "ADX"},              // Reason String
    {0x21, hex("21 0001"), "C"},                  // Receive Maximum
    {0x22, hex("22 0001"), "C"},                  // Topic Alias Maximum
    {0x23, hex("23 0001"), "P"},                  // Topic Alias
    {0x24, hex("24 01"), ""},                     // Maximum QoS
    {0x25, hex("25 01"), ""},                     // Retain Available
    {0x26, hex("26 000161 000162"), "CWPASUDX"},  // User Property
    {0x27, hex("27 00000001"), "C"},              // Maximum Packet Size
    {0x28, hex("28 01"), ""},                     // Wildcard Subscription Available
    {0x29, hex("29 01"), ""},                     // Subscription Identifier Available
    {0x2A, hex("2A 01"), ""},                     // Shared Subscription Available
    {0x2B, hex("2B 01"), ""},                     //
    {0x7F, hex("7F 01"), ""},                     //
};

Bytes with_length(const Bytes& bytes) {
  return Bytes(1, static_cast<char>(bytes.size())) + bytes;
}

// Packets of the carrier with these properties; several, where packets of one layout share a letter.
std::vector<Bytes> packets_with(char carrier, Bytes properties) {
  // Authentication Data needs a method, and AUTH always does.
  const bool has_method = properties.find(hex("15 000161")) == 0;
  const bool has_data = properties.find(hex("16 000161")) == 0;
  if (!has_method && (carrier == 'X' || (carrier == 'C' && has_data))) properties += hex("15 000161");
  const Bytes block = with_length(properties);
  switch (carrier) {
    case 'C':
      return {hex("10") + with_length(hex("00044D515454 05 02 0000") + block + hex("000163"))};
    case 'W':
      return {hex("10") + with_length(hex("00044D515454 05 06 0000 00 000163") + block + hex("000177 0000"))};
    case 'P':
      return {hex("30") + with_length(hex("000161") + block)};
    case 'A':
      return {
          hex("40") + with_length(hex("0001 00") + block), hex("50") + with_length(hex("0001 00") + block),
          hex("62") + with_length(hex("0001 00") + block), hex("70") + with_length(hex("0001 00") + block)};
    case 'S':
      return {hex("82") + with_length(hex("0001") + block + hex("000161 00"))};
    case 'U':
      return {hex("A2") + with_length(hex("0001") + block + hex("000161"))};
    case 'D':
      return {hex("E0") + with_length(hex("00") + block)};
    default:
      return {hex("F0") + with_length(hex("18") + block)};
  }
}

// nullopt: accepted.
std::optional<DecodeError> refusal_of(const Bytes& packet) {
  Decoder decoder(1024);
  const bool is_connect = packet[0] == 0x10;
  decoder.append(is_connect ? packet : kConnectV5 + packet);
  auto result = decoder.next();
  if (!is_connect) result = decoder.next();
  if (const auto* error = std::get_if<DecodeError>(&result)) return *error;
  EXPECT_TRUE(std::holds_alternative<ClientPacket>(result));
  return std::nullopt;
}

TEST(Properties, AreAllowedWhereTable24SaysSo) {
  for (const PropertySample& sample : kSamples) {
    for (const char carrier : kCarriers) {
      for (const Bytes& packet : packets_with(carrier, sample.bytes)) {
        const auto error = refusal_of(packet);
        const bool allowed = sample.carriers.find(carrier) != std::string_view::npos;
        EXPECT_EQ(!error, allowed) << sample.id << " in " << carrier << (error ? ": " + error->text : "");
      }
    }
  }
}

TEST(Properties, StandOnceExceptTheUserProperty) {
  for (const PropertySample& sample : kSamples) {
    for (const char carrier : sample.carriers) {
      for (const Bytes& packet : packets_with(carrier, sample.bytes + sample.bytes)) {
        const auto error = refusal_of(packet);
        EXPECT_EQ(!error, sample.id == 0x26) << sample.id << " twice in " << carrier;
        if (error) {
          EXPECT_EQ(error->reason_code, ReasonCode::protocol_error) << error->text;
        }
      }
    }
  }
}

// The block ends inside a property, though the packet goes on: nothing of what follows may be read as the
// property.
TEST(Properties, DontRunOverThePropertyLength) {
  for (const PropertySample& sample : kSamples) {
    if (sample.carriers.find('P') == std::string_view::npos) continue;
    for (std::size_t length = 1; length < sample.bytes.size(); ++length) {
      const Bytes packet = hex("30") + with_length(hex("000161") + static_cast<char>(length) + sample.bytes +
                                                   hex("000000000000"));
      const auto error = refusal_of(packet);
      ASSERT_TRUE(error) << sample.id << " cut at " << length;
      EXPECT_EQ(error->reason_code, ReasonCode::malformed_packet);
    }
  }
}

TEST(Properties, ThatAreFlagsAreZeroOrOne) {
  for (const char* property : {"17 02", "19 02", "19 FF"}) {
    const auto error = refusal_of(packets_with('C', hex(property))[0]);
    ASSERT_TRUE(error) << property;
    EXPECT_EQ(error->reason_code, ReasonCode::protocol_error);
  }
  for (const char carrier : {'P', 'W'}) EXPECT_TRUE(refusal_of(packets_with(carrier, hex("01 02"))[0]));
}

TEST(Properties, HaveAnIdentifierOfOneByte) {
  const auto error = refusal_of(packets_with('P', hex("81 00 01"))[0]);  // 1, in two bytes
  ASSERT_TRUE(error);
  EXPECT_EQ(std::string_view(error->statement), "MQTT5-1.5.5-1");
  EXPECT_TRUE(refusal_of(packets_with('P', hex("81 01 01"))[0]));  // 129
}

}  // namespace
}  // namespace mqttvet::codec
