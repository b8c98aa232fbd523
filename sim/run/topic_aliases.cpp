#include "sim/run/topic_aliases.h"

namespace mqttvet::sim {
namespace {

using wire::PropertyId;

constexpr std::uint8_t kProtocolError = 0x82;
constexpr std::uint8_t kTopicAliasInvalid = 0x94;

std::optional<std::uint16_t> alias_of(const wire::Publish& packet) {
  const auto alias = wire::number(packet.properties, PropertyId::topic_alias);
  if (!alias) return std::nullopt;
  return static_cast<std::uint16_t>(*alias);
}

}  // namespace

void TopicAliases::begin(std::uint16_t outgoing_max, std::uint16_t incoming_max) {
  outgoing_max_ = outgoing_max;
  incoming_max_ = incoming_max;
  outgoing_.clear();
  incoming_.clear();
}

void TopicAliases::shorten(wire::Publish& packet) {
  if (const auto given = alias_of(packet)) {
    if (!packet.topic.empty()) said_[*given] = packet.topic;
    return;
  }
  const auto known = outgoing_.find(packet.topic);
  if (known != outgoing_.end()) {
    packet.topic.clear();
    packet.properties.emplace_back(PropertyId::topic_alias, std::uint32_t{known->second});
  } else if (outgoing_.size() < outgoing_max_) {
    const auto alias = static_cast<std::uint16_t>(outgoing_.size() + 1);
    outgoing_.emplace(packet.topic, alias);
    said_[alias] = packet.topic;
    packet.properties.emplace_back(PropertyId::topic_alias, std::uint32_t{alias});
  }
}

void TopicAliases::lengthen(wire::Publish& packet) const {
  const auto alias = alias_of(packet);
  if (!alias) return;
  const auto meant = said_.find(*alias);
  if (packet.topic.empty() && meant != said_.end()) packet.topic = meant->second;
  std::erase_if(packet.properties,
                [](const wire::Property& property) { return property.id == PropertyId::topic_alias; });
}

std::optional<std::uint8_t> TopicAliases::resolve(wire::Publish& packet) {
  const auto alias = alias_of(packet);
  if (!alias) return std::nullopt;
  if (*alias == 0 || *alias > incoming_max_) return kTopicAliasInvalid;
  if (!packet.topic.empty()) {
    incoming_[*alias] = packet.topic;
    return std::nullopt;
  }
  const auto known = incoming_.find(*alias);
  if (known == incoming_.end()) return kProtocolError;
  packet.topic = known->second;
  return std::nullopt;
}

}  // namespace mqttvet::sim
