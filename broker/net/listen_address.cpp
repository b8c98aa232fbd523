#include "broker/net/listen_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace mqttvet::net {
namespace {

// 1883 and 8883 are registered with IANA; 8083 and 8084 are emqttd's.
struct SchemeRow {
  std::string_view name;
  Scheme scheme;
  std::uint16_t port;
};
constexpr SchemeRow kSchemes[] = {
    {"mqtt", Scheme::mqtt, 1883},
    {"mqtts", Scheme::mqtts, 8883},
    {"ws", Scheme::ws, 8083},
    {"wss", Scheme::wss, 8084},
};

std::string wrong(std::string_view url, std::string_view what) {
  return fmt::format(
      "'{}' is not an address to listen on: {}; expected mqtt://, mqtts://, ws:// or wss:// and "
      "ADDRESS[:PORT], as in mqtt://127.0.0.1:1883",
      url, what);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// A path as HTTP asks for it: visible ASCII, no query.
bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F' && c != '?' && c != '#'; });
}

}  // namespace

std::variant<ListenAddress, std::string> parse_listen_address(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong(url, "it has no scheme");
  const std::string_view name = url.substr(0, colon);
  const auto* scheme = std::ranges::find(kSchemes, name, &SchemeRow::name);
  if (scheme == std::end(kSchemes)) return wrong(url, fmt::format("the scheme '{}' is not served", name));

  std::string_view rest = url.substr(colon + 3);
  const bool bracketed = rest.starts_with('[');
  const std::size_t host_end = bracketed ? rest.find(']') : rest.find_first_of(":/");
  if (bracketed && host_end == std::string_view::npos) return wrong(url, "']' is missing");
  std::string host(bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end));
  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + (bracketed ? 1 : 0));
  if (host == "localhost") host = "127.0.0.1";

  boost::system::error_code error;
  const boost::asio::ip::address ip = boost::asio::ip::make_address(host, error);
  if (error || ip.is_v6() != bracketed)
    return wrong(url,
                 fmt::format("'{}' is not an IPv4 address, an IPv6 address in brackets or localhost", host));

  ListenAddress address{scheme->scheme, host, scheme->port, ip.is_loopback()};
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view path = rest.substr(slash);
  if (path.size() > 1 && !uses_websocket(address.scheme))
    return wrong(url, fmt::format("only ws and wss have a path, not '{}'", path));
  if (!is_path(path)) return wrong(url, fmt::format("'{}' is not a path", path));
  if (path.size() > 1) address.path = path;
  if (const std::string_view port_text = rest.substr(0, slash); !port_text.empty()) {
    const std::optional<std::uint16_t> port =
        port_text.front() == ':' ? parse_port(port_text.substr(1)) : std::nullopt;
    if (!port) return wrong(url, fmt::format("'{}' is not a port from 0 to 65535", port_text));
    address.port = *port;
  }
  return address;
}

std::string to_string(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  const auto* scheme = std::ranges::find(kSchemes, address.scheme, &SchemeRow::scheme);
  return fmt::format("{}://{}{}{}:{}{}", scheme->name, v6 ? "[" : "", address.host, v6 ? "]" : "",
                     address.port, address.path);
}

}  // namespace mqttvet::net
