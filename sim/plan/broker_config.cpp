#include "sim/plan/broker_config.h"

#include <charconv>
#include <functional>
#include <limits>
#include <span>

#include "sim/plan/duration.h"

namespace mqttvet::sim {
namespace {

using Setter = std::optional<std::string> (*)(core::Config&, std::string_view value);

// The setter of a member that is a whole number of low..high.
template <auto member, std::uint64_t low, std::uint64_t high>
std::optional<std::string> set_number(core::Config& config, std::string_view value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < low || number > high) {
    return "'" + std::string(value) + "' is not valid; expected a whole number, " + std::to_string(low) +
           " to " + std::to_string(high);
  }
  config.*member = static_cast<std::remove_reference_t<decltype(config.*member)>>(number);
  return std::nullopt;
}

template <auto member>
std::optional<std::string> set_flag(core::Config& config, std::string_view value) {
  if (value != "true" && value != "false") {
    return "'" + std::string(value) + "' is not valid; expected true or false";
  }
  config.*member = value == "true";
  return std::nullopt;
}

template <auto member>
std::optional<std::string> set_seconds(core::Config& config, std::string_view value) {
  if (value == "never") {
    config.*member = codec::kNeverExpires;
    return std::nullopt;
  }
  const auto duration = parse_duration(value);
  if (!duration || *duration < Duration{0} || *duration % std::chrono::seconds(1) != Duration{0}) {
    return "'" + std::string(value) + "' is not valid; expected whole seconds such as 30s or 2h, or never";
  }
  config.*member = std::chrono::duration_cast<std::chrono::seconds>(*duration);
  return std::nullopt;
}

struct Key {
  std::string_view name;
  Setter set;
};
using core::Config;
constexpr std::uint64_t kMany = 1'000'000'000;
constexpr Key kKeys[] = {
    {"maximum_packet_size_bytes", set_number<&Config::maximum_packet_size_bytes, 32, 268435460>},
    {"client_id_bytes_max", set_number<&Config::client_id_bytes_max, 23, 65535>},
    {"connect_timeout", set_seconds<&Config::connect_timeout>},
    {"topic_levels_max", set_number<&Config::topic_levels_max, 1, 65535>},
    {"server_keep_alive_max", set_seconds<&Config::server_keep_alive_max>},
    {"write_queue_bytes_max", set_number<&Config::write_queue_bytes_max, 1024, kMany>},
    {"receive_maximum", set_number<&Config::receive_maximum, 1, 65535>},
    {"max_inflight", set_number<&Config::max_inflight, 0, 65535>},
    {"retry_interval", set_seconds<&Config::retry_interval>},
    {"first_packet_id", set_number<&Config::first_packet_id, 1, 65535>},
    {"last_packet_id", set_number<&Config::last_packet_id, 1, 65535>},
    {"session_expiry_interval_v3", set_seconds<&Config::session_expiry_interval_v3>},
    {"session_expiry_interval_max", set_seconds<&Config::session_expiry_interval_max>},
    {"queue_messages_max", set_number<&Config::queue_messages_max, 0, kMany>},
    {"queue_qos0", set_flag<&Config::queue_qos0>},
    {"retained_messages_max", set_number<&Config::retained_messages_max, 0, kMany>},
};

}  // namespace

std::optional<std::string> set_broker_key(Config& config, std::string_view key, std::string_view value) {
  std::string names;
  for (const Key& known : kKeys) {
    if (known.name == key) {
      auto problem = known.set(config, value);
      if (problem) *problem = std::string(key) + ": " + *problem;
      return problem;
    }
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return "unknown key '" + std::string(key) + "' in broker; expected one of " + names;
}

core::Config broker_config(const BrokerPlan& plan) {
  core::Config config;
  for (const auto& [key, value] : plan.config) set_broker_key(config, key, value);
  return config;
}

}  // namespace mqttvet::sim
