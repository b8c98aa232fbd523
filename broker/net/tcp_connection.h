// A client's connection over plain TCP.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "broker/net/stream_connection.h"

namespace mqttvet::net {

ConnectionPtr make_tcp_connection(boost::asio::ip::tcp::socket socket, Surroundings surroundings);

}  // namespace mqttvet::net
