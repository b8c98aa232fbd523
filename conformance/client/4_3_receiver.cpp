// What the client does about messages: acknowledgements, their order, and what its application is given.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

CLIENT_CASE("MQTT5-3.3.4-1/client-answers-each-qos-as-it-should",
            {.statements = {"MQTT311-3.3.4-1", "MQTT5-4.3.2-4", "MQTT311-4.3.2-2", "MQTT5-4.3.3-8",
                            "MQTT5-4.3.3-11", "MQTT311-4.3.3-2", "MQTT5-2.2.1-5", "MQTT311-2.3.1-6",
                            "MQTT5-3.7.2-1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.topic = run.topic("t"), .payload = "zero"});
  application.expect_message(run.topic("t"), "zero");
  server.expect_nothing();
  server.send(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = 65535, .payload = "one"});
  check_equal(server.expect_next<Puback>().packet_id, 65535, "packet identifier of PUBACK");
  application.expect_message(run.topic("t"), "one");
  server.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 300, .payload = "two"});
  check_equal(server.expect_next<Pubrec>().packet_id, 300, "packet identifier of PUBREC");
  server.send(Pubrel{.packet_id = 300});
  const auto pubcomp = server.expect_next<Pubcomp>();
  check_equal(pubcomp.packet_id, 300, "packet identifier of PUBCOMP");
  check_equal(pubcomp.reason_code, 0, "reason code of PUBCOMP");
  application.expect_message(run.topic("t"), "two");
}

CLIENT_CASE("MQTT5-4.6.0-2/client-sends-pubacks-in-the-order-of-the-messages",
            {.statements = {"MQTT311-4.6.0-2"}, .versions = v3_1_1 | v5_0, .tags = {"qos1"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const std::uint16_t identifiers[] = {9, 3, 65535, 1, 77, 40, 2};
  std::string all;
  for (const std::uint16_t id : identifiers)
    all += encode(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = id, .payload = "x"}, run.version());
  server.send_bytes(all);  // at once
  for (const std::uint16_t id : identifiers)
    check_equal(server.expect<Puback>().packet_id, id, "packet identifier of the next PUBACK");
}

CLIENT_CASE("MQTT5-4.6.0-3/client-sends-pubrecs-in-the-order-of-the-messages",
            {.statements = {"MQTT311-4.6.0-3"}, .versions = v3_1_1 | v5_0, .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const std::uint16_t identifiers[] = {9, 3, 65535, 1, 77, 40, 2};
  std::string all;
  for (const std::uint16_t id : identifiers)
    all += encode(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = id, .payload = "x"}, run.version());
  server.send_bytes(all);
  for (const std::uint16_t id : identifiers)
    check_equal(server.expect<Pubrec>().packet_id, id, "packet identifier of the next PUBREC");
}

CLIENT_CASE("MQTT5-4.5.0-2/client-acknowledges-what-it-has-not-subscribed-to",
            {.statements = {"MQTT311-4.5.0-2"}, .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.qos = 1, .topic = run.topic("unsolicited"), .packet_id = 5, .payload = "x"});
  check_equal(server.expect<Puback>().packet_id, 5, "packet identifier of PUBACK");
  server.send(Publish{.qos = 2, .topic = run.topic("unsolicited"), .packet_id = 6, .payload = "x"});
  check_equal(server.expect<Pubrec>().packet_id, 6, "packet identifier of PUBREC");
}

CLIENT_CASE("MQTT5-3.10.4-2/client-acknowledges-what-comes-behind-unsuback",
            {.statements = {"MQTT311-3.10.4-2", "MQTT311-4.5.0-2", "MQTT5-4.5.0-2"},
             .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.subscribe(run.topic("t"), 1);
  server.grant();
  const Asked asked = application.unsubscribe(run.topic("t"));
  server.take_back();
  application.expect_done(asked);
  server.send(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = 5, .payload = "it was under way"});
  check_equal(server.expect<Puback>().packet_id, 5, "packet identifier of PUBACK");
}

// --- Repetitions ---

CLIENT_CASE("MQTT5-4.3.2-5/client-takes-the-same-identifier-for-a-new-message-behind-puback",
            {.statements = {"MQTT311-4.3.2-2"}, .versions = v3_1_1 | v5_0, .tags = {"qos1"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  for (const bool dup : {false, false, true}) {
    server.send(Publish{.dup = dup, .qos = 1, .topic = run.topic("t"), .packet_id = 7, .payload = "x"});
    server.expect<Puback>();
    application.expect_message(run.topic("t"), "x");
  }
}

CLIENT_CASE("MQTT5-4.3.3-10/client-is-given-a-repeated-qos-2-message-once",
            {.statements = {"MQTT311-4.3.3-2"}, .versions = v3_1_1 | v5_0, .tags = {"qos2"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  Publish publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "once"};
  server.send(publish);
  server.expect<Pubrec>();
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = true});
  publish.dup = true;
  server.send(publish);
  check_equal(server.expect<Pubrec>().packet_id, 7, "packet identifier of the second PUBREC");
  server.send(Pubrel{.packet_id = 7});
  check_equal(server.expect<Pubcomp>().packet_id, 7, "packet identifier of PUBCOMP");
  application.expect_message(run.topic("t"), "once");
  application.expect_no_message();
}

CLIENT_CASE("MQTT311-4.3.3-2/client-is-given-a-qos-2-message-once-that-is-repeated-at-once",
            {.tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  Publish publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "once"};
  server.send(publish);
  server.expect<Pubrec>();
  publish.dup = true;  // 3.1.1 does not forbid it on a live connection
  server.send(publish);
  server.expect<Pubrec>();
  server.send(Pubrel{.packet_id = 7});
  server.expect<Pubcomp>();
  application.expect_message(run.topic("t"), "once");
  application.expect_no_message();
}

CLIENT_CASE("MQTT5-4.3.3-12/client-takes-the-same-identifier-for-a-new-message-behind-pubcomp",
            {.statements = {"MQTT311-4.3.3-2"}, .versions = v3_1_1 | v5_0, .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  for (int i = 0; i < 2; ++i) {
    server.publish(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "x"});
    application.expect_message(run.topic("t"), "x");
  }
}

CLIENT_CASE("MQTT5-4.3.3-11/client-answers-a-pubrel-it-knows-nothing-of",
            {.statements = {"MQTT311-4.3.3-n1", "MQTT5-3.7.2-1"},
             .versions = v3_1_1 | v5_0,
             .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Pubrel{.packet_id = 4711});
  const auto pubcomp = server.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, 4711, "packet identifier of PUBCOMP");
  if (run.is_v5() && pubcomp.reason_code != 0x92)
    run.non_strict("PUBCOMP says Success, not Packet Identifier not found");
}

CLIENT_CASE("MQTT311-4.3.3-1/client-takes-acknowledgements-of-nothing", {.level = Level::may}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Puback{.packet_id = 4711});
  server.send(Pubrec{.packet_id = 4712});
  server.send(Pubcomp{.packet_id = 4713});
  server.expect_open();
}

// --- What the application is given ---

CLIENT_CASE("MQTT5-1.5.4-3/client-hands-out-a-topic-with-its-byte-order-mark",
            {.statements = {"MQTT311-1.5.3-3"}, .versions = v3_1_1 | v5_0, .tags = {"utf-8"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const std::string topic =
      "\xEF\xBB\xBF"
      "a/\xEF\xBB\xBF/"
      "b\xEF\xBB\xBF";
  server.send(Publish{.topic = topic, .payload = "x"});
  application.expect_message(topic, "x");
}

CLIENT_CASE("MQTT311-3.3.1-8/client-tells-what-is-retained", {.tags = {"retain"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.retain = true, .topic = run.topic("t"), .payload = "old"});
  check(application.expect_message(run.topic("t"), "old").retain, "the message is told to be retained");
  server.send(Publish{.retain = false, .topic = run.topic("t"), .payload = "new"});
  check(!application.expect_message(run.topic("t"), "new").retain, "the message is told not to be retained");
}

CLIENT_CASE("MQTT5-3.3.4-4/client-hands-out-every-subscription-identifier",
            {.statements = {"MQTT5-3.3.4-3"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.topic = run.topic("t"),
                      .properties = {{PropertyId::subscription_identifier, 1},
                                     {PropertyId::subscription_identifier, 268435455},
                                     {PropertyId::subscription_identifier, 128}},
                      .payload = "x"});
  const Publish message = application.expect_message(run.topic("t"), "x");
  check(subscription_identifiers(message.properties) == std::vector<std::uint32_t>{1, 268435455, 128},
        "all three identifiers are handed out");
}

CLIENT_CASE("MQTT5-4.10-n1/client-hands-out-the-properties-of-a-message", {.level = Level::may}) {
  const Properties sent = {{PropertyId::payload_format_indicator, 1},
                           {PropertyId::message_expiry_interval, 4000000000U},
                           {PropertyId::response_topic, "answers/here"},
                           {PropertyId::correlation_data, std::string("\x00\x01\xFF", 3)},
                           {PropertyId::content_type, "text/plain"},
                           {"a", "1"},
                           {"b", "2"},
                           {"a", "3"}};
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.topic = run.topic("t"), .properties = sent, .payload = "x"});
  check(application.expect_message(run.topic("t"), "x").properties == sent,
        "the properties are those that were sent");
}

CLIENT_CASE("MQTT311-3.3.5-1/client-hands-out-each-copy-of-overlapping-subscriptions",
            {.statements = {"MQTT5-3.3.4-4"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.topic = run.topic("t"), .payload = "x"});
  server.publish(Publish{.qos = 1, .topic = run.topic("t"), .payload = "x"});
  application.expect_message(run.topic("t"), "x");
  application.expect_message(run.topic("t"), "x");
}

}  // namespace
}  // namespace mqttvet::conformance
