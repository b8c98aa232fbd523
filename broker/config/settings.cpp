#include "broker/config/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/config/keys.h"
#include "broker/driver/config_table.h"
#include "broker/driver/config_text.h"
#include "broker/driver/nearest.h"

namespace mqttvet::config {

Settings::Settings() : core(driver::program_defaults()) {
  net::ListenerConfig& first = listeners.emplace_back();
  first.address = {net::Scheme::mqtt, "127.0.0.1", 1883, true};
}

std::optional<std::string> apply(Settings& settings, std::string_view key, std::string_view value) {
  const auto known = std::ranges::find(program_keys(), key, &ProgramKey::name);
  if (known != program_keys().end()) {
    if (known->set(settings, value)) return std::nullopt;
    return fmt::format("{}: expected {}, not '{}'", key, known->unit, value);
  }
  if (key.find('.') == std::string_view::npos) return driver::apply(settings.core, key, value);
  std::vector<std::string_view> names;
  for (const ProgramKey& one : program_keys()) names.push_back(one.name);
  return fmt::format("unknown configuration key '{}': did you mean '{}'?", key, driver::nearest(key, names));
}

std::vector<std::string> differing_keys(const Settings& one, const Settings& other) {
  std::vector<std::string> names;
  for (const ProgramKey& key : program_keys())
    if (key.text(one) != key.text(other)) names.emplace_back(key.name);
  const std::vector<driver::ConfigKey> ones = driver::config_keys(one.core);
  const std::vector<driver::ConfigKey> others = driver::config_keys(other.core);
  for (std::size_t i = 0; i < ones.size(); ++i)
    if (ones[i].value != others[i].value) names.emplace_back(ones[i].name);
  return names;
}

namespace {

// Nobody comes to it but with a certificate that says who it is.
bool knows_everybody(const net::ListenerConfig& listener) {
  return uses_tls(listener.address.scheme) && listener.verify_client == net::VerifyClient::required &&
         listener.use_certificate_name;
}

}  // namespace

std::optional<std::string> check(const Settings& settings) {
  if (settings.data_directory.empty() && !settings.memory)
    return "where are sessions and messages to be kept? --data DIR, or --memory to keep nothing "
           "(storage.directory, storage.memory)";
  if (!settings.data_directory.empty() && settings.memory)
    return "storage.directory and storage.memory exclude each other";
  if (settings.listeners.empty()) return "there is nothing to listen on: listeners is empty";
  for (const net::ListenerConfig& listener : settings.listeners) {
    // Whoever reaches the address may do anything.
    if (!listener.address.loopback && settings.users_file.empty() && !knows_everybody(listener))
      return fmt::format(
          "{}: without a users file only loopback addresses (127.0.0.1, [::1]) are served; see "
          "access.users_file, and allow_anonymous if everybody is welcome",
          to_string(listener.address));
    if (uses_tls(listener.address.scheme) && (listener.certificate_file.empty() || listener.key_file.empty()))
      return fmt::format("{}: needs certificate_file and key_file", to_string(listener.address));
    if (uses_tls(listener.address.scheme) && listener.verify_client != net::VerifyClient::off &&
        listener.client_ca_file.empty())
      return fmt::format("{}: verify_client needs client_ca_file", to_string(listener.address));
    if (listener.use_certificate_name &&
        (!uses_tls(listener.address.scheme) || listener.verify_client == net::VerifyClient::off))
      return fmt::format("{}: use_certificate_name needs mqtts or wss, and verify_client",
                         to_string(listener.address));
  }
  return std::nullopt;
}

}  // namespace mqttvet::config
