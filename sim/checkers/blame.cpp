#include "sim/checkers/blame.h"

#include <fmt/format.h>

namespace mqttvet::sim {

std::string name_of(const MessageKey& message) {
  return fmt::format("{} on {}", wire::quoted(message.second, 40), wire::quoted(message.first, 60));
}

std::string statement(wire::Version version, std::string_view number_311, std::string_view number_5) {
  const bool five = version == wire::Version::v5_0;
  const std::string_view number = five ? number_5 : number_311;
  return number.empty() ? std::string() : fmt::format("{}-{}", five ? "MQTT5" : "MQTT311", number);
}

wire::Version version_of(const WireView& view, const SessionView& session) {
  return view.connections[session.connections.back()].version;
}

Violation violation(const WireView& view, std::string oracle, std::string statement_id, std::string client,
                    std::string text, std::vector<std::size_t> events) {
  Violation result;
  result.oracle = std::move(oracle);
  result.statement = std::move(statement_id);
  result.at = events.empty() ? view.ended : view.time(events.back());
  result.client = std::move(client);
  result.text = std::move(text);
  result.events = std::move(events);
  return result;
}

}  // namespace mqttvet::sim
