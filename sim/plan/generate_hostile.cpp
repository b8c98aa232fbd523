// A client that sends what no client should, and what few do: bytes that are no packets, packets that a
// client must not send, and some that are odd and allowed. It comes, says one of them, and comes again.
#include <span>

#include "conformance/wire/hex.h"
#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTrudy = "trudy";

// In hex. Behind a CONNECT, in 5.0.
constexpr std::string_view kAmissV5[] = {
    "20 03 00 00 00",                             // CONNACK
    "00 00",                                      // type 0
    "30 06 00 02 C3 28 00 78",                    // a Topic Name that is no UTF-8
    "C0 80 80 80 80 00",                          // a Remaining Length of five bytes
    "C1 00",                                      // PINGREQ with a flag
    "38 05 00 01 74 00 78",                       // DUP with QoS 0
    "32 06 00 01 74 00 00 00",                    // packet id 0
    "82 07 00 01 00 00 01 74 C0",                 // reserved bits of the Subscription Options
    "30 06 00 01 74 02 0B 01",                    // a Subscription Identifier in PUBLISH
    "30 0C 00 01 74 08 03 00 01 61 03 00 01 62",  // Content Type twice
    "30 06 00 01 74 01 01 01",                    // a property that ends behind the properties
    "30 07 00 00 03 23 00 05 78",                 // a Topic Alias that stands for nothing
    "30 FF FF FF 7F",                             // larger than the broker takes
    "34 06 00 01 74 00 02",                       // not whole
};
constexpr std::string_view kAmissV311[] = {
    "20 02 00 00",              // CONNACK
    "F0 00",                    // type 15
    "30 04 00 02 C3 28",        // a Topic Name that is no UTF-8
    "C0 80 80 80 80 00",        // a Remaining Length of five bytes
    "E1 00",                    // DISCONNECT with a flag
    "38 04 00 01 74 78",        // DUP with QoS 0
    "32 05 00 01 74 00 00",     // packet id 0
    "82 06 00 01 00 01 74 44",  // reserved bits of the requested QoS
};
// Instead of CONNECT.
constexpr std::string_view kNoConnect[] = {
    "10 11 00 04 4D 51 54 54 05 02 00 00 03 21 00 00 00 01 6D",  // Receive Maximum 0
    "10 0E 00 04 4D 51 54 54 05 03 00 00 00 00 01 6D",           // the reserved flag
    "10 0D 00 04 4D 51 54 54 04 03 00 00 00 01 6D",              // the same in 3.1.1
    "10 0F 00 04 4D 51 54 54 05 02 00 00 00 00 02 C3 28",        // a client identifier that is no UTF-8
    "10 0D 00 04 4D 51 54 54 02 02 00 00 00 01 6D",              // protocol level 2
    "10",                                                        // and no more
};
// Odd, and allowed in 5.0: nothing comes of it.
constexpr std::string_view kOdd[] = {
    "30 0B 00 07 24 6D 69 6E 65 2F 78 00 78",                    // PUBLISH to $mine/x
    "A2 08 00 01 00 00 03 6E 2F 76 30 07 00 03 6E 2F 76 00 78",  // UNSUBSCRIBE n/v, PUBLISH to n/v
    "34 08 00 03 6E 2F 76 00 01 00 34 08 00 03 6E 2F 76 00 01 00 62 02 00 01",  // one QoS 2 PUBLISH twice,
                                                                                // PUBREL
};

std::string bytes_of(std::string_view hex) {
  return wire::from_hex(hex);
}

// PUBLISH in 5.0 to a topic of 201 levels, which is more than the broker takes.
std::string deep_publish() {
  return bytes_of("30 CB 01 00 C8") + std::string(200, '/') + std::string(1, '\0');
}

}  // namespace

void add_hostile_client(std::uint64_t seed, Plan& plan, Duration end) {
  Draw draw(seed, "hostile");
  if (!draw.chance(15)) return;
  ClientPlan trudy;
  trudy.name = kTrudy;
  trudy.driver = Driver::raw;
  trudy.version = draw.chance(70) ? Version::v5_0 : Version::v3_1_1;
  trudy.clean_start = true;
  trudy.reconnect = false;
  const auto any_of = [&](std::span<const std::string_view> table) {
    return bytes_of(table[draw.between<std::size_t>(0, table.size() - 1)]);
  };
  const bool is_v5 = trudy.version == Version::v5_0;
  const auto add = [&](Duration at, Operation operation) {
    Step step;
    step.at = Time(at);
    step.client = kTrudy;
    step.operation = std::move(operation);
    plan.steps.push_back(std::move(step));
  };
  Duration at = draw.duration(2s, 8s);
  for (int left = draw.between(2, 6); left > 0 && at + 3s < end; --left) {
    if (draw.chance(25)) {
      DoConnect none;
      none.bytes = any_of(kNoConnect);
      add(at, none);
    } else {
      DoSend amiss;
      amiss.bytes = !is_v5 ? any_of(kAmissV311) : draw.chance(25) ? any_of(kOdd) : any_of(kAmissV5);
      if (is_v5 && draw.chance(10)) amiss.bytes = deep_publish();
      add(at, DoConnect{});
      add(at + 1s, amiss);
      add(at + 2s, DoDrop{});
    }
    at += draw.duration(3s, 15s);
  }
  plan.clients.push_back(std::move(trudy));
}

}  // namespace mqttvet::sim
