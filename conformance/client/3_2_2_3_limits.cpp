// What a CONNACK of 5.0 takes away from the client, and what a CONNECT of its own takes away from the server.
#include <algorithm>

#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

std::vector<Publish> publishes_in(const std::vector<Packet>& inbox) {
  std::vector<Publish> found;
  for (const Packet& packet : inbox) {
    if (const auto* publish = std::get_if<Publish>(&packet)) found.push_back(*publish);
  }
  return found;
}

// --- Receive Maximum of the server ---

CLIENT_CASE("MQTT5-3.3.4-7/client-keeps-to-the-receive-maximum-of-the-server",
            {.statements = {"MQTT5-4.9.0-1", "MQTT5-4.9.0-2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::receive_maximum, 2}}));
  for (int i = 0; i < 6; ++i)
    application.publish(run.topic("t"), std::to_string(i), static_cast<std::uint8_t>(1 + i % 2));
  run.sleep(5s);
  check_equal(publishes_in(server.inbox()).size(), 2, "number of unacknowledged PUBLISHes");
  for (int i = 0; i < 6; ++i) {
    const auto publish = server.expect<Publish>();
    server.acknowledge(publish);
    run.sleep(1s);
    check(publishes_in(server.inbox()).size() <= 2, "never more than two are unacknowledged");
  }
}

CLIENT_CASE("MQTT5-4.9-n1/client-counts-a-qos-2-message-until-pubcomp", {.statements = {"MQTT5-3.3.4-7"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::receive_maximum, 1}}));
  application.publish(run.topic("t"), "first", 2);
  application.publish(run.topic("t"), "second", 2);
  const std::uint16_t packet_id = server.expect<Publish>().packet_id;
  server.send(Pubrec{.packet_id = packet_id});
  server.expect<Pubrel>();
  server.expect_nothing();
  server.send(Pubcomp{.packet_id = packet_id});
  server.expect<Publish>();
}

CLIENT_CASE("MQTT5-4.9-n1/client-goes-on-behind-a-pubrec-that-refuses", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::receive_maximum, 1}}));
  application.publish(run.topic("t"), "first", 2);
  application.publish(run.topic("t"), "second", 2);
  server.send(Pubrec{.packet_id = server.expect<Publish>().packet_id, .reason_code = 0x97});
  check_equal(server.expect<Publish>().payload, "second", "payload of the next PUBLISH");
}

CLIENT_CASE("MQTT5-3.3.4-8/client-whose-quota-is-used-up-sends-other-packets", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::receive_maximum, 1}}));
  application.publish(run.topic("t"), "first", 1);
  application.publish(run.topic("t"), "waits", 1);

  const Asked asked = application.subscribe(run.topic("f"), 1);
  server.grant();
  application.expect_done(asked);
}

CLIENT_CASE("MQTT5-4.9.0-3/client-whose-quota-is-used-up-answers-and-pings",
            {.statements = {"MQTT5-3.3.4-8"}, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 10}});
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::receive_maximum, 1}}));
  application.publish(run.topic("t"), "first", 1);
  application.publish(run.topic("t"), "waits", 1);
  server.send(Publish{.qos = 1, .topic = run.topic("f"), .packet_id = 3, .payload = "x"});
  server.expect<Puback>();
  server.send(Publish{.qos = 2, .topic = run.topic("f"), .packet_id = 4, .payload = "x"});
  server.expect<Pubrec>();
  server.send(Pubrel{.packet_id = 4});
  server.expect<Pubcomp>();
  server.expect<Pingreq>(12s);
}

CLIENT_CASE("MQTT5-3.3.4-7/client-keeps-to-the-receive-maximum-when-it-sends-again", {.tags = {"resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  for (int i = 0; i < 4; ++i) application.publish(run.topic("t"), std::to_string(i), 1);
  for (int i = 0; i < 4; ++i) server.expect<Publish>();
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = true, .properties = {{PropertyId::receive_maximum, 1}}});
  for (int i = 0; i < 4; ++i) {
    run.sleep(2s);
    check(publishes_in(server.inbox()).size() <= 1, "never more than one is unacknowledged");
    server.acknowledge(server.expect<Publish>());
  }
}

// --- Maximum QoS, Retain Available, Maximum Packet Size, Topic Alias Maximum of the server ---

CLIENT_CASE("MQTT5-3.2.2-11/client-publishes-nothing-above-the-maximum-qos", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::maximum_qos, 0}}));
  application.publish(run.topic("t"), "x", 2);
  application.publish(run.topic("t"), "x", 1);
  run.sleep(1s);
  for (const Publish& publish : publishes_in(server.inbox()))
    check(publish.qos == 0, "no PUBLISH is above the Maximum QoS of the server: " + describe(publish));
}

CLIENT_CASE("MQTT5-3.2.2-14/client-publishes-nothing-retained-when-that-is-not-available", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::retain_available, 0}}));
  application.publish(Publish{.qos = 1, .retain = true, .topic = run.topic("t"), .payload = "x"});
  run.sleep(1s);
  for (const Publish& publish : publishes_in(server.inbox()))
    check(!publish.retain, "no PUBLISH has RETAIN 1: " + describe(publish));
}

CLIENT_CASE("MQTT5-3.2.2-15/client-sends-nothing-larger-than-the-server-takes", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::maximum_packet_size, 100}}));
  expect_never_sent<Publish>(run, application, server,
                             application.publish(run.topic("t"), std::string(100, 'x'), 1));
}

CLIENT_CASE("MQTT5-3.2.2-18/client-sends-no-topic-alias-when-the-server-takes-none", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(Publish{
      .qos = 1, .topic = run.topic("t"), .properties = {{PropertyId::topic_alias, 1}}, .payload = "x"});
  run.sleep(1s);
  for (const Publish& publish : publishes_in(server.inbox()))
    check(!find(publish.properties, PropertyId::topic_alias),
          "no PUBLISH has a Topic Alias: " + describe(publish));
}

CLIENT_CASE("MQTT5-3.2.2-17/client-sends-no-topic-alias-above-the-maximum",
            {.statements = {"MQTT5-3.3.2-9"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::topic_alias_maximum, 2}}));
  for (const std::uint32_t alias : {1U, 2U, 3U}) {
    application.publish(Publish{
        .qos = 1, .topic = run.topic("t"), .properties = {{PropertyId::topic_alias, alias}}, .payload = "x"});
  }
  run.sleep(1s);
  for (const Publish& publish : publishes_in(server.inbox()))
    check(number(publish.properties, PropertyId::topic_alias).value_or(0) <= 2,
          "no Topic Alias is above 2: " + describe(publish));
}

// --- The client's own maxima, when the server does not keep to them ---

CLIENT_CASE("MQTT5-3.3.4-9/client-closes-when-its-receive-maximum-is-exceeded", {.level = Level::should}) {
  Application& application = run.application({.connect = {.properties = {{PropertyId::receive_maximum, 2}}}});
  Server& server = run.server();
  server.welcome(application);
  for (const std::uint16_t packet_id : {1, 2, 3})  // QoS 2, so that none is acknowledged before PUBREL
    server.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = packet_id, .payload = "x"});
  server.expect_closed({0x93});
}

CLIENT_CASE("MQTT5-3.1.2-24/client-closes-at-a-packet-beyond-its-maximum-size",
            {.statements = {"MQTT5-3.1.2.11.4-n3"}, .level = Level::should}) {
  Application& application =
      run.application({.connect = {.properties = {{PropertyId::maximum_packet_size, 100}}}});
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.topic = run.topic("t"), .payload = std::string(200, 'x')});
  server.expect_closed({0x95});
}

// --- Topic Aliases from the server ---

const ProgramSettings kTakesThreeAliases{.connect = {.properties = {{PropertyId::topic_alias_maximum, 3}}}};

Publish aliased(std::uint32_t alias, std::string topic) {
  return {.topic = std::move(topic), .properties = {{PropertyId::topic_alias, alias}}, .payload = "x"};
}

CLIENT_CASE("MQTT5-3.3.2-10/client-takes-every-topic-alias-it-allows",
            {.statements = {"MQTT5-3.3.2.3.4-n1"}}) {
  Application& application = run.application(kTakesThreeAliases);
  Server& server = run.server();
  server.welcome(application);
  for (const std::uint32_t alias : {3U, 1U}) {
    server.send(aliased(alias, run.topic(std::to_string(alias))));
    application.expect_message(run.topic(std::to_string(alias)), "x");
  }
  for (const std::uint32_t alias : {1U, 3U}) {
    server.send(aliased(alias, ""));
    application.expect_message(run.topic(std::to_string(alias)), "x");
  }
  server.send(aliased(1, run.topic("another")));
  application.expect_message(run.topic("another"), "x");
  server.send(aliased(1, ""));
  application.expect_message(run.topic("another"), "x");
}

CLIENT_CASE("MQTT5-3.1.2-26/client-closes-at-a-topic-alias-above-its-maximum",
            {.statements = {"MQTT5-3.3.4-n2"}, .level = Level::should}) {
  Application& application = run.application(kTakesThreeAliases);
  Server& server = run.server();
  server.welcome(application);
  server.send(aliased(4, run.topic("t")));
  server.expect_closed({0x94, 0x82});
}

CLIENT_CASE("MQTT5-3.3.4-n3/client-closes-at-a-topic-alias-that-was-never-set", {.level = Level::should}) {
  Application& application = run.application(kTakesThreeAliases);
  Server& server = run.server();
  server.welcome(application);
  server.send(aliased(2, ""));
  server.expect_closed({0x82, 0x94});
}

CLIENT_CASE("MQTT5-3.3.2-7/client-forgets-topic-aliases-with-the-connection", {.tags = {"resume"}}) {
  ProgramSettings settings = keeps_its_session();
  settings.connect.properties.emplace_back(PropertyId::topic_alias_maximum, 3U);
  Application& application = run.application(settings);
  Server& server = run.server();
  server.welcome(application);
  server.send(aliased(1, run.topic("t")));
  application.expect_message();
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = true});
  server.send(aliased(1, ""));
  run.sleep(1s);
  // It should close as well: that is another case.
  if (application.has_message())
    check(application.expect_message().topic.empty(), "the mapping of the last connection is not used");
}

}  // namespace
}  // namespace mqttvet::conformance
