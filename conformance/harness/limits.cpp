#include "conformance/harness/limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/wire/encoder.h"

namespace mqttvet::conformance {
namespace {

// Every topic name and filter that the packet has.
std::vector<std::string_view> topics_of(const wire::Packet& packet) {
  std::vector<std::string_view> topics;
  if (const auto* connect = std::get_if<wire::Connect>(&packet)) {
    if (connect->will) topics.emplace_back(connect->will->topic);
  } else if (const auto* publish = std::get_if<wire::Publish>(&packet)) {
    topics.emplace_back(publish->topic);
  } else if (const auto* subscribe = std::get_if<wire::Subscribe>(&packet)) {
    for (const auto& subscription : subscribe->subscriptions) topics.emplace_back(subscription.topic_filter);
  } else if (const auto* unsubscribe = std::get_if<wire::Unsubscribe>(&packet)) {
    for (const auto& topic_filter : unsubscribe->topic_filters) topics.emplace_back(topic_filter);
  }
  return topics;
}

std::string what_exceeds(const Limits& limits, std::string_view topic) {
  if (topic.size() > limits.topic_bytes_max)
    return fmt::format("a topic of {} bytes, at most {}", topic.size(), limits.topic_bytes_max);
  const auto levels = static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/')) + 1;
  if (levels > limits.topic_levels_max)
    return fmt::format("a topic of {} levels, at most {}", levels, limits.topic_levels_max);
  for (const std::string& forbidden : limits.forbidden_topics) {
    if (topic.starts_with(forbidden)) return fmt::format("no topic that begins with \"{}\"", forbidden);
  }
  return "";
}

}  // namespace

std::string what_exceeds(const Limits& limits, const wire::Packet& packet, wire::Version version) {
  if (const auto* connect = std::get_if<wire::Connect>(&packet);
      connect && connect->client_id.size() > limits.client_id_bytes_max) {
    return fmt::format("a client identifier of {} bytes, at most {}", connect->client_id.size(),
                       limits.client_id_bytes_max);
  }
  for (const std::string_view topic : topics_of(packet)) {
    if (std::string beyond = what_exceeds(limits, topic); !beyond.empty()) return beyond;
  }
  if (limits.packet_bytes_max == Limits::kNone) return "";
  const std::size_t size = wire::encode(packet, version).size();
  return size > limits.packet_bytes_max
             ? fmt::format("a packet of {} bytes, at most {}", size, limits.packet_bytes_max)
             : std::string();
}

}  // namespace mqttvet::conformance
