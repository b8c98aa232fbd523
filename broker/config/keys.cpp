#include "broker/config/keys.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "broker/core/seam.h"

namespace mqttvet::config {
namespace {

using net::ListenerConfig;

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};  // LogLevel
constexpr std::string_view kFormats[] = {"text", "json"};                      // LogFormat
constexpr std::string_view kVerifyClient[] = {"off", "optional", "required"};  // net::VerifyClient

template <class Enum, std::size_t Count>
bool set_word(Enum& into, const std::string_view (&words)[Count], std::string_view text) {
  const auto* found = std::ranges::find(words, text);
  if (found == std::end(words)) return false;
  into = static_cast<Enum>(found - std::begin(words));
  return true;
}

template <class Number>
bool set_number(Number& into, std::string_view text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) return false;
  into = static_cast<Number>(number);
  return true;
}

bool set_flag(bool& into, std::string_view text) {
  if (text != "true" && text != "false") return false;
  into = text == "true";
  return true;
}

template <std::string ListenerConfig::*member>
ListenerKey file_key(std::string_view name, std::string_view description) {
  return {name,
          "path of a PEM file",
          description,
          true,
          [](ListenerConfig& target, std::string_view text) {
            target.*member = text;
            return true;
          },
          [](const ListenerConfig& target) { return target.*member; }};
}

template <std::string Settings::*member>
ProgramKey path_key(std::string_view name, std::string_view unit, std::string_view description) {
  return {name,
          unit,
          description,
          true,
          [](Settings& target, std::string_view text) {
            target.*member = text;
            return true;
          },
          [](const Settings& target) { return target.*member; }};
}

template <core::Log::Area area>
ProgramKey log_key(std::string_view name, std::string_view description) {
  constexpr auto kArea = static_cast<std::size_t>(area);
  return {name,
          "debug, info, warning or error; empty: log.level",
          description,
          true,
          [](Settings& target, std::string_view text) {
            LogLevel level{};
            if (!text.empty() && !set_word(level, kLevels, text)) return false;
            target.log_areas[kArea] = text.empty() ? std::nullopt : std::optional(level);
            return true;
          },
          [](const Settings& target) {
            const std::optional<LogLevel>& level = target.log_areas[kArea];
            return std::string(level ? kLevels[static_cast<std::size_t>(*level)] : "");
          }};
}

const ProgramKey kProgramKeys[] = {
    path_key<&Settings::data_directory>("storage.directory", "path",
                                        "Directory that sessions and messages are kept in."),
    {"storage.memory", "true or false", "Keep nothing: everything is lost at the end.", false,
     [](Settings& target, std::string_view text) { return set_flag(target.memory, text); },
     [](const Settings& target) { return std::string(target.memory ? "true" : "false"); }},
    path_key<&Settings::users_file>(
        "access.users_file", "path; empty: none",
        "Who there is: mqttvet-broker passwd writes it. Without it only loopback addresses are served."),
    path_key<&Settings::acl_file>("access.acl_file", "path; empty: none",
                                  "Who may do what. Without it everybody may do everything."),
    {"log.level", "debug, info, warning or error", "The least important lines that are written.", true,
     [](Settings& target, std::string_view text) { return set_word(target.log_level, kLevels, text); },
     [](const Settings& target) { return std::string(kLevels[static_cast<std::size_t>(target.log_level)]); }},
    log_key<core::Log::Area::broker>("log.broker", "The same, for its start, its end and its disk."),
    log_key<core::Log::Area::net>("log.net",
                                  "The same, for listeners and the handshakes of TLS and WebSocket."),
    log_key<core::Log::Area::connection>("log.connection",
                                         "The same, for clients that come and are sent away."),
    log_key<core::Log::Area::session>("log.session", "The same, for sessions that are taken over or expire."),
    log_key<core::Log::Area::message>("log.message",
                                      "The same, for what queues and retained messages have no room for."),
    {"log.format", "text or json", "Lines for people, or one JSON object a line.", true,
     [](Settings& target, std::string_view text) { return set_word(target.log_format, kFormats, text); },
     [](const Settings& target) {
       return std::string(kFormats[static_cast<std::size_t>(target.log_format)]);
     }},
};

const ListenerKey kListenerKeys[] = {
    {"address", "mqtt, mqtts, ws or wss://ADDRESS[:PORT][/PATH]; port 0: any",
     "Where clients come, and what carries their packets.", true,
     [](ListenerConfig& target, std::string_view text) {
       auto parsed = net::parse_listen_address(text);
       auto* address = std::get_if<net::ListenAddress>(&parsed);
       if (address != nullptr) target.address = std::move(*address);
       return address != nullptr;
     },
     [](const ListenerConfig& target) { return to_string(target.address); }},
    file_key<&ListenerConfig::certificate_file>("certificate_file",
                                                "Of mqtts and wss; the chain may follow it in the file."),
    file_key<&ListenerConfig::key_file>("key_file", "The key of the certificate."),
    file_key<&ListenerConfig::client_ca_file>("client_ca_file", "Who signs the certificates of clients."),
    {"verify_client", "off, optional or required", "Whether clients have to show a certificate.", true,
     [](ListenerConfig& target, std::string_view text) {
       return set_word(target.verify_client, kVerifyClient, text);
     },
     [](const ListenerConfig& target) {
       return std::string(kVerifyClient[static_cast<std::size_t>(target.verify_client)]);
     }},
    {"use_certificate_name", "true or false",
     "The common name of a client's certificate is its user name; no password is needed.", false,
     [](ListenerConfig& target, std::string_view text) {
       return set_flag(target.use_certificate_name, text);
     },
     [](const ListenerConfig& target) {
       return std::string(target.use_certificate_name ? "true" : "false");
     }},
    {"connections_max", "connections, 1 to 10000000", "More are accepted and closed at once.", false,
     [](ListenerConfig& target, std::string_view text) {
       return set_number(target.limits.connections_max, text, 1, 10'000'000);
     },
     [](const ListenerConfig& target) { return std::to_string(target.limits.connections_max); }},
    {"connect_rate_max", "connections per second; 0: no limit", "More are accepted and closed at once.",
     false,
     [](ListenerConfig& target, std::string_view text) {
       return set_number(target.limits.connect_rate_max, text, 0, 10'000'000);
     },
     [](const ListenerConfig& target) { return std::to_string(target.limits.connect_rate_max); }},
    {"message_rate_max", "PUBLISH packets per second and connection; 0: no limit",
     "What comes faster waits in the client.", false,
     [](ListenerConfig& target, std::string_view text) {
       return set_number(target.limits.message_rate_max, text, 0, 10'000'000);
     },
     [](const ListenerConfig& target) { return std::to_string(target.limits.message_rate_max); }},
    {"packet_size_bytes_max", "bytes of a whole packet; 0: maximum_packet_size_bytes",
     "Larger packets are refused on this listener.", false,
     [](ListenerConfig& target, std::string_view text) {
       return set_number(target.limits.packet_size_bytes_max, text, 0, 268'435'460);
     },
     [](const ListenerConfig& target) { return std::to_string(target.limits.packet_size_bytes_max); }},
    {"connect_timeout", "seconds; 0: connect_timeout of all",
     "From accepting to a complete CONNECT, handshakes of TLS and WebSocket included.", false,
     [](ListenerConfig& target, std::string_view text) {
       std::uint32_t count = 0;
       if (!set_number(count, text, 0, 316'224'000)) return false;
       target.limits.connect_timeout = std::chrono::seconds(count);
       return true;
     },
     [](const ListenerConfig& target) { return std::to_string(target.limits.connect_timeout.count()); }},
};

}  // namespace

std::span<const ProgramKey> program_keys() {
  return kProgramKeys;
}
std::span<const ListenerKey> listener_keys() {
  return kListenerKeys;
}

}  // namespace mqttvet::config
