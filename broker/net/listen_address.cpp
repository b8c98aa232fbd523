#include "broker/net/listen_address.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace mqttvet::net {
namespace {

constexpr std::uint16_t kMqttPort = 1883;  // registered with IANA

std::string wrong(std::string_view url, std::string_view what) {
  return fmt::format(
      "'{}' is not an address to listen on: {}; expected mqtt://ADDRESS[:PORT], as in mqtt://127.0.0.1:1883",
      url, what);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::variant<ListenAddress, std::string> parse_listen_address(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong(url, "it has no scheme");
  const std::string_view scheme = url.substr(0, colon);
  if (scheme != "mqtt") return wrong(url, fmt::format("the scheme '{}' is not served", scheme));

  std::string_view rest = url.substr(colon + 3);
  const bool bracketed = rest.starts_with('[');
  const std::size_t host_end = bracketed ? rest.find(']') : rest.find_first_of(":/");
  if (bracketed && host_end == std::string_view::npos) return wrong(url, "']' is missing");
  std::string host(bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end));
  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + (bracketed ? 1 : 0));
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (host == "localhost") host = "127.0.0.1";

  boost::system::error_code error;
  const boost::asio::ip::address ip = boost::asio::ip::make_address(host, error);
  if (error || ip.is_v6() != bracketed)
    return wrong(url,
                 fmt::format("'{}' is not an IPv4 address, an IPv6 address in brackets or localhost", host));

  ListenAddress address{Scheme::mqtt, host, kMqttPort, ip.is_loopback()};
  if (!rest.empty()) {
    const std::optional<std::uint16_t> port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return wrong(url, fmt::format("'{}' is not a port from 0 to 65535", rest));
    address.port = *port;
  }
  return address;
}

std::string to_string(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(v6 ? "mqtt://[{}]:{}" : "mqtt://{}:{}"), address.host, address.port);
}

}  // namespace mqttvet::net
