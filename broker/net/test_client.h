// For the tests of this folder: a server on 127.0.0.1, and clients that are bytes. TLS is OpenSSL's,
// WebSocket is written out here, and every wait has an end.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "broker/net/server.h"
#include "broker/net/test_certificates.h"

namespace mqttvet::net::testing {

// CONNECT of 3.1.1, CleanSession, keep-alive 0, client id "a"; and its CONNACK.
inline constexpr std::string_view kConnect(
    "\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01"
    "a",
    15);
inline constexpr std::string_view kConnack("\x20\x02\x00\x00", 4);
inline constexpr std::string_view kPingreq("\xC0\x00", 2);
inline constexpr std::string_view kPingresp("\xD0\x00", 2);
std::string connect_as(char client_id);  // as kConnect

struct ClientTls {
  std::string authority_file;
  std::optional<CertificateAuthority::Files> own = {};
};

class Client {
 public:
  enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
  struct Frame {
    Opcode opcode{};
    std::string payload;
  };

  // Connects to the address, without a handshake.
  explicit Client(const ListenAddress& address);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Whether the handshake has succeeded.
  bool start_tls(const ClientTls& tls);
  // Sends what it can.
  void send(std::string_view bytes);
  // `count` bytes, or fewer at the end of the stream.
  std::string receive(std::size_t count);
  // Whether the stream has ended, after at most `count` bytes that nobody looks at.
  bool ended(std::size_t count = 1'000'000);

  // Sends the request of RFC 6455 and returns the first line of the answer; empty: there was none.
  std::string upgrade(const std::string& path = "/mqtt", const std::string& protocol = "mqtt");
  const std::string& upgrade_answer() const { return answer_; }  // with all its header fields
  void send_frame(Opcode opcode, std::string_view payload, bool last = true);
  std::optional<Frame> receive_frame();

  int descriptor() const { return socket_; }

 private:
  std::ptrdiff_t read_some(char* into, std::size_t count);

  int socket_ = -1;
  struct Tls;
  std::unique_ptr<Tls> tls_;
  std::string answer_;
};

// Starts servers, and stops them.
class NetTest : public ::testing::Test {
 protected:
  ~NetTest() override { stop(); }

  // Serves these, on any free ports: see addresses().
  void serve(std::vector<ListenerConfig> configs, core::Config config = {});
  void stop();
  ListenAddress address(std::size_t which = 0) const { return server->addresses().at(which); }
  // A listener on 127.0.0.1; with a certificate of `authority` if it needs one.
  ListenerConfig listener(Scheme scheme);
  ClientTls trusting() const { return {authority.certificate_file()}; }
  ClientTls trusting_as(const std::string& common_name) {
    return {authority.certificate_file(), authority.issue(common_name)};
  }

  std::string logged();
  // Waits until it has been logged, not for ever.
  void expect_logged(const std::string& text);
  // Another client is served as if nothing had happened.
  void expect_served(std::size_t which = 0);

  // SIGHUP to this program, and what on_hangup then returned.
  std::optional<std::string> hang_up();

  CertificateAuthority authority;
  std::optional<Server> server;
  std::function<std::optional<std::string>()> on_hangup;

 private:
  std::mutex mutex_;
  std::string log_;  // guarded by mutex_
  std::optional<std::string> failure_;
  std::mutex hangup_mutex_;
  std::condition_variable hung_up_;
  std::optional<std::optional<std::string>> hangup_result_;  // guarded by hangup_mutex_
  std::thread thread_;
};

}  // namespace mqttvet::net::testing
