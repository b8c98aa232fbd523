#include "broker/net/tcp_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace mqttvet::net {
namespace {

using boost::asio::ip::tcp;

// What one call hands to the system at most.
constexpr std::size_t kPiecesMax = 64;
constexpr std::size_t kReadBytesMax = 64 * 1024;

// Reads and writes only when the system is ready, and at once: so that an idle connection keeps no memory for
// either.
class TcpConnection final : public StreamConnection {
 public:
  TcpConnection(TcpSocket socket, Surroundings surroundings)
      : StreamConnection(std::move(surroundings)), socket_(std::move(socket)) {
    error_code ignored;  // a connection that is gone already says so at the first read
    socket_.non_blocking(true, ignored);
  }

 private:
  void begin_read(std::size_t bytes_max) override {
    socket_.async_wait(TcpSocket::wait_read, [self = self<TcpConnection>(), bytes_max](error_code error) {
      self->read_now(error, bytes_max);
    });
  }

  void read_now(error_code error, std::size_t bytes_max) {
    static thread_local std::array<char, kReadBytesMax> buffer;  // of all connections that a thread serves
    std::size_t count = 0;
    if (!error) count = socket_.read_some(boost::asio::buffer(buffer, bytes_max), error);
    if (error == boost::asio::error::would_block) error = {};
    handle_read(error, {buffer.data(), count});
  }

  void begin_write(Views from) override {
    std::array<boost::asio::const_buffer, kPiecesMax> pieces;
    const std::size_t piece_count = std::min(from.size(), kPiecesMax);
    std::transform(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(piece_count), pieces.begin(),
                   [](codec::BytesView view) { return boost::asio::const_buffer(view.data(), view.size()); });
    error_code error;
    const std::size_t count = socket_.write_some(std::span(pieces).first(piece_count), error);
    if (error == boost::asio::error::would_block) return wait_until_writable();
    boost::asio::post(io(),
                      [self = self<TcpConnection>(), error, count] { self->handle_written(error, count); });
  }

  void wait_until_writable() {
    socket_.async_wait(TcpSocket::wait_write,
                       [self = self<TcpConnection>()](error_code error) { self->handle_written(error, 0); });
  }

  void begin_end_of_stream() override {
    error_code ignored;  // a connection that is gone already says so at the next read
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    handle_stream_ended();
  }

  void abort() override {
    error_code ignored;
    socket_.close(ignored);
  }

  TcpSocket socket_;
};

}  // namespace

ConnectionPtr make_tcp_connection(TcpSocket socket, Surroundings surroundings) {
  return std::make_shared<TcpConnection>(std::move(socket), std::move(surroundings));
}

}  // namespace mqttvet::net
