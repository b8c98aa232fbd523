// Whatever listens at the other end: verdicts come, soon, and nothing crashes. On 127.0.0.1, real sockets.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "conformance/harness/probe.h"
#include "conformance/harness/selection.h"
#include "conformance/harness/suite.h"
#include "conformance/target_live/target_file.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

const Registration kCases([] {
  for (int i = 0; i < 12; ++i) {
    add_case("MQTT311-3.8.4-1/subscribes-" + std::to_string(i), {}, [](Run& run) {
      Client& client = run.client();
      client.connect();
      client.subscribe("t");
    });
  }
});

// Listens on a port of its own; what it does with a connection is the test's.
class HostileServer {
 public:
  using Serve = std::function<void(tcp::socket socket)>;

  explicit HostileServer(Serve serve) : serve_(std::move(serve)) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  // Takes every connection and says nothing.
  HostileServer() : HostileServer([this](tcp::socket socket) { held_.push_back(std::move(socket)); }) {}
  ~HostileServer() {
    context_.stop();
    thread_.join();
  }
  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      serve_(std::move(socket));
      accept();
    });
  }

  Serve serve_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::vector<tcp::socket> held_;  // ends before its context
  std::thread thread_;
};

void send_for_ever(const std::shared_ptr<tcp::socket>& socket, const std::shared_ptr<std::string>& bytes) {
  asio::async_write(*socket, asio::buffer(*bytes), [=](error_code error, std::size_t) {
    if (!error) send_for_ever(socket, bytes);
  });
}

HostileServer::Serve sending_for_ever(std::string_view hex, int times) {
  std::string bytes;
  for (int i = 0; i < times; ++i) bytes += wire::from_hex(hex);
  return [bytes](tcp::socket socket) {
    send_for_ever(std::make_shared<tcp::socket>(std::move(socket)), std::make_shared<std::string>(bytes));
  };
}

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

void expect_only_bad_verdicts(const Outcome& outcome) {
  EXPECT_EQ(outcome.not_reached, "");
  int bad = 0;
  for (const auto& [verdict, count] : outcome.counts) bad += is_bad(verdict) ? count : 0;
  EXPECT_EQ(bad, 12);
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
}

TEST(HostileTarget, ClosesAtOnce) {
  expect_only_bad_verdicts(test(HostileServer([](tcp::socket) {})));
}

TEST(HostileTarget, ResetsAtOnce) {
  const Outcome outcome = test(HostileServer([](tcp::socket socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  }));
  EXPECT_LT(outcome.took, std::chrono::seconds(20));
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
}

TEST(HostileTarget, SendsGarbageWithoutEnd) {
  expect_only_bad_verdicts(test(HostileServer(sending_for_ever("FF 00 13 37", 1000))));
}

TEST(HostileTarget, SendsPacketsWithoutEnd) {
  expect_only_bad_verdicts(test(HostileServer(sending_for_ever("D0 00", 2000))));
}

TEST(HostileTarget, AnnouncesAHugePacket) {
  expect_only_bad_verdicts(test(HostileServer(sending_for_ever("30 FF FF FF 7F 00 01 61", 1))));
}

TEST(HostileTarget, IsSilentAndCostsOneTimeOut) {
  const Outcome outcome = test(HostileServer());
  EXPECT_FALSE(outcome.counts.contains(Verdict::pass));
  EXPECT_GE(outcome.counts.at(Verdict::inconclusive), 4) << "what was not begun is not waited for";
  EXPECT_LT(outcome.took, std::chrono::seconds(10));
}

TEST(HostileTarget, IsNotThereAtAll) {
  std::string url;
  {
    const HostileServer server([](tcp::socket) {});
    url = server.url();
  }
  const auto target = make_live_target(live_options_of_url(url));
  EXPECT_THAT(probe(*target), testing::HasSubstr("connection refused"));
}

}  // namespace
}  // namespace mqttvet::conformance
