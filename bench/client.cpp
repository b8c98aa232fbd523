#include "bench/client.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "bench/broker_process.h"

namespace mqttvet::bench {

using wire::PacketType;

// One context for all clients: they are one process.
struct Client::Tls {
  explicit Tls(int descriptor) {
    static const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                           SSL_CTX_free);
    stream.reset(SSL_new(context.get()));
    SSL_set_mode(stream.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_fd(stream.get(), descriptor);
    if (SSL_connect(stream.get()) != 1) throw std::runtime_error("the broker refuses the TLS handshake");
  }
  // As recv() and send() report: -1 with EAGAIN if nothing can be done now.
  std::ptrdiff_t result(int count) {
    if (count > 0) return count;
    const int error = SSL_get_error(stream.get(), count);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
  }
  std::unique_ptr<SSL, decltype(&SSL_free)> stream{nullptr, SSL_free};
};

Client::Client(const Endpoint& endpoint, const Options& options)
    : descriptor_(connect_to(endpoint.port, options.source_address)) {
  if (descriptor_ < 0) throw std::runtime_error("the broker does not listen");
  if (endpoint.tls) tls_ = std::make_unique<Tls>(descriptor_);
  fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  wire::Connect connect;
  connect.version = wire::Version::v3_1_1;
  connect.clean_start = options.clean_session;
  connect.client_id = options.client_id;
  send(bytes_of(connect));
  flush();
}

Client::~Client() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::ptrdiff_t Client::read_some(char* buffer, std::size_t size) {
  if (!tls_) return recv(descriptor_, buffer, size, MSG_DONTWAIT);
  return tls_->result(SSL_read(tls_->stream.get(), buffer, static_cast<int>(size)));
}

std::ptrdiff_t Client::write_some() {
  if (!tls_) return ::send(descriptor_, output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return tls_->result(SSL_write(tls_->stream.get(), output_.data(), static_cast<int>(output_.size())));
}

void Client::flush() {
  if (output_.empty()) return;
  const std::ptrdiff_t count = write_some();
  if (count > 0) output_.erase(0, static_cast<std::size_t>(count));
  if (count < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error("the broker went away");
}

void Client::read() {
  static char buffer[64 * 1024];
  do {
    const std::ptrdiff_t count = read_some(buffer, sizeof buffer);
    if (count == 0) throw std::runtime_error("the broker closed a connection");
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      throw std::runtime_error("the broker went away");
    }
    input_.append(buffer, static_cast<std::size_t>(count));
  } while (tls_ && SSL_pending(tls_->stream.get()) > 0);  // poll() doesn't know of it
}

void Client::expect(PacketType type) {
  for (bool came = false; !came;) {
    pollfd descriptor{descriptor_, POLLIN, 0};
    if (poll(&descriptor, 1, kSilenceMaxMs) <= 0) throw std::runtime_error("the broker does not answer");
    receive([&](const Seen& seen) {
      came = seen.type == type;
      if (!came) throw std::runtime_error("the broker did not answer with " + std::string(name_of(type)));
    });
  }
}

// Takes the first packet off `bytes`; nullopt if it is not whole. MQTT 2.2, 3.3.2.
std::optional<Seen> Client::cut(std::string_view& bytes) {
  std::size_t length = 0, at = 1;
  for (int shift = 0;; shift += 7) {
    if (at >= bytes.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    length |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) break;
  }
  if (bytes.size() - at < length) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::string_view body = bytes.substr(at, length);
  bytes.remove_prefix(at + length);
  Seen seen{static_cast<PacketType>(first >> 4), (first >> 1) & 3, {}, {}};
  if (seen.type != PacketType::publish) {
    seen.packet_id = body.substr(0, 2);
    return seen;
  }
  body.remove_prefix(2 + static_cast<unsigned char>(body[1]));  // our topics are short
  if (seen.qos > 0) {
    seen.packet_id = body.substr(0, 2);
    body.remove_prefix(2);
  }
  seen.rest = body;
  return seen;
}

std::string bytes_of(const wire::Packet& packet) {
  return wire::encode(packet, wire::Version::v3_1_1);
}

std::string acknowledge(PacketType type, std::string_view packet_id) {
  const unsigned flags = type == PacketType::pubrel ? 2 : 0;
  std::string bytes{static_cast<char>(static_cast<unsigned>(type) << 4 | flags), 2};
  return bytes.append(packet_id);
}

void subscribe(Client& client, const std::string& topic_filter, int qos) {
  wire::Subscribe packet;
  packet.packet_id = 1;
  packet.subscriptions.push_back({topic_filter, static_cast<std::uint8_t>(qos)});
  client.send(bytes_of(packet));
  client.flush();
  client.expect(PacketType::suback);
}

}  // namespace mqttvet::bench
