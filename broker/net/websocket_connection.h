// A client's connection over WebSocket, and over WebSocket over TLS (section 6 of MQTT 5.0 and 3.1.1).
//
// What clients send need not be aligned with frames [MQTT5-6.0.0-2]; what we send is, a packet in each. Only
// binary frames are taken.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "broker/net/stream_connection.h"
#include "broker/net/tls_context.h"

namespace mqttvet::net {

// path: the one that is served, as in "/mqtt"; empty: "/" and "/mqtt". No context: without TLS.
ConnectionPtr make_websocket_connection(boost::asio::ip::tcp::socket socket, TlsContextPtr context,
                                        std::string path, Surroundings surroundings);

}  // namespace mqttvet::net
