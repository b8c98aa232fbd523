#include "broker/net/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "broker/net/clock.h"

namespace mqttvet::net::testing {

using namespace std::chrono_literals;

std::string connect_as(char client_id) {
  std::string bytes(kConnect);
  bytes.back() = client_id;
  return bytes;
}

// --- Client ------------------------------------------------------------------------------------------------

struct Client::Tls {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> stream{nullptr, SSL_free};
};

Client::Client(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  socket_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{5, 0};  // a test that would hang fails
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in v4_address{};
  v4_address.sin_family = AF_INET;
  v4_address.sin_port = htons(address.port);
  sockaddr_in6 v6_address{};
  v6_address.sin6_family = AF_INET6;
  v6_address.sin6_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &v4_address.sin_addr);
  inet_pton(AF_INET6, address.host.c_str(), &v6_address.sin6_addr);
  const int failed = v6 ? ::connect(socket_, reinterpret_cast<sockaddr*>(&v6_address), sizeof v6_address)
                        : ::connect(socket_, reinterpret_cast<sockaddr*>(&v4_address), sizeof v4_address);
  EXPECT_EQ(failed, 0) << to_string(address);
}

Client::~Client() {
  tls_.reset();
  ::close(socket_);
}

bool Client::start_tls(const ClientTls& tls) {
  tls_ = std::make_unique<Tls>();
  SSL_CTX* context = tls_->context.get();
  EXPECT_EQ(SSL_CTX_load_verify_file(context, tls.authority_file.c_str()), 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (tls.own) {
    SSL_CTX_use_certificate_file(context, tls.own->certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, tls.own->key.c_str(), SSL_FILETYPE_PEM);
  }
  tls_->stream.reset(SSL_new(context));
  SSL_set_fd(tls_->stream.get(), socket_);
  return SSL_connect(tls_->stream.get()) == 1;
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    if (tls_) {
      if (SSL_write_ex(tls_->stream.get(), bytes.data(), bytes.size(), &count) != 1) return;
    } else {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      count = static_cast<std::size_t>(sent);
    }
    bytes.remove_prefix(count);
  }
}

std::ptrdiff_t Client::read_some(char* into, std::size_t count) {
  if (!tls_) return ::recv(socket_, into, count, 0);
  std::size_t read = 0;
  return SSL_read_ex(tls_->stream.get(), into, count, &read) == 1 ? static_cast<std::ptrdiff_t>(read) : 0;
}

std::string Client::receive(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t at = 0;
  while (at < count) {
    const std::ptrdiff_t read = read_some(bytes.data() + at, count - at);
    if (read <= 0) break;
    at += static_cast<std::size_t>(read);
  }
  bytes.resize(at);
  return bytes;
}

bool Client::ended(std::size_t count) {
  std::string bytes(count, '\0');
  for (;;) {
    const std::ptrdiff_t read = read_some(bytes.data(), bytes.size());
    if (read > 0) continue;
    return read == 0 || errno == ECONNRESET;
  }
}

std::string Client::upgrade(const std::string& path, const std::string& protocol) {
  send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
       (protocol.empty() ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n") + "\r\n");
  answer_.clear();
  while (!answer_.ends_with("\r\n\r\n")) {
    const std::string byte = receive(1);
    if (byte.empty()) return "";
    answer_ += byte;
  }
  return answer_.substr(0, answer_.find("\r\n"));
}

// Masked, as a client's frames have to be (RFC 6455 section 5.1); of less than 64 kB.
void Client::send_frame(Opcode opcode, std::string_view payload, bool last) {
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  std::string frame;
  frame += static_cast<char>((last ? 0x80 : 0) | static_cast<int>(opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  frame += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  send(frame);
}

std::optional<Client::Frame> Client::receive_frame() {
  const auto byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
  const std::string head = receive(2);
  if (head.size() < 2) return std::nullopt;
  std::size_t length = byte(head[1]) & 0x7F;
  EXPECT_EQ(byte(head[1]) & 0x80, 0u) << "a server does not mask";
  if (length >= 126) {
    const std::string longer = receive(length == 126 ? 2 : 8);
    length = 0;
    for (const char c : longer) length = length << 8 | byte(c);
  }
  return Frame{static_cast<Opcode>(byte(head[0]) & 0x0F), receive(length)};
}

// --- NetTest -----------------------------------------------------------------------------------------------

void NetTest::serve(std::vector<ListenerConfig> configs, core::Config config) {
  const core::Now now = net::now();
  const auto log = [this](const core::Log& line) {
    const std::lock_guard lock(mutex_);
    log_ += line.text + "\n";
  };
  const auto hangup = [this] {
    const std::lock_guard lock(hangup_mutex_);
    hangup_result_ = on_hangup();
    hung_up_.notify_one();
  };
  server.emplace(ServerOptions{.config = config, .seed = 1, .log = log, .on_hangup = hangup}, std::nullopt,
                 core::Snapshot{}, now);
  for (const ListenerConfig& one : configs) ASSERT_EQ(server->listen(one), std::nullopt);
  thread_ = std::thread([this] { failure_ = server->run(); });
}

void NetTest::stop() {
  if (!thread_.joinable()) return;
  server->stop();
  thread_.join();
  EXPECT_EQ(failure_, std::nullopt);
}

ListenerConfig NetTest::listener(Scheme scheme) {
  ListenerConfig config{.address = {scheme, "127.0.0.1", 0, true}};
  if (!uses_tls(scheme)) return config;
  const CertificateAuthority::Files files = authority.issue("broker");
  config.certificate_file = files.certificate;
  config.key_file = files.key;
  return config;
}

std::optional<std::string> NetTest::hang_up() {
  std::unique_lock lock(hangup_mutex_);
  hangup_result_.reset();
  ::kill(::getpid(), SIGHUP);
  const bool done = hung_up_.wait_for(lock, 5s, [this] { return hangup_result_.has_value(); });
  EXPECT_TRUE(done);
  return done ? *hangup_result_ : std::nullopt;
}

std::string NetTest::logged() {
  const std::lock_guard lock(mutex_);
  return log_;
}

void NetTest::expect_logged(const std::string& text) {
  for (int i = 0; i < 250 && logged().find(text) == std::string::npos; ++i) std::this_thread::sleep_for(20ms);
  EXPECT_THAT(logged(), ::testing::HasSubstr(text));
}

void NetTest::expect_served(std::size_t which) {
  const ListenAddress where = address(which);
  Client client(where);
  if (uses_tls(where.scheme)) {
    ASSERT_TRUE(client.start_tls(trusting()));
  }
  if (uses_websocket(where.scheme)) {
    ASSERT_THAT(client.upgrade(), ::testing::HasSubstr("101"));
    client.send_frame(Client::Opcode::binary, connect_as('z'));
    const auto frame = client.receive_frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->payload, kConnack);
  } else {
    client.send(connect_as('z'));
    EXPECT_EQ(client.receive(4), kConnack);
  }
}

}  // namespace mqttvet::net::testing
