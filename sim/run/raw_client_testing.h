// For tests of the raw client.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/wire/wire.h"
#include "sim/network/testing.h"
#include "sim/run/raw_client.h"

namespace mqttvet::sim {

// A broker that answers what the test says, and writes down what it was told.
struct RawClientTest : testing::Test {
  RawClientTest() {
    plan.name = plan.client_id = "alice";
    net.network.listen("broker", 1883, [this](EndpointPtr endpoint) {
      end = std::move(endpoint);
      reader = wire::Reader(wire::Direction::client_to_server);
      end->on_change([this, at = end.get()] { read(*at); });
    });
  }
  void make() {
    client = make_raw_client(net.world, net.network, plan, "broker", 1883, [this](const Arrival& arrival) {
      arrivals.push_back(fmt::format("{} q{}", arrival.payload, arrival.qos));
    });
  }
  void read(Endpoint& from) {
    char buffer[4096];
    while (const std::size_t count = from.read(buffer, sizeof buffer)) reader.feed({buffer, count});
    for (auto next = reader.next(); std::holds_alternative<wire::Arrival>(next); next = reader.next()) {
      const wire::Packet& packet = std::get<wire::Arrival>(next).packet;
      got.push_back(wire::describe(packet));
      if (std::holds_alternative<wire::Connect>(packet) && accepts)
        say(wire::Connack{.session_present = session_present, .properties = connack_properties});
    }
    const bool disconnected = !got.empty() && got.back().starts_with("DISCONNECT");
    if (from.at_end() || disconnected) from.close();
  }
  void say(const wire::Packet& packet) {
    end->write(wire::encode(packet, static_cast<wire::Version>(plan.version)));
  }
  void perform(Operation operation) {
    client->perform(operation,
                    [this](Outcome outcome) { outcomes.push_back(outcome.done ? "done" : outcome.text); });
  }
  void publish(int qos, int count = 1) {
    DoPublish operation;
    operation.topic = "t";
    operation.qos = qos;
    operation.count = count;
    perform(operation);
  }
  // What the broker was told in the meantime.
  std::vector<std::string> pass(Duration duration = std::chrono::milliseconds(100)) {
    net.pass(duration);
    return std::exchange(got, {});
  }
  void connect() {
    make();
    perform(DoConnect{});
    pass();
    outcomes.clear();
  }

  ClientPlan plan;
  bool accepts = true;
  bool session_present = true;
  wire::Properties connack_properties;
  EndpointPtr end;
  wire::Reader reader{wire::Direction::client_to_server};
  std::vector<std::string> got;
  std::vector<std::string> outcomes;
  std::vector<std::string> arrivals;
  TestNetwork net;
  std::unique_ptr<Client> client;
};

}  // namespace mqttvet::sim
