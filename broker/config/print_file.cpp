#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker/config/file.h"
#include "broker/config/keys.h"
#include "broker/driver/config_text.h"

namespace mqttvet::config {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string entry(std::string_view indent, std::string_view name, std::string_view value, bool is_text,
                  std::string_view description, std::string_view unit, std::string_view emqttd = {}) {
  std::string text = fmt::format("{}# {}\n{}# ({}", indent, description, indent, unit);
  if (!emqttd.empty()) text += fmt::format("; emqttd: {}", emqttd);
  return text + fmt::format(")\n{}{}: {}\n", indent, name, is_text ? quoted(value) : std::string(value));
}

std::string listeners(const Settings& settings) {
  std::string text =
      "\n# --- Where it listens ---\n"
      "# A list: as many listeners as you like. Only the address must be there.\n"
      "listeners:\n";
  for (const net::ListenerConfig& listener : settings.listeners) {
    bool first = true;
    for (const ListenerKey& key : listener_keys()) {
      std::string one = entry("    ", key.name, key.text(listener), key.is_text, key.description, key.unit);
      if (std::exchange(first, false)) {  // the list's dash stands before the first key itself
        const std::size_t at = one.rfind("    address");
        one.replace(at, 4, "  - ");
      }
      text += one;
    }
  }
  return text;
}

std::string program_sections(const Settings& settings) {
  std::string text;
  std::string_view section;
  for (const ProgramKey& key : program_keys()) {
    const std::size_t dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      text += fmt::format("\n{}:\n", section);
    }
    text += entry("  ", key.name.substr(dot + 1), key.text(settings), key.is_text, key.description, key.unit);
  }
  return text;
}

std::string core_sections(const Settings& settings) {
  std::string text;
  std::string_view section;
  for (const driver::ConfigKey& key : driver::config_keys(settings.core)) {
    if (key.section != section) {
      section = key.section;
      text += fmt::format("\n# --- {} ---\n", section);
    }
    text += entry("", key.name, key.value, key.is_text, key.description, key.unit, key.emqttd);
  }
  return text;
}

}  // namespace

std::string print(const Settings& settings) {
  return "# The configuration of mqttvet-broker, with every key: mqttvet-broker --config FILE. Any key can "
         "be given\n"
         "# on the command line as well: --set max_inflight=20 --set storage.directory=DIR. SIGHUP reads "
         "it again, and\n"
         "# users, ACL and certificates. mqttvet-broker --print-config writes this file.\n" +
         listeners(settings) + program_sections(settings) + core_sections(settings);
}

}  // namespace mqttvet::config
