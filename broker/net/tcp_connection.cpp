#include "broker/net/tcp_connection.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace mqttvet::net {
namespace {

using boost::system::error_code;

constexpr std::size_t kReadBytesMin = 1024;
constexpr std::size_t kReadBytesMax = 64 * 1024;

}  // namespace

TcpConnection::TcpConnection(boost::asio::ip::tcp::socket socket, ConnectionEvents& events, ReadGate& gate)
    : socket_(std::move(socket)), events_(events), gate_(gate), incoming_(kReadBytesMin) {
  error_code ignored;  // a connection that is gone already says so at the first read
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void TcpConnection::start(core::ConnectionId id) {
  id_ = id;
  read();
}

void TcpConnection::read() {
  if (reading_ || shut_ || (holding_ && !finishing_)) return;
  if (gate_.shut() && !finishing_) {
    if (!std::exchange(waiting_, true)) gate_.wait(shared_from_this());
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(incoming_),
      [self = shared_from_this()](error_code error, std::size_t n) { self->handle_read(error, n); });
}

void TcpConnection::handle_read(error_code error, std::size_t bytes) {
  reading_ = false;
  if (error) shut();
  if (!shut_ && !finishing_) events_.received(id_, {incoming_.data(), bytes});
  if (shut_) return report_closed_when_idle();
  if (throttled_)
    incoming_.resize(kReadBytesMin);
  else if (bytes == incoming_.size() && bytes < kReadBytesMax)
    incoming_.resize(2 * bytes);
  read();
}

void TcpConnection::write(std::span<const codec::BytesView> views) {
  outgoing_.clear();
  for (const codec::BytesView view : views) outgoing_.emplace_back(view.data(), view.size());
  writing_ = true;
  socket_.async_write_some(
      std::span<const boost::asio::const_buffer>(outgoing_),
      [self = shared_from_this()](error_code error, std::size_t n) { self->handle_written(error, n); });
}

void TcpConnection::handle_written(error_code error, std::size_t bytes) {
  writing_ = false;
  if (error) shut();
  if (shut_) return report_closed_when_idle();
  events_.wrote(id_, bytes);
}

void TcpConnection::close(driver::CloseHow how) {
  error_code ignored;
  if (how == driver::CloseHow::gracefully && !shut_) {
    // To close a socket with unread bytes resets the connection, and may destroy what we have just written.
    finishing_ = true;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    read();
    return;
  }
  shut();
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->report_closed_when_idle(); });
}

// It sends faster than it may: what we take at once is little from then on.
void TcpConnection::hold_reads(bool hold) {
  holding_ = hold;
  throttled_ = true;
  if (!hold) read();
}

void TcpConnection::resume_reading() {
  waiting_ = false;
  read();
}

// Ends the operations in progress; their handlers come and see it.
void TcpConnection::shut() {
  error_code ignored;
  shut_ = true;
  socket_.close(ignored);
}

void TcpConnection::report_closed_when_idle() {
  if (reading_ || writing_ || reported_) return;
  reported_ = true;
  events_.closed(id_);
}

}  // namespace mqttvet::net
