// Stories of real client programs with what only 5.0 has. A story is a case for each library.
#include <set>

#include "conformance/interop/story.h"

namespace mqttvet::conformance {
namespace {

CASES {
  add_story("MQTT5-4.10-n1/a-request-and-its-response", {.statements = {"MQTT5-3.3.2-15", "MQTT5-3.3.2-16"}},
            [](Run& run, Library library) {
              Application& responder = subscribed(run, library, run.topic("requests"), 0);
              Application& requester = subscribed(run, other(library), run.topic("answers"), 0);
              const std::string correlation("\x00\xFF\x01", 3);
              requester.publish(Publish{.topic = run.topic("requests"),
                                        .properties = {{PropertyId::response_topic, run.topic("answers")},
                                                       {PropertyId::correlation_data, correlation}},
                                        .payload = "6 x 7"});
              const Publish request = responder.expect_message(run.topic("requests"), "6 x 7");
              responder.publish(Publish{
                  .topic = text(request.properties, PropertyId::response_topic).value_or("nowhere"),
                  .properties = {{PropertyId::correlation_data,
                                  text(request.properties, PropertyId::correlation_data).value_or("")}},
                  .payload = "42"});
              const Publish answer = requester.expect_message(run.topic("answers"), "42");
              check(text(answer.properties, PropertyId::correlation_data) == correlation,
                    "the Correlation Data comes back");
            });

  add_story(
      "MQTT5-3.3.2-18/properties-each-way", {.statements = {"MQTT5-3.3.2-20", "MQTT5-3.3.2-17"}},
      [](Run& run, Library library) {
        const Properties sent = {{PropertyId::payload_format_indicator, 1},
                                 {PropertyId::content_type, "text/plain"},
                                 {"a", "1"},
                                 {"b", "2"},
                                 {"a", "3"}};
        Application& application = subscribed(run, library, run.topic("to/program"), 0);
        Client& watcher = run.subscribed(run.topic("from/program"), 0);
        application.publish(Publish{.topic = run.topic("from/program"), .properties = sent, .payload = "x"});
        const auto from = watcher.expect<Publish>();
        check(user_properties(from.properties) == user_properties(sent),
              "the program's User Properties arrive in their order");
        check(text(from.properties, PropertyId::content_type) == "text/plain",
              "the program's Content Type arrives");
        watcher.publish({.topic = run.topic("to/program"), .properties = sent, .payload = "x"});
        const Publish to = application.expect_message(run.topic("to/program"), "x");
        check(user_properties(to.properties) == user_properties(sent),
              "the program is given User Properties in their order");
        check(text(to.properties, PropertyId::content_type) == "text/plain",
              "the program is given the Content Type");
      });

  add_story("MQTT5-3.3.4-3/the-subscription-identifier", {.needs = {Capability::subscription_identifier}},
            [](Run& run, Library library) {
              Application& application = connected(run, library);
              application.expect_done(
                  application.subscribe(Subscribe{.properties = {{PropertyId::subscription_identifier, 4711}},
                                                  .subscriptions = {{.topic_filter = run.topic("t")}}}));
              run.connected("publisher").publish(run.topic("t"), "x");
              const Publish message = application.expect_message(run.topic("t"), "x");
              check(subscription_identifiers(message.properties) == std::vector<std::uint32_t>{4711},
                    "the program is told which subscription it was");
            });

  add_story("MQTT5-3.8.3-3/nothing-of-its-own-with-no-local", {}, [](Run& run, Library library) {
    Application& application = connected(run, library);
    application.expect_done(application.subscribe(
        Subscribe{.subscriptions = {{.topic_filter = run.topic("t"), .no_local = true}}}));
    application.expect_done(application.publish(run.topic("t"), "own", 0));
    application.expect_no_message();
  });

  add_story("MQTT5-4.8.2-n1/a-shared-subscription-of-two-programs",
            {.needs = {Capability::shared_subscription, Capability::qos_1}}, [](Run& run, Library library) {
              const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
              Application& one = subscribed(run, library, filter, 1);
              Application& two = subscribed(run, other(library), filter, 1);
              Client& publisher = run.connected("publisher");
              std::set<std::string> sent;
              for (int i = 0; i < 10; ++i) {
                publisher.publish(run.topic("t"), std::to_string(i), 1);
                sent.insert(std::to_string(i));
              }
              run.sleep(run.pace().quiet_for);
              for (Application* member : {&one, &two}) {
                while (member->has_message())
                  check(sent.erase(member->expect_message().payload) == 1,
                        "each message goes to one of the two programs");
              }
              check(sent.empty(), "every message goes to one of the two programs");
            });

  add_story(
      "MQTT5-3.1.2-23/a-session-that-expires",
      {.needs = {Capability::persistent_session, Capability::qos_1}, .tags = {"timer"}},
      [](Run& run, Library library) {
        Application& application = connected(
            run, library,
            {.connect = {.clean_start = false, .properties = {{PropertyId::session_expiry_interval, 1}}}});
        application.expect_done(application.subscribe(run.topic("t"), 1));
        application.expect_done(application.disconnect());
        run.sleep(1s + run.pace().timer_slack);
        run.connected("publisher").publish(run.topic("t"), "for nobody", 1);
        application.expect_done(application.connect());
        application.expect_no_message();
      });

  add_story("MQTT5-3.3.4-9/ten-messages-for-a-program-that-takes-one-at-a-time",
            {.needs = {Capability::qos_1}}, [](Run& run, Library library) {
              Application& application =
                  connected(run, library, {.connect = {.properties = {{PropertyId::receive_maximum, 1}}}});
              application.expect_done(application.subscribe(run.topic("t"), 1));
              Client& publisher = run.connected("publisher");
              for (int i = 0; i < 10; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
              for (int i = 0; i < 10; ++i) application.expect_message(run.topic("t"), std::to_string(i));
            });

  add_story("MQTT5-3.1.2-25/a-message-too-large-for-the-program", {.statements = {"MQTT5-3.1.2-24"}},
            [](Run& run, Library library) {
              Application& application = connected(
                  run, library, {.connect = {.properties = {{PropertyId::maximum_packet_size, 200}}}});
              application.expect_done(application.subscribe(run.topic("t"), 0));
              Client& publisher = run.connected("publisher");
              publisher.publish(run.topic("t"), std::string(300, 'x'));
              publisher.publish(run.topic("t"), "small");
              application.expect_message(run.topic("t"), "small");
            });
}

}  // namespace
}  // namespace mqttvet::conformance
