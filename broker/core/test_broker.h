// For the tests of this folder: a broker with a clock that is moved by hand, a disk that is a map, and
// clients that are bytes. Packets are written and read here without broker/codec, in words:
//
//   TestBroker world;
//   Client alice = world.connect("alice");               // 3.1.1, CleanSession 0
//   alice.send(subscribe(1, "a/b", 1));
//   EXPECT_THAT(alice.received(), ElementsAre("SUBACK 1 [01]"));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/broker.h"
#include "broker/core/test_store.h"

namespace mqttvet::core::testing {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// --- Packets of a client -----------------------------------------------------------------------------------

std::string from_hex(std::string_view hex);  // blanks are skipped
std::string to_hex(std::string_view bytes);

struct ConnectOptions {
  int version = 4;  // 3, 4 or 5
  bool clean = false;
  std::uint16_t keep_alive = 0;  // seconds
  std::string properties = {};   // hex, 5.0 only
  std::optional<std::string> will_topic = {};
  std::string will_payload = "gone";
  int will_qos = 0;
  bool will_retain = false;
  std::string will_properties = {};  // hex, 5.0 only
  std::optional<std::string> user_name = {};
  std::optional<std::string> password = {};
};
std::string connect(const std::string& client_id, const ConnectOptions& options = {});

struct PublishOptions {
  int qos = 0;
  std::uint16_t packet_id = 0;
  bool dup = false;
  bool retain = false;
  std::optional<std::string> properties = {};  // hex; given exactly for 5.0
};
std::string publish(const std::string& topic, const std::string& payload, const PublishOptions& options = {});

// options: the whole byte of 5.0; properties: hex, given exactly for 5.0
std::string subscribe(std::uint16_t packet_id, const std::string& filter, int options,
                      const std::optional<std::string>& properties = {});
std::string unsubscribe(std::uint16_t packet_id, const std::string& filter, bool v5 = false);
std::string puback(std::uint16_t packet_id);
std::string pubrec(std::uint16_t packet_id, std::optional<int> reason_code = {});
std::string pubrel(std::uint16_t packet_id);
std::string pubcomp(std::uint16_t packet_id);
std::string pingreq();
std::string auth(int reason_code, const std::string& properties);  // hex
std::string disconnect(std::optional<int> reason_code = {}, const std::string& properties = {});

// Packets of the broker, one line each: "PUBLISH a/b 'x' q1 id=7 dup retain {properties in hex}".
std::vector<std::string> describe(std::string_view bytes, bool v5);

// --- The world ---------------------------------------------------------------------------------------------

class TestBroker;

class Client {
 public:
  Client(TestBroker& world, ConnectionId id, bool v5) : world_(&world), id_(id), v5_(v5) {}
  Client& send(const std::string& bytes);
  std::vector<std::string> received();  // since the last call
  bool closed() const;                  // by the broker
  void cut();                           // the network fails
  ConnectionId id() const { return id_; }

 private:
  TestBroker* world_;
  ConnectionId id_;
  bool v5_;
};

class TestBroker {
 public:
  explicit TestBroker(Config config = {});

  Client open(bool v5 = false, ConnectionLimits limits = {},
              std::optional<std::string> certificate_name = {});
  Client connect(const std::string& client_id, const ConnectOptions& options = {});  // and takes its CONNACK

  void step(const Input& input);                // checks the invariants, and what the seam promises
  void advance(std::chrono::nanoseconds time);  // and steps a Tick at every deadline on the way
  // The world's answer to the oldest question, which must have been asked.
  void answer(codec::ReasonCode reason_code, const std::string& user_name = {}, const std::string& data = {},
              const std::string& exchange = {});
  void crash_and_restart(std::chrono::seconds down = 0s);  // keeps what was persisted
  Resources resources() const { return broker_->resources(); }
  Counters counters() const { return broker_->counters(); }
  const Store& store() const { return store_; }
  const Actions& last_actions() const { return actions_; }
  std::vector<std::string> log;
  std::vector<std::string> problems;  // broken invariants and promises; they fail the test
  bool quiet = false;                 // a property looks at `problems` itself

  Now now{Monotonic(1h), Wall(std::chrono::hours(24 * 20000))};
  bool written_at_once = true;  // false: the write queues fill
  std::map<ConnectionId, std::string> sent;
  std::map<ConnectionId, bool> closed_by_broker;
  std::deque<Authenticate> questions;

 private:
  void take(const Actions& actions);
  void require(bool holds, const std::string& text);
  void check();

  Config config_;
  Store store_;
  std::unique_ptr<Broker> broker_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_record_ = 0;
  Actions actions_;
};

}  // namespace mqttvet::core::testing
