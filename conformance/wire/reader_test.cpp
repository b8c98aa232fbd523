#include "conformance/wire/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/wire/describe.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/hex.h"

namespace mqttvet::wire {
namespace {

using testing::HasSubstr;
using enum Direction;
using enum Version;

// One whole packet, or the reason why it is none.
std::string line_of(std::string_view hex, Direction direction, Version version) {
  const auto result = decode(from_hex(hex), direction, version);
  if (const auto* malformed = std::get_if<Malformed>(&result)) return "malformed: " + malformed->text;
  return describe(std::get<Packet>(result));
}
std::string from_client(std::string_view hex, Version version) {
  return line_of(hex, client_to_server, version);
}
std::string from_server(std::string_view hex, Version version) {
  return line_of(hex, server_to_client, version);
}

TEST(Reader, ReadsConnectOfEachVersion) {
  EXPECT_EQ(from_client("10 11 "                       // CONNECT, Remaining Length 17
                        "00 06 4D 51 49 73 64 70 03 "  // "MQIsdp", 3
                        "02 00 0A "                    // Clean Session, keep-alive 10 s
                        "00 03 62 6F 62",              // "bob"
                        v3_1),
            R"(CONNECT 3.1 client="bob" clean=1 keep-alive=10s)");
  EXPECT_EQ(
      from_client("10 25 "                 // CONNECT, Remaining Length 37
                  "00 04 4D 51 54 54 05 "  // "MQTT", 5
                  "F6 01 02 "              // user name, password, retain, QoS 2, will, clean start; 258 s
                  "05 11 FF FF FF FF "     // Property Length 5: Session Expiry Interval
                  "00 01 63 "              // client id "c"
                  "05 18 00 00 00 05 "     // Will Property Length 5: Will Delay Interval 5
                  "00 01 77 00 01 00 "     // will topic "w", will payload 00
                  "00 01 75 00 01 70",     // "u", "p"
                  v5_0),
      R"(CONNECT 5.0 client="c" clean=1 keep-alive=258s {session-expiry-interval=4294967295} will="w" will-q2)"
      R"( will-retain 1B "\x00" {will-delay-interval=5} user="u" password=1B)");
}

TEST(Reader, ReadsPublishAndItsAcknowledgements) {
  EXPECT_EQ(from_server("3C 08 00 01 74 00 07 61 62 63", v3_1_1), R"(PUBLISH q2 dup id=7 "t" 3B "abc")");
  EXPECT_EQ(from_server("31 04 00 01 74 00", v5_0), R"(PUBLISH q0 retain "t" 0B)");
  EXPECT_EQ(from_client("30 07 00 00 03 23 00 01 7A", v5_0), R"(PUBLISH q0 "" 1B "z" {topic-alias=1})");
  EXPECT_EQ(from_client("40 02 00 07", v3_1_1), "PUBACK id=7");
  EXPECT_EQ(from_server("40 03 00 07 10", v5_0), "PUBACK id=7 0x10 no matching subscribers");
  EXPECT_EQ(from_server("50 04 00 07 00 00", v5_0), "PUBREC id=7");
  EXPECT_EQ(from_client("62 02 FF FF", v5_0), "PUBREL id=65535");
  EXPECT_EQ(from_server("70 0B 00 07 92 07 26 00 01 61 00 01 62", v5_0),
            R"(PUBCOMP id=7 0x92 packet identifier not found {user-property="a":"b"})");
}

TEST(Reader, ReadsSubscriptionsAndTheRest) {
  EXPECT_EQ(
      from_client("82 0A 00 02 03 0B AC 02 00 01 61 2E", v5_0),
      R"(SUBSCRIBE id=2 ["a" q2 no-local retain-as-published retain-handling=2] {subscription-identifier=300})");
  EXPECT_EQ(from_server("90 04 00 02 02 80", v3_1_1), "SUBACK id=2 [q2, 0x80]");
  EXPECT_EQ(from_client("A2 05 00 03 00 01 23", v3_1_1), R"(UNSUBSCRIBE id=3 ["#"])");
  EXPECT_EQ(from_server("B0 02 00 03", v3_1_1), "UNSUBACK id=3");
  EXPECT_EQ(from_server("B0 04 00 03 00 11", v5_0), "UNSUBACK id=3 [0x11]");
  EXPECT_EQ(from_client("C0 00", v3_1), "PINGREQ");
  EXPECT_EQ(from_server("D0 00", v3_1), "PINGRESP");
  EXPECT_EQ(from_client("E0 00", v3_1_1), "DISCONNECT");
  EXPECT_EQ(from_server("E0 01 8E", v5_0), "DISCONNECT 0x8E session taken over");
  EXPECT_EQ(from_server("F0 06 18 04 15 00 01 78", v5_0),
            R"(AUTH 0x18 continue authentication {authentication-method="x"})");
  EXPECT_EQ(from_server("20 06 01 00 03 21 00 0A", v5_0), "CONNACK ok session-present {receive-maximum=10}");
  EXPECT_EQ(from_server("20 02 FF 00", v3_1), "CONNACK ok");  // 3.1: the first byte is not used
}

TEST(Reader, ReportsWhereEachPacketWas_WhereverTheStreamIsCut) {
  const std::string stream = from_hex(
      "10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 62 "  // CONNECT 3.1.1, 15 bytes
      "C0 00 "                                         // PINGREQ, 2 bytes
      "32 06 00 01 74 00 01 7A "                       // PUBLISH id 1, 8 bytes
      "62 02 00 01");                                  // PUBREL id 1, 4 bytes
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Reader reader(client_to_server);
    std::string seen;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      reader.feed(piece);
      for (auto result = reader.next(); !std::holds_alternative<NeedMore>(result); result = reader.next()) {
        ASSERT_TRUE(std::holds_alternative<Arrival>(result))
            << std::get<Malformed>(result).text << " cut " << cut;
        const Arrival& arrival = std::get<Arrival>(result);
        seen += std::string(name_of(type_of(arrival.packet))) + "@" + std::to_string(arrival.offset) + "+" +
                std::to_string(arrival.length) + " ";
      }
    }
    EXPECT_EQ(seen, "CONNECT@0+15 PINGREQ@15+2 PUBLISH@17+8 PUBREL@25+4 ") << "cut " << cut;
    EXPECT_EQ(reader.version(), v3_1_1);
  }
}

TEST(Reader, ReportsTheProgressOfTheIncompletePacket) {
  Reader reader(server_to_client, v3_1_1);
  EXPECT_EQ(reader.peek().type, std::nullopt);
  reader.feed(from_hex("D0 00 50"));  // PINGRESP, and the first byte of a PUBREC
  ASSERT_TRUE(std::holds_alternative<Arrival>(reader.next()));
  EXPECT_EQ(reader.peek().type, PacketType::pubrec);
  EXPECT_EQ(reader.peek().offset, 2U);
  EXPECT_EQ(reader.peek().bytes, 1U);
  EXPECT_EQ(reader.peek().total, std::nullopt);
  reader.feed(from_hex("02 00"));
  ASSERT_TRUE(std::holds_alternative<NeedMore>(reader.next()));
  EXPECT_EQ(reader.peek().bytes, 3U);
  EXPECT_EQ(reader.peek().total, 4U);
  EXPECT_EQ(reader.peek().offset, 2U);
  reader.feed(from_hex("01"));
  ASSERT_TRUE(std::holds_alternative<Arrival>(reader.next()));
  EXPECT_EQ(reader.peek().bytes, 0U);
  EXPECT_EQ(reader.peek().offset, 6U);
}

TEST(Reader, WaitsForTheVersionOfAServersStream) {
  Reader reader(server_to_client);
  reader.feed(from_hex("20 03 00 00 00"));  // CONNACK of 5.0
  EXPECT_TRUE(std::holds_alternative<NeedMore>(reader.next()));
  reader.set_version(v5_0);
  EXPECT_TRUE(std::holds_alternative<Arrival>(reader.next()));
}

TEST(Reader, StaysBrokenAndSaysWhere) {
  Reader reader(client_to_server, v3_1_1);
  reader.feed(from_hex("C0 00 63 02 00 01 C0 00"));  // PINGREQ, a PUBREL with flags 3, PINGREQ
  ASSERT_TRUE(std::holds_alternative<Arrival>(reader.next()));
  for (int again = 0; again < 2; ++again) {
    const auto result = reader.next();
    ASSERT_TRUE(std::holds_alternative<Malformed>(result));
    EXPECT_EQ(std::get<Malformed>(result).offset, 2U);
    EXPECT_EQ(std::get<Malformed>(result).type, PacketType::pubrel);
  }
}

// A mistake that the first bytes show must not wait for a body that never comes.
TEST(Reader, BlamesTheFixedHeaderAtOnce) {
  EXPECT_THAT(from_client("00", v3_1_1), HasSubstr("packet type 0 is reserved"));
  EXPECT_THAT(from_client("F0", v3_1_1), HasSubstr("packet type 15 is reserved"));
  EXPECT_THAT(from_client("20", v3_1_1), HasSubstr("CONNACK never goes to a server"));
  EXPECT_THAT(from_server("E0", v3_1_1), HasSubstr("DISCONNECT never goes to a client"));
  EXPECT_THAT(from_server("10", v5_0), HasSubstr("CONNECT never goes to a client"));
  EXPECT_THAT(from_client("80", v3_1_1), HasSubstr("flags in the fixed header of SUBSCRIBE are 0"));
  EXPECT_THAT(from_client("C1", v5_0), HasSubstr("flags in the fixed header of PINGREQ are 1"));
  EXPECT_THAT(from_client("36", v5_0), HasSubstr("QoS is 3"));
  EXPECT_THAT(from_client("30 80 80 80 80", v3_1_1), HasSubstr("goes on after four bytes"));
  EXPECT_THAT(from_client("C0 80 00", v5_0), HasSubstr("Remaining Length is longer than it needs to be"));
  EXPECT_EQ(from_client("6A 02 00 01", v3_1), "PUBREL id=1");  // 3.1: DUP may be set

  Reader reader(client_to_server);
  reader.feed(from_hex("30"));
  const auto result = reader.next();
  ASSERT_TRUE(std::holds_alternative<Malformed>(result));
  EXPECT_THAT(std::get<Malformed>(result).text, HasSubstr("the first packet is not CONNECT"));
}

struct Wrong {
  const char* hex;
  Direction direction;
  Version version;
  const char* why;
};

// One broken rule per line.
const Wrong kWrong[] = {
    // CONNECT: name, level, flags
    {"10 0D 00 04 4D 51 54 54 06 02 00 00 00 01 62", client_to_server, v3_1_1, "is no version of MQTT"},
    {"10 0D 00 04 4D 51 54 54 03 02 00 00 00 01 62", client_to_server, v3_1_1, "is no version of MQTT"},
    {"10 0D 00 04 4D 51 54 54 04 03 00 00 00 01 62", client_to_server, v3_1_1, "reserved Connect Flag"},
    {"10 0D 00 04 4D 51 54 54 04 1A 00 00 00 01 62", client_to_server, v3_1_1, "Will QoS is 3"},
    {"10 0D 00 04 4D 51 54 54 04 0A 00 00 00 01 62", client_to_server, v3_1_1, "Will QoS without a will"},
    {"10 0D 00 04 4D 51 54 54 04 22 00 00 00 01 62", client_to_server, v3_1_1, "Will Retain without a will"},
    {"10 10 00 04 4D 51 54 54 04 42 00 00 00 01 62 00 01 70", client_to_server, v3_1_1,
     "Password without User"},
    {"10 0D 00 04 4D 51 54 54 04 82 00 00 00 01 62", client_to_server, v3_1_1, "User Name takes 2 bytes"},
    {"10 0E 00 04 4D 51 54 54 04 02 00 00 00 01 62 00", client_to_server, v3_1_1, "1 bytes too many"},
    {"10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 00", client_to_server, v3_1_1, "is not UTF-8"},
    // CONNACK: flags, codes
    {"20 02 02 00", server_to_client, v3_1_1, "reserved Connect Acknowledge Flags"},
    {"20 02 01 05", server_to_client, v3_1_1, "Session Present with a refusal"},
    {"20 02 00 06", server_to_client, v3_1_1, "Reason Code 0x06"},
    {"20 03 00 01 00", server_to_client, v5_0, "Reason Code 0x01"},
    {"20 02 00 00", server_to_client, v5_0, "Property Length ends"},
    {"20 05 00 00 02 24 02", server_to_client, v5_0, "maximum-qos is neither 0 nor 1"},
    {"20 06 00 00 03 21 00 00", server_to_client, v5_0, "receive-maximum is 0"},
    // PUBLISH: id, topic, DUP, properties
    {"32 05 00 01 74 00 00", client_to_server, v3_1_1, "Packet Identifier is 0"},
    {"38 03 00 01 74", client_to_server, v3_1_1, "DUP is set with QoS 0"},
    {"30 03 00 01 2B", client_to_server, v3_1_1, "has a wildcard"},
    {"30 02 00 00", client_to_server, v3_1_1, "Topic Name is empty"},
    {"30 03 00 00 00", client_to_server, v5_0, "Topic Name is empty"},
    {"30 04 00 02 C0 80", client_to_server, v3_1_1, "is not UTF-8"},        // over-long U+0000
    {"30 05 00 03 ED A0 80", client_to_server, v3_1_1, "is not UTF-8"},     // a surrogate
    {"30 06 00 04 F4 90 80 80", client_to_server, v3_1_1, "is not UTF-8"},  // beyond U+10FFFF
    {"30 06 00 01 74 02 0B 01", client_to_server, v5_0, "subscription-identifier does not belong"},
    {"30 06 00 01 74 02 7F 01", client_to_server, v5_0, "unknown property 127"},
    {"30 07 00 01 74 03 23 00 00", client_to_server, v5_0, "topic-alias is 0"},
    {"30 08 00 01 74 04 01 00 01 00", client_to_server, v5_0, "payload-format-indicator stands twice"},
    {"30 05 00 01 74 02 01", client_to_server, v5_0, "the Properties takes 2 bytes"},
    {"30 06 00 01 74 82 00 01", client_to_server, v5_0, "Property Length is longer than it needs"},
    // acknowledgements
    {"40 02 00 00", server_to_client, v3_1_1, "Packet Identifier is 0"},
    {"40 03 00 01 00", server_to_client, v3_1_1, "1 bytes too many"},
    {"40 03 00 01 92", server_to_client, v5_0, "Reason Code 0x92"},
    {"40 03 00 01 10", client_to_server, v5_0, "Reason Code 0x10"},
    {"62 03 00 01 10", client_to_server, v5_0, "Reason Code 0x10"},
    // subscriptions
    {"82 02 00 01", client_to_server, v3_1_1, "Topic Filter takes 2 bytes"},
    {"82 06 00 01 00 01 61 03", client_to_server, v3_1_1, "QoS of a subscription is 3"},
    {"82 06 00 01 00 01 61 04", client_to_server, v3_1_1, "reserved Subscription Options"},
    {"82 07 00 01 00 00 01 61 40", client_to_server, v5_0, "reserved Subscription Options"},
    {"82 07 00 01 00 00 01 61 30", client_to_server, v5_0, "Retain Handling is 3"},
    {"82 08 00 01 00 03 61 2F 23 03", client_to_server, v3_1_1, "QoS of a subscription is 3"},
    {"82 07 00 01 00 02 61 23 00", client_to_server, v3_1_1, "not alone in its level"},
    {"82 08 00 01 00 03 23 2F 61 00", client_to_server, v3_1_1, "goes on after '#'"},
    {"82 10 00 01 00 00 0A 24 73 68 61 72 65 2F 67 2F 61 04", client_to_server, v5_0, "No Local on a shared"},
    {"82 0E 00 01 00 00 08 24 73 68 61 72 65 2F 67 00", client_to_server, v5_0,
     "nothing after its ShareName"},
    {"90 02 00 01", server_to_client, v3_1_1, "Reason Code takes 1 bytes"},
    {"90 03 00 01 03", server_to_client, v3_1_1, "Reason Code 0x03"},
    {"A2 02 00 01", client_to_server, v3_1_1, "Topic Filter takes 2 bytes"},
    {"B0 03 00 01 00", server_to_client, v3_1_1, "1 bytes too many"},
    // the rest
    {"C0 01 00", client_to_server, v3_1_1, "1 bytes too many"},
    {"E0 01 00", client_to_server, v3_1_1, "1 bytes too many"},
    {"E0 01 04", server_to_client, v5_0, "Reason Code 0x04"},
    {"E0 07 00 05 11 00 00 00 01", server_to_client, v5_0, "session-expiry-interval does not belong"},
    {"F0 02 18 00", server_to_client, v5_0, "AUTH without authentication-method"},
    {"F0 00", client_to_server, v5_0, "Reason Code 0x00"},
    {"F0 06 19 04 15 00 01 78", server_to_client, v5_0, "Reason Code 0x19"},
};

TEST(Reader, BlamesEveryBrokenRule) {
  for (const Wrong& wrong : kWrong) {
    EXPECT_THAT(line_of(wrong.hex, wrong.direction, wrong.version),
                testing::AllOf(testing::StartsWith("malformed: "), HasSubstr(wrong.why)))
        << wrong.hex;
  }
}

TEST(Decode, WantsExactlyOnePacket) {
  EXPECT_EQ(from_client("C0", v3_1_1), "malformed: the packet is not complete");
  EXPECT_EQ(from_client("", v3_1_1), "malformed: the packet is not complete");
  EXPECT_EQ(from_client("C0 00 C0", v3_1_1), "malformed: there are bytes behind the packet");
}

TEST(Reader, Accepts31PacketsThatEndBeforeUserNameAndPassword) {
  EXPECT_EQ(from_client("10 0F 00 06 4D 51 49 73 64 70 03 C2 00 00 00 01 62", v3_1),
            R"(CONNECT 3.1 client="b" clean=1 keep-alive=0s)");
}

TEST(Reader, KnowsTheBridgesOfMosquitto) {
  EXPECT_EQ(from_client("10 0D 00 04 4D 51 54 54 84 02 00 00 00 01 62", v3_1_1),
            R"(CONNECT 3.1.1 bridge client="b" clean=1 keep-alive=0s)");
}

}  // namespace
}  // namespace mqttvet::wire
