// Clients that want more than is good for others, over real sockets: memory stays bounded, and others are
// served.
#include <chrono>
#include <fstream>

#include "broker/net/test_client.h"

namespace mqttvet::net::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Le;
using Opcode = Client::Opcode;

constexpr std::size_t kMegabyte = 1024 * 1024;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Of this program, the server's and the clients' together.
std::size_t resident_bytes() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * 4096;
}

class HostileClient : public NetTest {
 protected:
  void begin() { before_ = resident_bytes(); }
  // Since begin(). Under a sanitizer, which keeps what is freed, it is not looked at.
  void expect_grown_at_most(std::size_t bytes) {
    if (kSanitized) return;
    const std::size_t now = resident_bytes();
    EXPECT_THAT(now - std::min(now, before_), Le(bytes));
  }
  std::size_t before_ = 0;
};

// PUBLISH "t", QoS 0, of 10003 bytes of Remaining Length: 0x13 + 128 * 0x4E.
std::string publish_of_10_kilobytes() {
  return std::string("\x30\x93\x4E", 3) + std::string("\x00\x01t", 3) + std::string(10'000, 'x');
}
std::string subscribe_to_t() {
  return std::string("\x82\x06\x00\x01\x00\x01t\x00", 8);
}

TEST_F(HostileClient, ASlowReader_HoldsUpNobody) {
  core::Config config;
  config.write_queue_bytes_max = kMegabyte;
  serve({listener(Scheme::mqtt), listener(Scheme::mqtts), listener(Scheme::ws)}, config);
  std::deque<Client> slow;
  for (std::size_t which = 0; which < 3; ++which) {
    Client& client = slow.emplace_back(address(which));
    if (which == 1) {
      ASSERT_TRUE(client.start_tls(trusting()));
    }
    if (which == 2) client.upgrade();
    const std::string bytes = connect_as(static_cast<char>('s' + which)) + subscribe_to_t();
    which == 2 ? client.send_frame(Opcode::binary, bytes) : client.send(bytes);
    which == 2 ? void(client.receive_frame()) : void(client.receive(4 + 5));
  }
  Client alice(address());
  alice.send(kConnect);
  alice.receive(4);
  begin();
  for (int i = 0; i < 5000; ++i) alice.send(publish_of_10_kilobytes());  // 150 MB for three readers
  alice.send(kPingreq);
  EXPECT_EQ(alice.receive(2), kPingresp);
  expect_grown_at_most(40 * kMegabyte);
  expect_served();
}

TEST_F(HostileClient, WhoSendsAndReadsNothing_IsThrownOut) {
  core::Config config;
  config.write_queue_bytes_max = 64 * 1024;
  config.maximum_packet_size_bytes = 64 * 1024;
  serve({listener(Scheme::mqtt)}, config);
  Client mallory(address());
  mallory.send(kConnect);
  std::string pings;
  for (int i = 0; i < 100'000; ++i) pings += kPingreq;
  begin();
  for (int i = 0; i < 200 && logged().find("sends, and reads nothing") == std::string::npos; ++i)
    mallory.send(pings);
  expect_logged("sends, and reads nothing");
  expect_grown_at_most(20 * kMegabyte);
  expect_served();
}

// The peer's machine is gone, without a word: only the keep alive can tell.
TEST_F(HostileClient, AHalfOpenPeer_IsGivenUpAfterItsKeepAlive) {
  serve({listener(Scheme::mqtt)});
  Client gone(address());
  std::string with_keep_alive = connect_as('g');
  with_keep_alive[11] = 1;  // the low byte of Keep Alive: one second
  gone.send(with_keep_alive);
  EXPECT_EQ(gone.receive(4), kConnack);
  EXPECT_TRUE(gone.ended()) << "after 1.5 seconds";
}

TEST_F(HostileClient, AConnectFlood_StaysWithinTheRate) {
  ListenerConfig limited = listener(Scheme::mqtt);
  limited.limits.connect_rate_max = 20;
  serve({limited, listener(Scheme::mqtt)});
  begin();
  int refused = 0;
  std::deque<Client> flood;
  for (int i = 0; i < 200; ++i) {
    Client& client = flood.emplace_back(address(0));
    client.send(connect_as('f'));
    if (client.receive(4).empty()) ++refused;
  }
  EXPECT_GE(refused, 100);
  EXPECT_THAT(logged(), HasSubstr("refused beyond connect_rate_max, 20 per second"));
  expect_grown_at_most(10 * kMegabyte);
  expect_served(1);
}

TEST_F(HostileClient, ConnectionsThatSayNothing_AreClosedInTime_WhateverTheyShouldHaveSaid) {
  std::vector<ListenerConfig> configs{listener(Scheme::mqtt), listener(Scheme::mqtts), listener(Scheme::ws),
                                      listener(Scheme::wss)};
  for (ListenerConfig& config : configs) config.limits.connect_timeout = 1s;
  serve(configs);
  const auto begin = std::chrono::steady_clock::now();
  std::deque<Client> silent;
  for (std::size_t which = 0; which < 4; ++which) silent.emplace_back(address(which));
  Client handshaken(address(1)), upgraded(address(2));
  ASSERT_TRUE(handshaken.start_tls(trusting()));
  upgraded.upgrade();
  for (Client& client : silent) EXPECT_TRUE(client.ended());
  EXPECT_TRUE(handshaken.ended()) << "without CONNECT";
  EXPECT_TRUE(upgraded.ended()) << "without CONNECT";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  for (std::size_t which = 0; which < 4; ++which) expect_served(which);
}

TEST_F(HostileClient, APacketOf256MegabytesThatIsOnlyAnnounced_CostsNothing) {
  core::Config config;
  config.maximum_packet_size_bytes = 1 + 4 + 268'435'455;
  serve({listener(Scheme::mqtt)}, config);
  std::deque<Client> clients;
  begin();
  for (char name = 'A'; name < 'Z'; ++name) {
    Client& client = clients.emplace_back(address());
    client.send(connect_as(name));
    client.receive(4);
    client.send(std::string("\x30\xFF\xFF\xFF\x7F", 5) + std::string("\x00\x01t", 3) +
                std::string(10'000, 'x'));
  }
  expect_served();
  expect_grown_at_most(20 * kMegabyte);
}

TEST_F(HostileClient, APacketAboveTheListenersLimit_EndsTheConnectionAtItsFixedHeader) {
  ListenerConfig small = listener(Scheme::mqtt);
  small.limits.packet_size_bytes_max = 1000;
  serve({small});
  Client client(address());
  client.send(kConnect);
  client.receive(4);
  client.send(std::string_view("\x30\xFF\xFF\xFF\x7F", 5));
  EXPECT_TRUE(client.ended());
}

// Each SUBSCRIBE has a thousand filters.
TEST_F(HostileClient, AMillionSubscriptions_AreRefusedBeyondTheLimit) {
  core::Config config;
  config.subscriptions_max = 5000;
  serve({listener(Scheme::mqtt)}, config);
  Client client(address());
  client.send(kConnect);
  client.receive(4);
  begin();
  int filter = 0;
  std::size_t granted = 0, refused = 0;
  for (int packet = 0; packet < 1000; ++packet) {
    std::string body("\x00\x01", 2);
    for (int i = 0; i < 1000; ++i) {
      char name[10];
      std::snprintf(name, sizeof name, "%07d", filter++);
      body += std::string("\x00\x07", 2) + name + '\0';
    }
    // Remaining Length 10002 = 0x12 + 128 * 0x4E; SUBACK: 1002 = 0x6A + 128 * 0x07
    client.send(std::string("\x82\x92\x4E", 3) + body);
    const std::string suback = client.receive(3 + 1002);
    ASSERT_EQ(suback.size(), 1005u);
    granted += static_cast<std::size_t>(std::ranges::count(suback.substr(5), '\0'));
    refused += static_cast<std::size_t>(std::ranges::count(suback.substr(5), '\x80'));
  }
  EXPECT_EQ(granted, 5000u);
  EXPECT_EQ(refused, 995'000u);
  expect_grown_at_most(20 * kMegabyte);
}

TEST_F(HostileClient, WhoPublishesFasterThanItMay_WaitsAndLosesNothing) {
  ListenerConfig limited = listener(Scheme::mqtt);
  limited.limits.message_rate_max = 100;
  serve({limited, listener(Scheme::mqtt)});
  Client bob(address(1)), alice(address(0));
  bob.send(connect_as('b') + subscribe_to_t());
  bob.receive(4 + 5);
  alice.send(kConnect);
  alice.receive(4);
  const auto begin = std::chrono::steady_clock::now();
  std::string messages;
  for (int i = 0; i < 200; ++i) messages += std::string_view("\x30\x04\x00\x01tx", 6);
  alice.send(messages + std::string(kPingreq));
  EXPECT_EQ(bob.receive(messages.size()), messages);
  EXPECT_EQ(alice.receive(2), kPingresp);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms)
      << "the first hundred are free, and one read more";
}

TEST_F(HostileClient, AGiantHeaderInAWebSocketUpgrade_IsRefused) {
  serve({listener(Scheme::ws)});
  Client client(address());
  begin();
  client.send("GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Giant: ");
  for (int i = 0; i < 1000; ++i) client.send(std::string(10'000, 'x'));
  EXPECT_TRUE(client.ended());
  expect_logged("WebSocket upgrade failed: ");
  expect_grown_at_most(10 * kMegabyte);
  expect_served();
}

TEST_F(HostileClient, PlainMqttToATlsPort_AndTheReverse) {
  serve({listener(Scheme::mqtt), listener(Scheme::mqtts), listener(Scheme::ws), listener(Scheme::wss)});
  for (std::size_t which = 1; which < 4; ++which) {
    Client plain(address(which));
    plain.send(kConnect);
    plain.send("\r\n\r\n");  // HTTP waits for the end of the header, and for nothing else of it
    EXPECT_TRUE(plain.ended()) << which;
  }
  expect_logged("TLS handshake failed");
  expect_logged("WebSocket upgrade failed");
  for (std::size_t which : {std::size_t{0}, std::size_t{2}}) {
    Client secure(address(which));
    EXPECT_FALSE(secure.start_tls(trusting())) << which;
  }
  for (std::size_t which = 0; which < 4; ++which) expect_served(which);
}

}  // namespace
}  // namespace mqttvet::net::testing
