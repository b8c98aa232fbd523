// A client that comes back: section 4.4, and emqttd's walk.
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

TEST(Walk, SubscriberComesBackToItsPubrelsItsInflightAndItsQueue) {
  TestBroker world({.max_inflight = 4});
  Client subscriber = world.connect("subscriber");
  subscriber.send(subscribe(1, "t/#", 2));
  Client publisher = world.connect("publisher", {.clean = true});
  for (int i = 1; i <= 6; ++i) {
    publisher.send(publish("t/" + std::to_string(i), "m",
                           {.qos = i % 2 == 1 ? 2 : 1, .packet_id = static_cast<std::uint16_t>(i)}));
    if (i % 2 == 1) publisher.send(pubrel(static_cast<std::uint16_t>(i)));
  }
  EXPECT_THAT(publisher.received(), ElementsAre("PUBREC 1", "PUBCOMP 1", "PUBACK 2", "PUBREC 3", "PUBCOMP 3",
                                                "PUBACK 4", "PUBREC 5", "PUBCOMP 5", "PUBACK 6"));
  EXPECT_THAT(subscriber.received(),
              ElementsAre("SUBACK 1 [02]", "PUBLISH t/1 'm' q2 id=1", "PUBLISH t/2 'm' q1 id=2",
                          "PUBLISH t/3 'm' q2 id=3", "PUBLISH t/4 'm' q1 id=4"));
  subscriber.send(pubrec(3)).send(pubrec(1));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL 3", "PUBREL 1"));
  subscriber.cut();
  publisher.send(publish("t/7", "m", {.qos = 1, .packet_id = 7}));

  Client again = world.open();
  again.send(connect("subscriber"));
  EXPECT_THAT(again.received(), ElementsAre("CONNACK sp=1 rc=00", "PUBREL 3", "PUBREL 1",
                                            "PUBLISH t/2 'm' q1 id=2 dup", "PUBLISH t/4 'm' q1 id=4 dup"));
  again.send(puback(2));
  EXPECT_THAT(again.received(), ElementsAre("PUBLISH t/5 'm' q2 id=5"));
  again.send(pubcomp(3)).send(puback(4)).send(pubcomp(1));
  EXPECT_THAT(again.received(), ElementsAre("PUBLISH t/6 'm' q1 id=6", "PUBLISH t/7 'm' q1 id=7"));
}

}  // namespace
}  // namespace mqttvet::core::testing
