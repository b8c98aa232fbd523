// The HTTP request that asks for WebSocket: what is wrong with it, and which sub-protocol it gets.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mqttvet::net {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;
using UpgradeRefusal = boost::beast::http::response<boost::beast::http::string_body>;

// The sub-protocol to answer with: "mqtt" [MQTT5-6.0.0-3, MQTT5-6.0.0-4], or "mqttv3.1" of older clients that
// offer nothing else; or how to refuse. path: as in make_websocket_connection().
std::variant<std::string, UpgradeRefusal> judge_upgrade(const UpgradeRequest& request, std::string_view path);

}  // namespace mqttvet::net
