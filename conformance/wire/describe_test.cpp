#include "conformance/wire/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqttvet::wire {
namespace {

TEST(Describe, SaysAPacketInOneLine) {
  EXPECT_EQ(describe(Connect{
                .version = Version::v3_1_1, .clean_start = false, .keep_alive = 10, .client_id = "bob"}),
            R"(CONNECT 3.1.1 client="bob" clean=0 keep-alive=10s)");
  EXPECT_EQ(describe(Connack{.session_present = true}), "CONNACK ok session-present");
  EXPECT_EQ(describe(Connack{.reason_code = 5}), "CONNACK 0x05 not authorized");
  EXPECT_EQ(
      describe(Publish{.dup = true, .qos = 2, .topic = "t/1", .packet_id = 7, .payload = "alice#000003"}),
      R"(PUBLISH q2 dup id=7 "t/1" 12B "alice#000003")");
  EXPECT_EQ(describe(Publish{.retain = true, .topic = "t"}), R"(PUBLISH q0 retain "t" 0B)");
  EXPECT_EQ(describe(Puback{.packet_id = 7, .reason_code = 0x10}),
            "PUBACK id=7 0x10 no matching subscribers");
  EXPECT_EQ(describe(Pubrel{.packet_id = 7}), "PUBREL id=7");
  EXPECT_EQ(describe(Subscribe{.packet_id = 2, .subscriptions = {{"a/+", 2}, {"b", 0, true, true, 2}}}),
            R"(SUBSCRIBE id=2 ["a/+" q2, "b" q0 no-local retain-as-published retain-handling=2])");
  EXPECT_EQ(describe(Suback{.packet_id = 2, .reason_codes = {2, 0x80}}), "SUBACK id=2 [q2, 0x80]");
  EXPECT_EQ(describe(Unsubscribe{.packet_id = 3, .topic_filters = {"a", "#"}}),
            R"(UNSUBSCRIBE id=3 ["a", "#"])");
  EXPECT_EQ(describe(Unsuback{.packet_id = 3}), "UNSUBACK id=3");
  EXPECT_EQ(describe(Unsuback{.packet_id = 3, .reason_codes = {0, 0x11}}), "UNSUBACK id=3 [ok, 0x11]");
  EXPECT_EQ(describe(Pingreq{}), "PINGREQ");
  EXPECT_EQ(describe(Disconnect{}), "DISCONNECT");
  EXPECT_EQ(describe(Disconnect{.reason_code = 0x8E}), "DISCONNECT 0x8E session taken over");
}

TEST(Describe, ShowsWillCredentialsAndProperties) {
  const Connect connect{.client_id = "c",
                        .will = Will{.qos = 1, .retain = true, .topic = "w", .payload = "bye"},
                        .user_name = "u",
                        .password = "pw"};
  EXPECT_EQ(describe(connect),
            R"(CONNECT 5.0 client="c" clean=1 keep-alive=0s will="w" will-q1 will-retain 3B "bye")"
            R"( user="u" password=2B)");
  EXPECT_EQ(describe(Connack{.properties = {{PropertyId::receive_maximum, 10}, {"colour", "red"}}}),
            R"(CONNACK ok {receive-maximum=10 user-property="colour":"red"})");
}

TEST(Describe, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(quoted("a\"\\\n\x1B"), R"("a\"\\\n\x1B")");
  EXPECT_EQ(quoted("gr\xC3\xBCn"), "\"gr\xC3\xBCn\"");  // UTF-8 is left alone
  EXPECT_EQ(quoted("\xC2\x9B"
                   "1m"),
            R"("\xC2\x9B1m")");                  // but not the control characters in it
  EXPECT_EQ(quoted("gr\xFCn"), R"("gr\xFCn")");  // not UTF-8
}

TEST(Describe, CutsLongPayloadsButNeverInsideACharacter) {
  EXPECT_EQ(quoted("abcdef", 4), R"("abcd"...)");
  EXPECT_EQ(quoted("abc\xC3\xBC", 4), R"("abc"...)");
  EXPECT_LT(describe(Publish{.topic = "t", .payload = std::string(100'000, 'x')}).size(), 100U);
}

TEST(Describe, NamesReasonCodes) {
  EXPECT_EQ(describe_reason_code(PacketType::suback, 0), "granted QoS 0");
  EXPECT_EQ(describe_reason_code(PacketType::connack, 2), "identifier rejected");
  EXPECT_EQ(describe_reason_code(PacketType::puback, 0x91), "packet identifier in use");
  EXPECT_EQ(describe_reason_code(PacketType::puback, 0x7F), "0x7F");
}

}  // namespace
}  // namespace mqttvet::wire
