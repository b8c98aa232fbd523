#include "sim/checkers/blame.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/topic_filter.h"

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

std::size_t matching_filters(const SessionView& session, std::string_view topic) {
  return static_cast<std::size_t>(
      std::count_if(session.requested.begin(), session.requested.end(), [&](std::string_view filter) {
        if (filter.starts_with("$queue/")) filter.remove_prefix(7);
        if (filter.starts_with("$share/"))
          filter.remove_prefix(std::min(filter.find('/', 7), filter.size() - 1) + 1);
        return filter_matches(filter, topic);
      }));
}

bool is_shared(std::string_view filter) {
  return filter.starts_with("$share/") || filter.starts_with("$queue/");
}

bool has_shared(const SessionView& session) {
  return std::any_of(session.requested.begin(), session.requested.end(), is_shared);
}

bool watches_the_broker(const SessionView& session) {
  return std::any_of(session.requested.begin(), session.requested.end(),
                     [](const std::string& filter) { return filter.starts_with("$SYS"); });
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
