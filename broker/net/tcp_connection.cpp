#include "broker/net/tcp_connection.h"

#include <utility>

namespace mqttvet::net {
namespace {

using boost::asio::ip::tcp;

class TcpConnection final : public StreamConnection {
 public:
  TcpConnection(tcp::socket socket, Surroundings surroundings)
      : StreamConnection(std::move(surroundings)), socket_(std::move(socket)) {}

 private:
  void begin_read(boost::asio::mutable_buffer into) override {
    socket_.async_read_some(into, [self = self<TcpConnection>()](error_code error, std::size_t n) {
      self->handle_read(error, n);
    });
  }

  void begin_write(Buffers from) override {
    socket_.async_write_some(from, [self = self<TcpConnection>()](error_code error, std::size_t n) {
      self->handle_written(error, n);
    });
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

  tcp::socket socket_;
};

}  // namespace

ConnectionPtr make_tcp_connection(tcp::socket socket, Surroundings surroundings) {
  return std::make_shared<TcpConnection>(std::move(socket), std::move(surroundings));
}

}  // namespace mqttvet::net
