// SUBSCRIBE (section 3.8) and UNSUBSCRIBE (section 3.10).
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(DecodeSubscribe, HasAQosForEachTopicFilter) {
  Client client = Client::connected(v3_1_1);
  const auto subscribe =
      client.sends<Subscribe>(hex("82 0C"           // SUBSCRIBE, 12 bytes
                                  "00 05"           // packet identifier 5
                                  "00 03 61 2F 2B"  // "a/+"
                                  "01"              // QoS 1
                                  "00 01 23"        // "#"
                                  "02"));           // QoS 2
  EXPECT_EQ(subscribe.packet_id, 5);
  ASSERT_EQ(subscribe.requests.size(), 2u);
  EXPECT_EQ(subscribe.requests[0].topic_filter, "a/+");
  EXPECT_EQ(subscribe.requests[0].options, (SubscriptionOptions{.maximum_qos = QoS::at_least_once}));
  EXPECT_EQ(subscribe.requests[1].topic_filter, "#");
  EXPECT_EQ(subscribe.requests[1].options, (SubscriptionOptions{.maximum_qos = QoS::exactly_once}));
}

TEST(DecodeSubscribe, HasOptionsAndPropertiesIn50) {
  Client client = Client::connected(v5_0);
  const auto subscribe =
      client.sends<Subscribe>(hex("82 18"                 // SUBSCRIBE, 24 bytes
                                  "00 05"                 // packet identifier 5
                                  "0C"                    // 12 bytes of properties:
                                  "0B FF FF FF 7F"        // Subscription Identifier 268435455
                                  "26 00 01 6B 00 01 76"  // User Property k: v
                                  "00 01 61"              // "a"
                                  "2E"           // Retain Handling 2, Retain As Published, No Local, QoS 2
                                  "00 02 61 62"  // "ab"
                                  "10"));        // Retain Handling 1, QoS 0
  EXPECT_EQ(subscribe.subscription_identifier, 268'435'455u);
  EXPECT_EQ(subscribe.user_properties, (UserProperties{{"k", "v"}}));
  ASSERT_EQ(subscribe.requests.size(), 2u);
  EXPECT_EQ(subscribe.requests[0].options,
            (SubscriptionOptions{QoS::exactly_once, true, true, RetainHandling::do_not_send}));
  EXPECT_EQ(subscribe.requests[1].options,
            (SubscriptionOptions{QoS::at_most_once, false, false, RetainHandling::send_if_new}));
}

TEST(DecodeSubscribe, TakesAShareNameForAnOrdinaryLevelIn311) {
  Client client = Client::connected(v3_1_1);
  const auto subscribe = client.sends<Subscribe>(
      hex("82 0E"                             // SUBSCRIBE, 14 bytes
          "00 05"                             // packet identifier 5
          "00 09 24 73 68 61 72 65 2F 2F 74"  // "$share//t", no shared subscription in 5.0
          "00"));                             // QoS 0
  EXPECT_EQ(subscribe.requests[0].topic_filter, "$share//t");
}

TEST(DecodeSubscribe, MayHaveDupIn31) {
  Client client = Client::connected(v3_1);
  EXPECT_EQ(client.sends<Subscribe>(hex("8A 06 0001 000161 00")).packet_id, 1);
  EXPECT_EQ(client.sends<Unsubscribe>(hex("AA 05 0001 000161")).packet_id, 1);
}

TEST(DecodeSubscribe, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"flags", v3_1_1, hex("80"), ReasonCode::malformed_packet, "MQTT311-3.8.1-1"},
      {"flags", v5_0, hex("8A"), ReasonCode::malformed_packet, "MQTT5-3.8.1-1"},
      {"packet identifier 0", v3_1_1, hex("82 06 0000 000161 00"), ReasonCode::protocol_error,
       "MQTT311-2.3.1-1"},
      {"packet identifier 0", v5_0, hex("82 07 0000 00 000161 00"), ReasonCode::protocol_error,
       "MQTT5-2.2.1-3"},
      {"no filter", v3_1_1, hex("82 02 0001"), ReasonCode::protocol_error, "MQTT311-3.8.3-3"},
      {"no filter", v5_0, hex("82 03 0001 00"), ReasonCode::protocol_error, "MQTT5-3.8.3-2"},
      {"filter without QoS", v3_1_1, hex("82 05 0001 000161"), ReasonCode::malformed_packet,
       "MQTT311-4.8.0-1"},
      {"QoS 3", v3_1_1, hex("82 06 0001 000161 03"), ReasonCode::malformed_packet, "MQTT311-3.8.3-4"},
      {"reserved bits", v3_1_1, hex("82 06 0001 000161 04"), ReasonCode::malformed_packet, "MQTT311-3.8.3-4"},
      {"reserved bits of the second", v3_1_1, hex("82 0A 0001 000161 02 000162 80"),
       ReasonCode::malformed_packet, "MQTT311-3.8.3-4"},
      {"reserved bit 6", v5_0, hex("82 07 0001 00 000161 40"), ReasonCode::malformed_packet, "MQTT5-3.8.3-5"},
      {"reserved bit 7", v5_0, hex("82 07 0001 00 000161 80"), ReasonCode::malformed_packet, "MQTT5-3.8.3-5"},
      {"QoS 3", v5_0, hex("82 07 0001 00 000161 03"), ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"Retain Handling 3", v5_0, hex("82 07 0001 00 000161 30"), ReasonCode::protocol_error,
       "MQTT5-4.13.1-1"},
      {"empty filter", v3_1_1, hex("82 05 0001 0000 00"), ReasonCode::topic_filter_invalid,
       "MQTT311-4.7.3-1"},
      {"a#", v3_1_1, hex("82 07 0001 00026123 00"), ReasonCode::topic_filter_invalid, "MQTT311-4.7.1-2"},
      {"#/a", v5_0, hex("82 09 0001 00 0003232F61 00"), ReasonCode::topic_filter_invalid, "MQTT5-4.7.1-1"},
      {"a+", v5_0, hex("82 08 0001 00 0002612B 00"), ReasonCode::topic_filter_invalid, "MQTT5-4.7.1-2"},
      {"no UTF-8", v3_1_1, hex("82 06 0001 0001C0 00"), ReasonCode::malformed_packet, "MQTT311-3.8.3-1"},
      {"no UTF-8", v5_0, hex("82 07 0001 00 0001C0 00"), ReasonCode::malformed_packet, "MQTT5-3.8.3-1"},
      {"$share//t", v5_0, hex("82 0F 0001 00 0009 24 7368617265 2F2F74 00"), ReasonCode::topic_filter_invalid,
       "MQTT5-4.8.2-1"},
      {"$share/g", v5_0, hex("82 0E 0001 00 0008 24 7368617265 2F67 00"), ReasonCode::topic_filter_invalid,
       "MQTT5-4.8.2-2"},
      {"No Local on $share/g/t", v5_0, hex("82 10 0001 00 000A 24 7368617265 2F672F74 04"),
       ReasonCode::protocol_error, "MQTT5-3.8.3-4"},
      {"Subscription Identifier 0", v5_0, hex("82 09 0001 02 0B00 000161 00"), ReasonCode::protocol_error,
       "MQTT5-4.13.1-1"},
      {"two Subscription Identifiers", v5_0, hex("82 0B 0001 04 0B01 0B02 000161 00"),
       ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"Subscription Identifier of five bytes", v5_0, hex("82 0D 0001 06 0BFFFFFFFF01 000161 00"),
       ReasonCode::malformed_packet, "MQTT5-1.5.5-1"},
      {"Subscription Identifier longer than it needs", v5_0, hex("82 0A 0001 03 0B8100 000161 00"),
       ReasonCode::malformed_packet, "MQTT5-1.5.5-1"},
  });
}

TEST(DecodeUnsubscribe, IsAListOfTopicFilters) {
  Client client = Client::connected(v3_1_1);
  const auto unsubscribe =
      client.sends<Unsubscribe>(hex("A2 09"           // UNSUBSCRIBE, 9 bytes
                                    "00 06"           // packet identifier 6
                                    "00 01 61"        // "a"
                                    "00 02 2B 2F"));  // "+/"
  EXPECT_EQ(unsubscribe.packet_id, 6);
  EXPECT_EQ(unsubscribe.topic_filters, (std::vector<std::string>{"a", "+/"}));
}

TEST(DecodeUnsubscribe, HasUserPropertiesIn50) {
  Client client = Client::connected(v5_0);
  const auto unsubscribe =
      client.sends<Unsubscribe>(hex("A2 0D"                 // UNSUBSCRIBE, 13 bytes
                                    "00 06"                 // packet identifier 6
                                    "07"                    // 7 bytes of properties:
                                    "26 00 01 6B 00 01 76"  // User Property k: v
                                    "00 01 61"));           // "a"
  EXPECT_EQ(unsubscribe.user_properties, (UserProperties{{"k", "v"}}));
  EXPECT_EQ(unsubscribe.topic_filters, (std::vector<std::string>{"a"}));
}

TEST(DecodeUnsubscribe, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"flags", v3_1_1, hex("A0"), ReasonCode::malformed_packet, "MQTT311-3.10.1-1"},
      {"flags", v5_0, hex("AA"), ReasonCode::malformed_packet, "MQTT5-3.10.1-1"},
      {"packet identifier 0", v3_1_1, hex("A2 05 0000 000161"), ReasonCode::protocol_error,
       "MQTT311-2.3.1-1"},
      {"no filter", v3_1_1, hex("A2 02 0001"), ReasonCode::protocol_error, "MQTT311-3.10.3-2"},
      {"no filter", v5_0, hex("A2 03 0001 00"), ReasonCode::protocol_error, "MQTT5-3.10.3-2"},
      {"empty filter", v5_0, hex("A2 05 0001 00 0000"), ReasonCode::topic_filter_invalid, "MQTT5-4.7.3-1"},
      {"a/#/b", v3_1_1, hex("A2 09 0001 0005612F232F62"), ReasonCode::topic_filter_invalid,
       "MQTT311-4.7.1-2"},
      {"no UTF-8", v3_1_1, hex("A2 05 0001 0001C0"), ReasonCode::malformed_packet, "MQTT311-3.10.3-1"},
      {"no UTF-8", v5_0, hex("A2 06 0001 00 0001C0"), ReasonCode::malformed_packet, "MQTT5-3.10.3-1"},
      {"half a filter", v3_1_1, hex("A2 05 0001 000261"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
  });
}

}  // namespace
}  // namespace mqttvet::codec
