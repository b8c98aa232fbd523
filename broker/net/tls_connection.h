// A client's connection over TLS.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "broker/net/stream_connection.h"
#include "broker/net/tls_context.h"

namespace mqttvet::net {

ConnectionPtr make_tls_connection(boost::asio::ip::tcp::socket socket, TlsContextPtr context,
                                  Surroundings surroundings);

}  // namespace mqttvet::net
