// The certificate, the key and the authorities of a TLS listener, read from their files.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "broker/net/connection.h"
#include "broker/net/listener_config.h"

namespace mqttvet::net {

using TlsContextPtr = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 and later, with the files of `config`; or one line that names the key, the file and what is wrong.
std::variant<TlsContextPtr, std::string> load_tls_context(const ListenerConfig& config);

// What there is to say about a handshake of TLS that has ended. `tls` is an SSL*.
Handshake tls_handshake_result(SSL* tls, const boost::system::error_code& error);

}  // namespace mqttvet::net
