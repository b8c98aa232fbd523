// PUBLISH, as the client under test sends it.
#include <set>

#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    CaseInfo info{.statements = {"MQTT311-3.3.2-1", "MQTT5-3.3.1-4", "MQTT311-3.3.1-4"},
                  .versions = all_versions};
    if (qos == 0) {
      for (const char* id : {"MQTT5-4.3.1-1", "MQTT311-4.3.1-1", "MQTT5-3.3.1-2", "MQTT311-3.3.1-2",
                             "MQTT5-2.2.1-2", "MQTT311-2.3.1-5"})
        info.statements.push_back(id);
    } else if (qos == 1) {
      for (const char* id : {"MQTT5-4.3.2-2", "MQTT311-4.3.2-1", "MQTT311-2.3.1-1"})
        info.statements.push_back(id);
    } else {
      for (const char* id : {"MQTT5-4.3.3-2", "MQTT311-4.3.3-1", "MQTT311-2.3.1-1"})
        info.statements.push_back(id);
    }
    add_client_case("MQTT5-3.3.2-1/client-publishes-what-was-asked-for-at-qos-" + std::to_string(qos),
                    std::move(info), [qos](Run& run) {
                      Publish wanted{
                          .qos = qos, .retain = true, .topic = run.topic("a b/\xC3\xA9"), .payload = "hello"};
                      Application& application = run.application();
                      Server& server = run.server();
                      server.welcome(application);
                      application.publish(wanted);
                      const auto publish = server.expect<Publish>();
                      wanted.packet_id = publish.packet_id;  // non-zero, or it were malformed
                      check(publish == wanted,
                            "PUBLISH says what the application asked for, with DUP 0: " + describe(wanted));
                    });
  }
}

CLIENT_CASE("MQTT5-3.3.2-13/client-publishes-the-properties-that-were-asked-for",
            {.statements = {"MQTT5-3.3.2-19", "MQTT5-3.3.2-20", "MQTT5-2.2.2.2-n2"}}) {
  const Properties wanted = {{PropertyId::payload_format_indicator, 1},
                             {PropertyId::message_expiry_interval, 90},
                             {PropertyId::response_topic, "answers/here"},
                             {PropertyId::correlation_data, std::string("\x00\x01\xFF", 3)},
                             {PropertyId::content_type, "text/plain"},
                             {"a", "1"},
                             {"b", "2"},
                             {"a", "3"}};
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(Publish{.qos = 1, .topic = run.topic("t"), .properties = wanted, .payload = "x"});
  const auto publish = server.expect<Publish>();
  for (const Property& property : wanted) {
    if (property.id == PropertyId::user_property) continue;
    const Property* sent = find(publish.properties, property.id);
    check(sent && *sent == property, "the application's " + name_of(property.id) + " is in PUBLISH");
  }
  check(user_properties(publish.properties) == user_properties(wanted),
        "User Properties are there, in their order");
  check_equal(publish.properties.size(), wanted.size(), "number of properties");
}

// --- What a client may not send, whoever asks for it ---

struct Forbidden {
  const char* name;
  std::vector<std::string> statements;
  Versions versions;
  Publish publish;
};
const Forbidden kForbidden[] = {
    {"MQTT5-3.3.2-2/client-publishes-to-no-hash",
     {"MQTT5-4.7.0-1", "MQTT311-3.3.2-2", "MQTT311-4.7.1-1"},
     v3_1_1 | v5_0,
     {.qos = 1, .topic = "a/#", .payload = "x"}},
    {"MQTT5-3.3.2-2/client-publishes-to-no-plus",
     {"MQTT5-4.7.0-1", "MQTT311-3.3.2-2", "MQTT311-4.7.1-1"},
     v3_1_1 | v5_0,
     {.qos = 1, .topic = "a/+/b", .payload = "x"}},
    {"MQTT5-4.7.3-1/client-publishes-to-no-empty-topic",
     {"MQTT311-4.7.3-1", "MQTT5-3.3.2.1-n1"},
     v3_1_1 | v5_0,
     {.qos = 1, .topic = "", .payload = "x"}},
    {"MQTT5-4.7.3-3/client-publishes-to-no-topic-of-65536-bytes",
     {"MQTT311-4.7.3-3"},
     v3_1_1 | v5_0,
     {.qos = 1, .topic = std::string(65536, 't'), .payload = "x"}},
    {"MQTT5-1.5.4-1/client-publishes-to-no-topic-that-is-no-utf-8",
     {"MQTT311-1.5.3-1", "MQTT5-3.3.2-1"},
     v3_1_1 | v5_0,
     {.qos = 1, .topic = "a/\xED\xA0\x80", .payload = "x"}},
    {"MQTT5-3.3.2-14/client-publishes-no-response-topic-with-a-wildcard",
     {},
     v5_0,
     {.qos = 1, .topic = "t", .properties = {{PropertyId::response_topic, "answers/#"}}, .payload = "x"}},
    {"MQTT5-3.3.4-6/client-publishes-no-subscription-identifier",
     {},
     v5_0,
     {.qos = 1, .topic = "t", .properties = {{PropertyId::subscription_identifier, 7}}, .payload = "x"}},
    {"MQTT5-3.3.2-8/client-publishes-no-topic-alias-of-zero",
     {},
     v5_0,
     {.qos = 1, .topic = "t", .properties = {{PropertyId::topic_alias, 0}}, .payload = "x"}},
    {"MQTT5-1.5.7-1/client-publishes-no-user-property-that-is-no-utf-8",
     {"MQTT5-1.5.4-1"},
     v5_0,
     {.qos = 1, .topic = "t", .properties = {{"name", "\xFF"}}, .payload = "x"}},
};
CASES {
  for (const Forbidden& row : kForbidden) {
    add_client_case(row.name, {.statements = row.statements, .versions = row.versions, .tags = {"refused"}},
                    [row](Run& run) {
                      Application& application = run.application();
                      Server& server = run.server();
                      server.welcome(application);
                      expect_never_sent<Publish>(run, application, server, application.publish(row.publish));
                    });
  }
}

// --- Packet identifiers ---

CLIENT_CASE("MQTT5-2.2.1-3/client-gives-each-pending-packet-an-identifier-of-its-own",
            {.statements = {"MQTT311-2.3.1-2", "MQTT5-4.3.2-1", "MQTT5-4.3.3-1", "MQTT311-2.3.1-1",
                            "MQTT5-4.1.0-1", "MQTT311-4.1.0-1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  for (int i = 0; i < 4; ++i) {
    application.publish(run.topic("t"), "x", 1);
    application.publish(run.topic("t"), "x", 2);
    application.subscribe(run.topic("t"), 1);
    application.unsubscribe(run.topic("t"));
  }
  std::set<std::uint16_t> identifiers;  // none of them is acknowledged
  for (int i = 0; i < 16; ++i) {
    const Packet packet = server.expect_any();
    check(identifiers.insert(packet_id_of(packet).value_or(0)).second,
          "no identifier is in use twice: " + describe(packet));
  }
}

CLIENT_CASE("MQTT5-2.2.1-3/client-skips-a-pending-identifier-when-it-begins-anew",
            {.statements = {"MQTT311-2.3.1-2", "MQTT311-2.3.1-3"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "never acknowledged", 1);
  const std::uint16_t pending = server.expect<Publish>().packet_id;
  for (int i = 0; i < 65540; ++i) {  // once around
    application.publish(run.topic("t"), "x", 1);
    const auto publish = server.expect<Publish>();
    check(publish.packet_id != pending,
          "the identifier of an unacknowledged PUBLISH is not used for another");
    server.send(Puback{.packet_id = publish.packet_id});
    if (i % 1000 == 0) run.begin_transcript_anew();
  }
}

// --- QoS 1 and 2, the sender's side ---

CLIENT_CASE("MQTT5-4.3.2-3/client-is-done-with-qos-1-at-puback",
            {.statements = {"MQTT311-4.3.2-1"}, .versions = all_versions, .tags = {"qos1"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.publish(run.topic("t"), "x", 1);
  const auto publish = server.expect<Publish>();
  run.sleep(2s);
  check(!application.outcome(asked), "the message is unacknowledged until PUBACK");
  server.send(Puback{.packet_id = publish.packet_id});
  application.expect_done(asked);
}

CLIENT_CASE("MQTT5-4.3.3-4/client-answers-pubrec-with-pubrel-and-is-done-at-pubcomp",
            {.statements = {"MQTT311-4.3.3-1", "MQTT5-4.3.3-3", "MQTT5-4.3.3-5", "MQTT5-2.2.1-5",
                            "MQTT311-2.3.1-6", "MQTT311-3.6.1-1", "MQTT5-3.6.1-1", "MQTT5-3.6.2-1"},
             .versions = all_versions,
             .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.publish(run.topic("t"), "x", 2);
  const auto publish = server.expect<Publish>();
  server.expect_nothing();  // no PUBREL yet
  server.send(Pubrec{.packet_id = publish.packet_id});
  const auto pubrel = server.expect_next<Pubrel>();
  check_equal(pubrel.packet_id, publish.packet_id, "packet identifier of PUBREL");
  run.sleep(2s);
  check(!application.outcome(asked), "PUBREL is unacknowledged until PUBCOMP");
  server.send(Pubcomp{.packet_id = publish.packet_id});
  application.expect_done(asked);
}

CLIENT_CASE("MQTT5-4.6.0-4/client-sends-pubrels-in-the-order-of-the-pubrecs",
            {.statements = {"MQTT311-4.6.0-4"}, .versions = v3_1_1 | v5_0, .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  std::vector<std::uint16_t> identifiers;
  for (int i = 0; i < 5; ++i) {
    application.publish(run.topic("t"), "x", 2);
    identifiers.push_back(server.expect<Publish>().packet_id);
  }
  for (const std::size_t i : {3, 0, 4, 2, 1}) server.send(Pubrec{.packet_id = identifiers[i]});
  for (const std::size_t i : {3, 0, 4, 2, 1})
    check_equal(server.expect<Pubrel>().packet_id, identifiers[i], "packet identifier of the next PUBREL");
}

CLIENT_CASE("MQTT5-4.3.3-4/client-sends-no-pubrel-when-pubrec-refuses",
            {.statements = {"MQTT5-4.4.0-2", "MQTT5-3.5.2-1"}, .tags = {"qos2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.publish(run.topic("t"), "x", 2);
  server.send(Pubrec{.packet_id = server.expect<Publish>().packet_id, .reason_code = 0x97});
  server.expect_nothing();
  application.expect_refused(asked);
}

CLIENT_CASE("MQTT5-3.4.2-1/client-reports-a-puback-that-refuses",
            {.statements = {"MQTT5-4.4.0-2"}, .tags = {"qos1"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.publish(run.topic("t"), "x", 1);
  server.send(Puback{.packet_id = server.expect<Publish>().packet_id, .reason_code = 0x97});
  application.expect_refused(asked);
}

}  // namespace
}  // namespace mqttvet::conformance
