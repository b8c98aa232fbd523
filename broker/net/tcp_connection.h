// A client's connection over plain TCP.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "broker/net/connection.h"

namespace mqttvet::net {

class TcpConnection final : public Connection, public std::enable_shared_from_this<TcpConnection> {
 public:
  // Keeps references to `events` and `gate`.
  TcpConnection(boost::asio::ip::tcp::socket socket, ConnectionEvents& events, ReadGate& gate);

  void start(core::ConnectionId id) override;
  void write(std::span<const codec::BytesView> views) override;
  void close(driver::CloseHow how) override;
  void hold_reads(bool hold) override;
  void resume_reading() override;

 private:
  void read();
  void handle_read(boost::system::error_code error, std::size_t bytes);
  void handle_written(boost::system::error_code error, std::size_t bytes);
  void shut();
  void report_closed_when_idle();

  boost::asio::ip::tcp::socket socket_;
  ConnectionEvents& events_;
  ReadGate& gate_;
  core::ConnectionId id_{};
  std::vector<char> incoming_;  // small while little comes, so that an idle connection costs little
  std::vector<boost::asio::const_buffer> outgoing_;
  bool reading_ = false;
  bool writing_ = false;
  bool holding_ = false;    // reading rests
  bool throttled_ = false;  // it has rested once
  bool waiting_ = false;    // at the gate
  bool finishing_ = false;  // our stream has ended; what still comes is forgotten
  bool shut_ = false;       // the socket is closed
  bool reported_ = false;
};

}  // namespace mqttvet::net
