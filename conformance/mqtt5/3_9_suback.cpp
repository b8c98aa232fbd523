// 3.9 SUBACK: subscribe acknowledgement.
#include <algorithm>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.9.3-1/codes-follow-the-order-of-the-filters",
     {.statements = {"MQTT311-3.9.3-1"},
      .versions = all_versions,
      .needs = {Capability::qos_1, Capability::qos_2}}) {
  Client& client = run.connected();
  Subscribe subscribe{.packet_id = 3};
  const std::vector<std::uint8_t> wanted = {0, 1, 2, 1, 0, 2};
  for (const std::uint8_t qos : wanted)
    subscribe.subscriptions.push_back({run.topic(std::to_string(subscribe.subscriptions.size())), qos});
  client.send(subscribe);
  const Suback suback = client.expect<Suback>();
  check_equal(suback.reason_codes.size(), wanted.size(), "number of codes in SUBACK");
  for (std::size_t i = 0; i < wanted.size(); ++i)
    check_equal(suback.reason_codes[i], wanted[i], "code of filter " + std::to_string(i + 1));
}

CASE("MQTT5-3.9.3-2/codes-are-those-of-the-table",
     {.statements = {"MQTT311-3.9.3-2"}, .versions = v3_1_1 | v5_0}) {
  const std::vector<std::uint8_t> table =
      run.is_v5() ? std::vector<std::uint8_t>{0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2}
                  : std::vector<std::uint8_t>{0, 1, 2, 0x80};
  // Filters that many servers refuse, but none has to: deep, long, of the server's own, shared.
  std::string deep = run.topic("d");
  for (int i = 0; i < 200; ++i) deep += "/d";
  for (const std::string& filter : {run.topic("t"), std::string("$SYS/") + run.unique("x"), deep,
                                    run.topic(std::string(4000, 'l')), "$share/g/" + run.topic("t")}) {
    Client& client = run.connected();
    client.send(Subscribe{.packet_id = 1, .subscriptions = {{filter, 2}}});
    const std::size_t reaction =
        client.expect_one_of({sends<Suback>("answers with a code of the table",
                                            [&](const Suback& suback) {
                                              return std::ranges::count(table, suback.reason_codes[0]);
                                            }),
                              closes("closes the connection", false)});
    if (reaction == 0) client.disconnect();
  }
}

CASE("MQTT5-3.9.2-1/suback-fits-the-clients-maximum-packet-size", {.statements = {"MQTT5-3.9.2-2"}}) {
  Client& client = run.client();
  constexpr std::uint32_t kBytes = 20;
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  // A refused one may come with a Reason String, which must not fit here.
  for (const char* filter : {"t", "$SYS/broker/#", "a/b/c/d/e/f/g/h/i/j/k/l"}) {
    client.send(Subscribe{.packet_id = 5, .subscriptions = {{run.topic(filter), 2}}});
    const Suback suback = client.expect<Suback>();
    check(encode(suback, Version::v5_0).size() <= kBytes, "SUBACK is not larger than Maximum Packet Size");
  }
}

}  // namespace mqttvet::conformance
