// How many packets a second one broker takes in and gives out, without sockets and disk.
#include <benchmark/benchmark.h>

#include <string>

#include "broker/core/broker.h"

namespace mqttvet::core {
namespace {

std::string text(const std::string& value) {
  return std::string{'\0', static_cast<char>(value.size())} + value;
}

std::string packet(char first_byte, const std::string& rest) {
  return std::string{first_byte, static_cast<char>(rest.size())} + rest;
}

class Fixture {
 public:
  Fixture(int subscribers, char qos) : broker_(Config{.max_inflight = 0}, 1, Snapshot{}, Now{}), qos_(qos) {
    for (int i = 0; i <= subscribers; ++i) {
      const ConnectionId id{static_cast<std::uint64_t>(i)};
      step(Opened{id, "peer"});
      const std::string connect =
          text("MQTT") + std::string("\x04\x02\0\0", 4) + text("client" + std::to_string(i));
      step(Received{id, packet('\x10', connect)});
      if (i > 0)
        step(Received{id, packet('\x82', std::string("\0\1", 2) + text("sensors/+/temperature") + qos)});
    }
    const std::string packet_id = qos == 0 ? "" : std::string("\0\1", 2);
    publish_ = packet(static_cast<char>(0x30 | qos << 1),
                      text("sensors/kitchen/temperature") + packet_id + "21.5 degrees");
  }

  // One PUBLISH in; every subscriber gets and acknowledges it.
  void exchange() {
    actions_.clear();
    broker_.step(Received{ConnectionId{0}, publish_}, Now{}, actions_);
    received_.swap(actions_);
    for (const Action& action : received_) {
      const auto* send = std::get_if<Send>(&action);
      if (send == nullptr) continue;
      actions_.clear();
      broker_.step(Written{send->connection, send->head.size() + (send->payload ? send->payload->size() : 0)},
                   Now{}, actions_);
      if (qos_ == 0 || (send->head[0] & 0xF0) != 0x30) continue;
      std::string puback("\x40\x02\0\0", 4);
      puback[2] = send->head[send->head.size() - 2];  // the packet id ends the head
      puback[3] = send->head[send->head.size() - 1];
      broker_.step(Received{send->connection, puback}, Now{}, actions_);
    }
  }

 private:
  void step(const Input& input) {
    actions_.clear();
    broker_.step(input, Now{}, actions_);
  }

  Broker broker_;
  char qos_;
  std::string publish_;
  Actions actions_, received_;
};

// Arguments: subscribers, QoS. Items: deliveries.
void broker_delivers(benchmark::State& state) {
  const auto subscribers = static_cast<int>(state.range(0));
  Fixture fixture(subscribers, static_cast<char>(state.range(1)));
  for (auto _ : state) fixture.exchange();
  state.SetItemsProcessed(state.iterations() * subscribers);
}
BENCHMARK(broker_delivers)->ArgsProduct({{1, 100}, {0, 1}});

}  // namespace
}  // namespace mqttvet::core
