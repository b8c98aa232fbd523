// Whatever listens at the other end: verdicts come, soon, and nothing crashes. On 127.0.0.1, real sockets.
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "conformance/harness/probe.h"
#include "conformance/harness/selection.h"
#include "conformance/harness/suite.h"
#include "conformance/target_live/target_file.h"
#include "conformance/target_live/test_hostile_server.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

using ::testing::HasSubstr;
using testing::HostilePeer;
using testing::HostileServer;
using wire::from_hex;
using Scheme = Url::Scheme;
using Socket = boost::asio::ip::tcp::socket;

constexpr int kCases = 12;

const Registration kRegistration([] {
  for (int i = 0; i < kCases; ++i) {
    add_case("MQTT311-3.8.4-1/subscribes-" + std::to_string(i), {}, [](Run& run) {
      Client& client = run.client();
      client.connect();
      client.subscribe("t");
    });
  }
});

// The verdicts of the suite, and how long it took.
struct Outcome {
  std::map<Verdict, int> counts;
  std::chrono::steady_clock::duration took{0};
  std::string not_reached;
};

Outcome test(const HostileServer& server) {
  const auto begun = std::chrono::steady_clock::now();
  LiveOptions options = live_options_of_url(server.url());
  options.facts.pace = {std::chrono::milliseconds(300), std::chrono::milliseconds(20),
                        std::chrono::seconds(1)};
  const auto target = make_live_target(std::move(options));
  Outcome outcome;
  outcome.not_reached = probe(*target);
  if (outcome.not_reached.empty()) {
    run_suite(select(all_cases(), {}), *target, {.parallel = 4},
              [&](std::size_t, CaseResult result) { ++outcome.counts[result.verdict]; });
  }
  outcome.took = std::chrono::steady_clock::now() - begun;
  return outcome;
}

// Each case has a verdict, and none is good.
void expect_only_bad_verdicts(const Outcome& outcome) {
  EXPECT_EQ(outcome.not_reached, "");
  int bad = 0;
  for (const auto& [verdict, count] : outcome.counts) bad += is_bad(verdict) ? count : 0;
  EXPECT_EQ(bad, kCases);
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
}

// There is no connection, and it is said at once.
void expect_not_reached(const Outcome& outcome, const std::string& why) {
  EXPECT_THAT(outcome.not_reached, HasSubstr(why));
  EXPECT_LT(outcome.took, std::chrono::seconds(3));
}

std::string times(int count, std::string_view hex) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += from_hex(hex);
  return bytes;
}

// One binary WebSocket frame, of a server.
std::string frame(std::string_view payload) {
  return std::string("\x82") + static_cast<char>(payload.size()) + std::string(payload);
}

// --- MQTT, over every transport ---

class HostileTarget : public ::testing::TestWithParam<Scheme> {
 protected:
  static bool is_framed() { return GetParam() == Scheme::ws || GetParam() == Scheme::wss; }
  // In a frame, where there are frames.
  static std::string framed(std::string_view bytes) {
    return is_framed() ? frame(bytes) : std::string(bytes);
  }
};

INSTANTIATE_TEST_SUITE_P(Over, HostileTarget,
                         ::testing::Values(Scheme::mqtt, Scheme::mqtts, Scheme::ws, Scheme::wss),
                         [](const auto& row) { return std::string(testing::name_of(row.param)); });

TEST_P(HostileTarget, ClosesAtOnce) {
  expect_only_bad_verdicts(test({GetParam(), [](HostilePeer&) {}}));
}

TEST_P(HostileTarget, SendsGarbageWithoutEnd) {
  const std::string garbage = framed(times(30, "FF 00 13 37"));
  expect_only_bad_verdicts(test({GetParam(), [=](HostilePeer& peer) { peer.write_for_ever(garbage); }}));
}

TEST_P(HostileTarget, SendsPacketsWithoutEnd) {
  std::string pings;
  for (int i = 0; i < 40; ++i) pings += framed(times(50, "D0 00"));
  expect_only_bad_verdicts(test({GetParam(), [=](HostilePeer& peer) { peer.write_for_ever(pings); }}));
}

TEST_P(HostileTarget, AnnouncesAHugePacket) {
  const std::string head = framed(from_hex("30 FF FF FF 7F 00 01 61"));
  const std::string rest = framed(std::string(100, 'x'));
  expect_only_bad_verdicts(test({GetParam(), [=](HostilePeer& peer) {
                                   peer.write(head);
                                   peer.write_for_ever(rest);
                                 }}));
}

TEST_P(HostileTarget, AcceptsAndIsSilentThen) {
  const std::string connack = framed(from_hex("20 02 00 00"));
  const Outcome outcome = test({GetParam(), [=](HostilePeer& peer) {
                                  peer.read();
                                  peer.write(connack);
                                  peer.read_to_the_end();
                                }});
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
}

TEST_P(HostileTarget, IsSilentAndCostsOneTimeOut) {
  const Outcome outcome = test({GetParam(), [](HostilePeer& peer) { peer.read_to_the_end(); }});
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
  EXPECT_GE(outcome.counts.at(Verdict::inconclusive), 4) << "what was not begun is not waited for";
  EXPECT_LT(outcome.took, std::chrono::seconds(10));
}

TEST_P(HostileTarget, ResetsAtOnce) {
  const Outcome outcome = test({GetParam(), [](Socket socket) {
                                  socket.set_option(boost::asio::socket_base::linger(true, 0));
                                  socket.close();
                                }});
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
}

TEST(NoTarget, IsNotThereAtAll) {
  std::string url;
  {
    const HostileServer server(Scheme::mqtt, [](HostilePeer&) {});
    url = server.url();
  }
  const auto target = make_live_target(live_options_of_url(url));
  EXPECT_THAT(probe(*target), HasSubstr("connection refused"));
}

// --- Handshakes that come to nothing ---

void write(Socket& socket, std::string_view bytes) {
  boost::system::error_code error;
  boost::asio::write(socket, boost::asio::buffer(bytes), error);
}

void read_to_the_end(Socket& socket) {
  std::array<char, 4096> buffer;
  boost::system::error_code error;
  while (!error) socket.read_some(boost::asio::buffer(buffer), error);
}

TEST(HostileHandshake, OfTlsIsNeverAnswered) {
  expect_not_reached(test({Scheme::mqtts, [](Socket socket) { read_to_the_end(socket); }}), "in time");
}

TEST(HostileHandshake, OfTlsIsAnsweredByHalf) {
  // The record of a ServerHello that says it is longer than what comes.
  expect_not_reached(test({Scheme::wss,
                           [](Socket socket) {
                             write(socket, from_hex("16 03 03 00 7A 02 00 00 76 03 03"));
                             read_to_the_end(socket);
                           }}),
                     "in time");
}

TEST(HostileHandshake, OfTlsIsAnsweredByMqtt) {
  expect_not_reached(test({Scheme::mqtts, [](Socket socket) { write(socket, from_hex("20 02 00 00")); }}),
                     "");
}

TEST(HostileHandshake, OfWebSocketIsNeverAnswered) {
  expect_not_reached(test({Scheme::ws, [](Socket socket) { read_to_the_end(socket); }}), "in time");
}

TEST(HostileHandshake, OfWebSocketIsDeclined) {
  expect_not_reached(test({Scheme::ws,
                           [](Socket socket) {
                             write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
                             read_to_the_end(socket);
                           }}),
                     "declined");
}

TEST(HostileHandshake, OfWebSocketHasAHeaderWithoutEnd) {
  expect_not_reached(test({Scheme::ws,
                           [](Socket socket) {
                             write(socket, "HTTP/1.1 101 Switching Protocols\r\n");
                             boost::system::error_code error;
                             const std::string field = "X-More: " + std::string(1000, 'x') + "\r\n";
                             while (!error) boost::asio::write(socket, boost::asio::buffer(field), error);
                           }}),
                     "header");
}

TEST(HostileHandshake, OfWebSocketIsNoHttp) {
  expect_not_reached(test({Scheme::ws,
                           [](Socket socket) {
                             write(socket, from_hex("20 02 00 00 0D 0A 0D 0A"));
                             read_to_the_end(socket);
                           }}),
                     "");
}

// --- Frames that no server may send ---

class HostileFrames : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

INSTANTIATE_TEST_SUITE_P(
    Are, HostileFrames,
    ::testing::Values(std::pair("HugeAndEndless", "82 7F 40 00 00 00 00 00 00 00 30"),
                      std::pair("LongerThanPermitted", "82 7F FF FF FF FF FF FF FF FF 30"),
                      std::pair("Text", "81 04 20 02 00 00"),
                      std::pair("Masked", "82 84 00 00 00 00 20 02 00 00"),
                      std::pair("OfAReservedKind", "83 04 20 02 00 00"),
                      std::pair("WithReservedBits", "F2 04 20 02 00 00"), std::pair("Pings", "89 7D"),
                      std::pair("APingThatIsTooLong", "89 7E 01 00"), std::pair("Empty", "82 00"),
                      std::pair("Fragments", "02 01 20 00 01 02"),
                      std::pair("CloseWithHalfACode", "88 01 03")),
    [](const auto& row) { return row.param.first; });

TEST_P(HostileFrames, EndWithVerdicts) {
  const std::string bytes = from_hex(GetParam().second);
  const std::string again = bytes.size() == 2 ? bytes + std::string(bytes[1] & 0x7F, 'p') : bytes;
  const Outcome outcome = test({Scheme::ws, [=](HostilePeer& peer) { peer.write_for_ever(again); }});
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
}

}  // namespace
}  // namespace mqttvet::conformance
