#include "conformance/target_live/url.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace mqttvet::conformance {
namespace {

[[noreturn]] void fail(std::string_view text, std::string_view what) {
  throw std::invalid_argument(
      fmt::format("{}: {}; expected mqtt://HOST:PORT, mqtts://, ws://HOST:PORT/PATH or wss://", text, what));
}

Url::Scheme scheme_of(std::string_view name, std::string_view text) {
  if (name == "mqtt") return Url::Scheme::mqtt;
  if (name == "mqtts") return Url::Scheme::mqtts;
  if (name == "ws") return Url::Scheme::ws;
  if (name == "wss") return Url::Scheme::wss;
  fail(text, fmt::format("unknown scheme '{}'", name));
}

std::uint16_t default_port(Url::Scheme scheme) {
  switch (scheme) {
    case Url::Scheme::mqtt:
      return 1883;
    case Url::Scheme::mqtts:
      return 8883;
    case Url::Scheme::ws:
      return 80;
    case Url::Scheme::wss:
      break;
  }
  return 443;
}

std::uint16_t parse_port(std::string_view digits, std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535)
    fail(text, fmt::format("'{}' is no port", digits));
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Url parse_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == text.npos) fail(text, "no scheme");
  Url url;
  url.scheme = scheme_of(text.substr(0, colon), text);
  std::string_view rest = text.substr(colon + 3);
  if (const std::size_t slash = rest.find('/'); slash != rest.npos) {
    if (!url.has_websocket() && slash + 1 < rest.size()) fail(text, "a path without WebSocket");
    if (slash + 1 < rest.size()) url.path = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    const std::string_view user = rest.substr(0, at);
    const std::size_t separator = user.find(':');
    url.credentials.user_name = user.substr(0, separator);
    if (separator != user.npos) url.credentials.password = user.substr(separator + 1);
    rest = rest.substr(at + 1);
  }
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == rest.npos) fail(text, "'[' without ']'");
  const std::size_t port = rest.find(':', bracket);
  url.host = bracket > 0 ? rest.substr(1, bracket - 1) : rest.substr(0, port);
  if (url.host.empty()) fail(text, "no host");
  url.port = port == rest.npos ? default_port(url.scheme) : parse_port(rest.substr(port + 1), text);
  return url;
}

}  // namespace mqttvet::conformance
