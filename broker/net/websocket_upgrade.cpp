#include "broker/net/websocket_upgrade.h"

#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace mqttvet::net {
namespace {

namespace http = boost::beast::http;

UpgradeRefusal refusal(const UpgradeRequest& request, http::status status, std::string text) {
  UpgradeRefusal response(status, request.version());
  response.set(http::field::content_type, "text/plain");
  response.set(http::field::connection, "close");
  if (status == http::status::upgrade_required) response.set(http::field::upgrade, "websocket");
  response.body() = std::move(text) + "\n";
  response.prepare_payload();
  return response;
}

bool is_served(std::string_view target, std::string_view path) {
  target = target.substr(0, target.find('?'));
  return path.empty() ? target == "/" || target == "/mqtt" : target == path;
}

}  // namespace

std::variant<std::string, UpgradeRefusal> judge_upgrade(const UpgradeRequest& request,
                                                        std::string_view path) {
  if (!is_served({request.target().data(), request.target().size()}, path))
    return refusal(request, http::status::not_found, "nothing is served here");
  if (!boost::beast::websocket::is_upgrade(request))
    return refusal(request, http::status::upgrade_required, "MQTT over WebSocket only");
  http::token_list offered(request[http::field::sec_websocket_protocol]);
  for (const char* protocol : {"mqtt", "mqttv3.1"})
    if (offered.exists(protocol)) return std::string(protocol);
  return refusal(request, http::status::bad_request, "expected the WebSocket sub-protocol mqtt");
}

}  // namespace mqttvet::net
