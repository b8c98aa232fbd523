// Stories of real client programs on the target: the Paho libraries for C and C++, each with a raw client
// that watches. A story is a case for each library.
#include <set>

#include "conformance/interop/story.h"

namespace mqttvet::conformance {
namespace {

const ProgramSettings kKeepsItsSession{
    .connect = {.clean_start = false, .properties = {{PropertyId::session_expiry_interval, 600}}}};

CASES {
  add_story("MQTT5-3.1.4-5/connects-and-disconnects",
            {.statements = {"MQTT311-3.1.4-4"}, .versions = all_versions}, [](Run& run, Library library) {
              Application& application = connected(run, library);
              application.expect_done(application.disconnect());
              application.expect_done(application.connect());
              application.expect_done(application.disconnect());
            });

  for (const std::uint8_t qos : {0, 1, 2}) {
    CaseInfo info{.versions = all_versions};
    if (qos == 1) info.needs = {Capability::qos_1};
    if (qos == 2) info.needs = {Capability::qos_2};
    info.statements = qos == 0   ? std::vector<std::string>{"MQTT311-4.3.1-1"}
                      : qos == 1 ? std::vector<std::string>{"MQTT311-4.3.2-2"}
                                 : std::vector<std::string>{"MQTT311-4.3.3-2"};
    const std::string statement = qos == 0 ? "MQTT5-4.3.1-1" : qos == 1 ? "MQTT5-4.3.2-4" : "MQTT5-4.3.3-11";
    add_story(statement + "/a-message-each-way-at-qos-" + std::to_string(qos), info,
              [qos](Run& run, Library library) {
                Application& application = subscribed(run, library, run.topic("to/program"), qos);
                Client& watcher = run.subscribed(run.topic("from/program"), qos);
                application.expect_done(application.publish(run.topic("from/program"), "hello", qos));
                const Publish publish = watcher.receive();
                check_equal(publish.payload, "hello", "payload");
                check_equal(publish.qos, qos, "QoS");
                watcher.publish(run.topic("to/program"), "welcome", qos);
                check_equal(application.expect_message(run.topic("to/program"), "welcome").qos, qos,
                            "QoS that the program is told");
              });
  }

  add_story("MQTT5-4.6.0-5/fifty-messages-in-order",
            {.statements = {"MQTT311-4.6.0-6"}, .versions = v3_1_1 | v5_0, .needs = {Capability::qos_2}},
            [](Run& run, Library library) {
              Application& receiver = subscribed(run, library, run.topic("t"), 2);
              Application& sender = connected(run, other(library));
              for (int i = 0; i < 50; ++i) sender.publish(run.topic("t"), std::to_string(i), 2);
              for (int i = 0; i < 50; ++i) receiver.expect_message(run.topic("t"), std::to_string(i));
              receiver.expect_no_message(100ms);
            });

  add_story("MQTT5-3.3.2-1/a-large-message-each-way",
            {.statements = {"MQTT311-3.3.2-1"}, .versions = v3_1_1 | v5_0}, [](Run& run, Library library) {
              std::string large;
              for (int i = 0; i < 60'000; ++i) large += static_cast<char>(i * 31);
              Application& application = subscribed(run, library, run.topic("to/program"), 0);
              Client& watcher = run.subscribed(run.topic("from/program"), 0);
              application.expect_done(application.publish(run.topic("from/program"), large, 0));
              watcher.expect_publish(run.topic("from/program"), large);
              watcher.publish(run.topic("to/program"), large);
              application.expect_message(run.topic("to/program"), large);
            });

  add_story("MQTT5-3.3.1-9/a-retained-message",
            {.statements = {"MQTT311-3.3.1-8"}, .versions = v3_1_1 | v5_0, .needs = {Capability::retain}},
            [](Run& run, Library library) {
              Client& owner = run.connected("owner");  // who takes it back
              owner.publish({.retain = true, .topic = run.topic("a"), .payload = "old"});
              owner.ping();
              Application& application = subscribed(run, library, run.topic("+"), 0);
              check(application.expect_message(run.topic("a"), "old").retain,
                    "the program is told that it is retained");
              owner.publish({.retain = true, .topic = run.topic("a"), .payload = "new"});
              check(!application.expect_message(run.topic("a"), "new").retain,
                    "the program is told that it is not retained");
            });

  add_story("MQTT5-3.10.4-2/nothing-more-behind-unsubscribe",
            {.statements = {"MQTT311-3.10.4-2"}, .versions = v3_1_1 | v5_0}, [](Run& run, Library library) {
              Application& application = subscribed(run, library, run.topic("t"), 0);
              Client& publisher = run.connected("publisher");
              publisher.publish(run.topic("t"), "first");
              application.expect_message(run.topic("t"), "first");
              application.expect_done(application.unsubscribe(run.topic("t")));
              publisher.publish(run.topic("t"), "second");
              application.expect_no_message();
            });

  add_story("MQTT5-3.1.2-8/the-will-of-a-program-that-is-taken-over",
            {.statements = {"MQTT311-3.1.2-8"}, .versions = v3_1_1 | v5_0}, [](Run& run, Library library) {
              Client& watcher = run.subscribed(run.topic("will"), 0, "watcher");
              Application& application = connected(
                  run, library, {.connect = {.will = Will{.topic = run.topic("will"), .payload = "gone"}}});
              Client& heir = run.client("heir");
              heir.set_client_id(application.client_id());
              heir.connect();
              watcher.expect_publish(run.topic("will"), "gone");
            });

  add_story("MQTT5-3.14.4-3/no-will-of-a-program-that-says-goodbye",
            {.statements = {"MQTT311-3.14.4-3"}, .versions = v3_1_1 | v5_0}, [](Run& run, Library library) {
              Client& watcher = run.subscribed(run.topic("will"), 0, "watcher");
              Application& application = connected(
                  run, library, {.connect = {.will = Will{.topic = run.topic("will"), .payload = "gone"}}});
              application.expect_done(application.disconnect());
              watcher.expect_nothing();
            });

  add_story("MQTT5-3.1.2-23/what-was-queued-for-a-program-that-was-away",
            {.statements = {"MQTT311-3.1.2-5"},
             .versions = v3_1_1 | v5_0,
             .needs = {Capability::persistent_session, Capability::qos_2}},
            [](Run& run, Library library) {
              Application& application = connected(run, library, kKeepsItsSession);
              application.expect_done(application.subscribe(run.topic("t"), 2));
              application.expect_done(application.disconnect());
              Client& publisher = run.connected("publisher");
              for (const char* payload : {"1", "2", "3"}) publisher.publish(run.topic("t"), payload, 1);
              for (const char* payload : {"4", "5", "6"}) publisher.publish(run.topic("t"), payload, 2);
              application.expect_done(application.connect());
              std::set<std::string> payloads;  // order holds for each QoS
              for (int i = 0; i < 6; ++i) payloads.insert(application.expect_message().payload);
              check_equal(payloads.size(), 6, "number of different messages");
              application.expect_no_message(100ms);
              application.expect_done(application.disconnect());
              run.client("broom").set_client_id(application.client_id());
              run.clients().back()->connect();  // Clean Start: the session goes
            });

  add_story("MQTT5-3.1.2-20/a-quiet-program-stays-connected",
            {.statements = {"MQTT311-3.1.2-23"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}},
            [](Run& run, Library library) {
              Application& application = connected(run, library, {.connect = {.keep_alive = 2}});
              application.expect_done(application.subscribe(run.topic("t"), 0));
              run.sleep(6s);
              run.connected("publisher").publish(run.topic("t"), "still there?");
              application.expect_message(run.topic("t"), "still there?");
            });

  add_story(
      "MQTT5-4.4.0-1/a-program-comes-back-after-a-restart",
      {.statements = {"MQTT311-4.4.0-1"},
       .versions = v3_1_1 | v5_0,
       .needs = {Capability::restart, Capability::persistent_session, Capability::durable, Capability::qos_1},
       .alone = true},
      [](Run& run, Library library) {
        ProgramSettings settings = kKeepsItsSession;
        settings.reconnect = true;
        Application& application = connected(run, library, settings);
        application.expect_done(application.subscribe(run.topic("t"), 1));
        run.restart();
        run.connected("publisher").publish(run.topic("t"), "after", 1);
        application.expect_message(run.topic("t"), "after", 20s);
      });
}

}  // namespace
}  // namespace mqttvet::conformance
