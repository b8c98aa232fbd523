// A client's connection over plain TCP.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "broker/net/stream_connection.h"

namespace mqttvet::net {

// Knows its executor, and so is half the size of Asio's tcp::socket, which knows any.
using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

ConnectionPtr make_tcp_connection(TcpSocket socket, Surroundings surroundings);

}  // namespace mqttvet::net
