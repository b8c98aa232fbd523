// SUBSCRIBE and UNSUBSCRIBE, and what the client makes of their answers.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

CLIENT_CASE("MQTT5-3.8.1-1/client-subscribes-to-what-was-asked-for",
            {.statements = {"MQTT311-3.8.1-1", "MQTT311-3.8.3-1", "MQTT5-3.8.3-1", "MQTT311-3.8.3-4",
                            "MQTT5-3.8.3-5", "MQTT311-3.8.4-1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Subscribe wanted{
      .subscriptions = {{run.topic("a b/\xC3\xA9/+"), 2}, {run.topic("#"), 0}, {run.topic("c"), 1}}};
  const Asked asked = application.subscribe(wanted);
  const Subscribe sent = server.grant();
  check(sent.subscriptions == wanted.subscriptions,
        "SUBSCRIBE says what the application asked for: " + describe(wanted));
  application.expect_done(asked);
}

CLIENT_CASE("MQTT5-3.8.3-5/client-subscribes-with-the-options-that-were-asked-for", {}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Subscribe wanted{.properties = {{PropertyId::subscription_identifier, 268435455}, {"a", "1"}},
                         .subscriptions = {{.topic_filter = run.topic("t"),
                                            .qos = 1,
                                            .no_local = true,
                                            .retain_as_published = true,
                                            .retain_handling = 2}}};
  const Asked asked = application.subscribe(wanted);
  const Subscribe sent = server.grant();
  check(sent.subscriptions == wanted.subscriptions,
        "the options are those that were asked for: " + describe(wanted));
  check(sent.properties == wanted.properties,
        "the properties are those that were asked for: " + describe(wanted));
  application.expect_done(asked);
}

CLIENT_CASE("MQTT5-3.10.1-1/client-unsubscribes-from-what-was-asked-for",
            {.statements = {"MQTT311-3.10.1-1", "MQTT311-3.10.3-1", "MQTT5-3.10.3-1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.unsubscribe(run.topic("a/+"));
  const Unsubscribe sent = server.take_back();
  check(sent.topic_filters == std::vector<std::string>{run.topic("a/+")},
        "UNSUBSCRIBE says what the application asked for");
  application.expect_done(asked);
}

// --- Filters that are none ---

struct BadFilter {
  const char* slug;
  const char* statement;
  std::vector<std::string> statements;
  Versions versions;
  std::string filter;
};
const BadFilter kBadFilters[] = {
    {"with-a-hash-in-the-middle", "MQTT5-4.7.1-1", {"MQTT311-4.7.1-2"}, v3_1_1 | v5_0, "a/#/b"},
    {"with-a-hash-that-is-no-level", "MQTT5-4.7.1-1", {"MQTT311-4.7.1-2"}, v3_1_1 | v5_0, "a#"},
    {"with-a-plus-that-is-no-level", "MQTT5-4.7.1-2", {"MQTT311-4.7.1-3"}, v3_1_1 | v5_0, "a/b+/c"},
    {"that-is-empty", "MQTT5-4.7.3-1", {"MQTT311-4.7.3-1"}, v3_1_1 | v5_0, ""},
    {"of-65536-bytes", "MQTT5-4.7.3-3", {"MQTT311-4.7.3-3"}, v3_1_1 | v5_0, std::string(65536, 'f')},
    {"that-is-no-utf-8",
     "MQTT5-3.8.3-1",
     {"MQTT311-3.8.3-1", "MQTT5-1.5.4-1", "MQTT311-1.5.3-1"},
     v3_1_1 | v5_0,
     "a/\xC0\xAF"},
    {"shared-by-nobody", "MQTT5-4.8.2-1", {}, v5_0, "$share//t"},
    {"shared-by-a-wildcard", "MQTT5-4.8.2-2", {}, v5_0, "$share/g+/t"},
    {"shared-without-a-filter", "MQTT5-4.8.2-2", {}, v5_0, "$share/g"},
};
CASES {
  for (const BadFilter& row : kBadFilters) {
    const auto add = [&](const char* verb, auto ask, auto packet) {
      using P = decltype(packet);
      add_client_case(std::string(row.statement) + "/client-" + verb + "-no-filter-" + row.slug,
                      {.statements = row.statements, .versions = row.versions, .tags = {"refused"}},
                      [row, ask](Run& run) {
                        Application& application = run.application();
                        Server& server = run.server();
                        server.welcome(application);
                        expect_never_sent<P>(run, application, server, ask(application, row.filter));
                      });
    };
    add(
        "sends",
        [](Application& application, const std::string& filter) { return application.subscribe(filter, 1); },
        Subscribe{});
  }
}

CLIENT_CASE("MQTT5-3.10.3-1/client-takes-back-no-filter-that-is-no-utf-8",
            {.statements = {"MQTT311-3.10.3-1"}, .versions = v3_1_1 | v5_0, .tags = {"refused"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  expect_never_sent<Unsubscribe>(run, application, server, application.unsubscribe("a/\xFF"));
}

CLIENT_CASE("MQTT5-3.8.3-4/client-asks-for-no-no-local-on-a-shared-subscription", {.tags = {"refused"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.subscribe(
      Subscribe{.subscriptions = {{.topic_filter = "$share/g/" + run.topic("t"), .no_local = true}}});
  expect_never_sent<Subscribe>(run, application, server, asked);
}

CLIENT_CASE("MQTT5-3.8.3-2/client-sends-no-subscribe-without-a-filter",
            {.statements = {"MQTT311-3.8.3-3"}, .versions = v3_1_1 | v5_0, .tags = {"refused"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  expect_never_sent<Subscribe>(run, application, server, application.subscribe(Subscribe{}));
}

CLIENT_CASE("MQTT5-3.10.3-2/client-sends-no-unsubscribe-without-a-filter",
            {.statements = {"MQTT311-3.10.3-2"}, .versions = v3_1_1 | v5_0, .tags = {"refused"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  expect_never_sent<Unsubscribe>(run, application, server, application.unsubscribe(Unsubscribe{}));
}

// --- The answers ---

CLIENT_CASE("MQTT5-3.8.4-7/client-reports-a-refused-filter",
            {.statements = {"MQTT311-3.8.4-5"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.subscribe(run.topic("t"), 1);
  const auto subscribe = server.expect<Subscribe>();
  server.send(Suback{.packet_id = subscribe.packet_id,
                     .reason_codes = {static_cast<std::uint8_t>(run.is_v5() ? 0x87 : 0x80)}});
  application.expect_refused(asked);
}

CLIENT_CASE("MQTT5-3.8.4-2/client-does-not-take-the-suback-of-another-subscribe",
            {.statements = {"MQTT311-3.8.4-2"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.subscribe(run.topic("t"), 1);
  const auto subscribe = server.expect<Subscribe>();
  const auto another = static_cast<std::uint16_t>(subscribe.packet_id + 1000);
  server.send(Suback{.packet_id = another, .reason_codes = {1}});
  run.sleep(2s);
  check(application.outcome(asked) != std::optional(true), "the SUBSCRIBE is not reported as done");
}

CLIENT_CASE("MQTT5-3.8.4-2/client-matches-subacks-in-any-order",
            {.statements = {"MQTT311-3.8.4-2"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked first = application.subscribe(run.topic("1"), 1);
  const Asked second = application.subscribe(run.topic("2"), 1);
  const std::uint16_t first_id = server.expect<Subscribe>().packet_id;
  const std::uint16_t second_id = server.expect<Subscribe>().packet_id;
  server.send(Suback{.packet_id = second_id, .reason_codes = {1}});
  application.expect_done(second);
  check(!application.outcome(first), "the first SUBSCRIBE is not reported yet");
  server.send(Suback{.packet_id = first_id, .reason_codes = {0x80}});
  application.expect_refused(first);
}

CLIENT_CASE("MQTT311-3.8.4-n1/client-is-given-a-message-that-comes-before-suback",
            {.statements = {"MQTT5-3.8.4-n1"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.subscribe(run.topic("t"), 1);
  const auto subscribe = server.expect<Subscribe>();
  server.send(Publish{.retain = true, .topic = run.topic("t"), .payload = "before"});
  application.expect_message(run.topic("t"), "before");
  server.send(Suback{.packet_id = subscribe.packet_id, .reason_codes = {1}});
  application.expect_done(asked);
}

}  // namespace
}  // namespace mqttvet::conformance
