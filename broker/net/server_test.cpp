// The server with real sockets, on this machine only.
#include "broker/net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <thread>

#include "broker/net/clock.h"

namespace mqttvet::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using testing::HasSubstr;

// CONNECT of 3.1.1, CleanSession, keep-alive 0, client id "a".
constexpr std::string_view kConnect(
    "\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01"
    "a",
    15);
// CONNECT of 5.0 without properties, Clean Start, keep-alive 0, client id "b".
constexpr std::string_view kConnect5(
    "\x10\x0E\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01"
    "b",
    16);
constexpr std::string_view kConnack("\x20\x02\x00\x00", 4);

class Client {
 public:
  explicit Client(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    const timeval limit{5, 0};  // a test that would hang fails
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  // `count` bytes, or fewer at the end of the stream.
  std::string receive(std::size_t count) {
    std::string bytes(count, '\0');
    error_code end;
    bytes.resize(boost::asio::read(socket_, boost::asio::buffer(bytes), end));
    return bytes;
  }
  tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_{io_};
};

class ServerTest : public testing::Test {
 protected:
  void serve(std::size_t connections_max = 100) {
    const core::Now now_ = now();
    server.emplace(ServerOptions{.config = {},
                                 .seed = 1,
                                 .log =
                                     [this](const core::Log& line) {
                                       const std::lock_guard lock(mutex);
                                       log += line.text + "\n";
                                     }},
                   std::nullopt, core::Snapshot{}, now_);
    ListenerConfig config{.address = {Scheme::mqtt, "127.0.0.1", 0, true}};
    config.limits.connections_max = connections_max;
    ASSERT_EQ(server->listen(config), std::nullopt);
    port = server->addresses().front().port;
    thread = std::thread([this] { failure = server->run(); });
  }
  ~ServerTest() override { stop(); }
  void stop() {
    if (!thread.joinable()) return;
    server->stop();
    thread.join();
    EXPECT_EQ(failure, std::nullopt);
  }
  std::string logged() {
    const std::lock_guard lock(mutex);
    return log;
  }

  std::mutex mutex;
  std::string log;  // guarded by mutex
  std::optional<Server> server;
  std::optional<std::string> failure;
  std::uint16_t port = 0;
  std::thread thread;
};

TEST_F(ServerTest, ServesClients) {
  serve();
  Client alice(port), bob(port);
  alice.send(kConnect);
  bob.send(kConnect5);
  EXPECT_EQ(alice.receive(4), kConnack);
  EXPECT_EQ(bob.receive(1), "\x20");
}

TEST_F(ServerTest, BytesMayComeOneByOne) {
  serve();
  Client alice(port);
  for (const char byte : kConnect) alice.send({&byte, 1});
  EXPECT_EQ(alice.receive(4), kConnack);
}

TEST_F(ServerTest, SaysGoodByeWhenItStops) {
  serve();
  Client alice(port), bob(port);
  alice.send(kConnect);
  alice.receive(4);
  bob.send(kConnect5);
  bob.receive(2);
  server->stop();
  EXPECT_THAT(bob.receive(1000), HasSubstr(std::string_view("\xE0\x01\x8B", 3)))
      << "DISCONNECT, server shutting down";
  EXPECT_EQ(alice.receive(1), "") << "3.1.1 has no DISCONNECT from the server";
}

TEST_F(ServerTest, ALargeMessageComesThroughWhole) {
  serve();
  Client alice(port);
  alice.send(kConnect);
  alice.receive(4);
  alice.send(std::string_view("\x82\x06\x00\x01\x00\x01t\x00", 8));  // SUBSCRIBE "t", QoS 0
  EXPECT_EQ(alice.receive(5), std::string_view("\x90\x03\x00\x01\x00", 5));
  // PUBLISH "t", QoS 0; Remaining Length 500003 = 0x23 + 128 * (0x42 + 128 * 0x1E)
  const std::string publish =
      std::string("\x30\xA3\xC2\x1E", 4) + std::string("\x00\x01t", 3) + std::string(500'000, 'x');
  std::thread writer([&] { alice.send(publish); });
  EXPECT_EQ(alice.receive(publish.size()), publish);
  writer.join();
}

TEST_F(ServerTest, MoreConnectionsThanAllowed_AreClosedAtOnce) {
  serve(1);
  {
    Client alice(port);
    alice.send(kConnect);
    EXPECT_EQ(alice.receive(4), kConnack);
    Client bob(port);
    EXPECT_EQ(bob.receive(1), "");
    EXPECT_THAT(logged(), HasSubstr("connections: 1 refused beyond connections_max, 1"));
    alice.send(std::string_view("\xE0\x00", 2));
    EXPECT_EQ(alice.receive(1), "");
  }
  for (int attempt = 0; attempt < 50; ++attempt) {  // until the server has seen that alice is gone
    Client carol(port);
    error_code gone;
    boost::asio::write(carol.socket(), boost::asio::buffer(kConnect), gone);
    if (carol.receive(4) == kConnack) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  FAIL() << "the place was not free again";
}

// The client's socket is made before the descriptors run out, the server's would be made after that.
TEST_F(ServerTest, SurvivesThatDescriptorsRunOut) {
  serve();
  {
    Client settled(port);  // once it is answered, the server opens nothing more by itself
    settled.send(kConnect);
    EXPECT_EQ(settled.receive(4), kConnack);
    boost::asio::io_context io;
    tcp::socket early(io, tcp::v4());
    const int lowest_free = dup(0);
    ::close(lowest_free);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit tight{static_cast<rlim_t>(lowest_free), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    error_code error;
    early.connect({boost::asio::ip::address_v4::loopback(), port}, error);
    for (int i = 0; i < 200 && logged().find("cannot accept") == std::string::npos; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_FALSE(error) << error.message();
    EXPECT_THAT(logged(), HasSubstr("cannot accept connections"));
  }
  Client alice(port);
  alice.send(kConnect);
  EXPECT_EQ(alice.receive(4), kConnack);
}

TEST_F(ServerTest, APortInUse_IsSaidInOneLine) {
  serve();
  Server other(ServerOptions{}, std::nullopt, core::Snapshot{}, now());
  EXPECT_EQ(other.listen({.address = {Scheme::mqtt, "127.0.0.1", port, true}}),
            "cannot listen on mqtt://127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

}  // namespace
}  // namespace mqttvet::net
