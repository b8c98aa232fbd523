#include "broker/core/capabilities.h"

#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/codec/utf8.h"
#include "broker/core/spec.h"

namespace mqttvet::core {

using codec::QoS;
using codec::ReasonCode;

void announce_capabilities(const Config& config, codec::ConnackProperties& properties) {
  if (config.receive_maximum != 65535) properties.receive_maximum = config.receive_maximum;
  if (config.maximum_qos != QoS::exactly_once) {
    SPEC("MQTT5-3.2.2-9");
    properties.maximum_qos = static_cast<std::uint8_t>(config.maximum_qos);
  }
  if (!config.retain_available) properties.retain_available = false;
  if (config.topic_alias_maximum != 0) properties.topic_alias_maximum = config.topic_alias_maximum;
  if (!config.wildcard_subscription_available) properties.wildcard_subscription_available = false;
  if (!config.subscription_identifier_available) properties.subscription_identifier_available = false;
  if (!config.shared_subscription_available) properties.shared_subscription_available = false;
}

std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Will& will) {
  if (will.qos > config.maximum_qos) {
    SPEC("MQTT5-3.2.2-12");
    return Refusal{ReasonCode::qos_not_supported, "Will QoS above Maximum QoS"};
  }
  if (will.retain && !config.retain_available) {
    SPEC("MQTT5-3.2.2-13");
    return Refusal{ReasonCode::retain_not_supported, "Will Retain, and no messages are retained here"};
  }
  return std::nullopt;
}

// The client was told in CONNACK; of 3.1.1 see SPEC_NOTES N12.
std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Publish& publish) {
  if (publish.qos > config.maximum_qos) {
    return Refusal{ReasonCode::qos_not_supported, "PUBLISH with a QoS above Maximum QoS"};
  }
  if (publish.retain && !config.retain_available) {
    return Refusal{ReasonCode::retain_not_supported,
                   "PUBLISH with RETAIN, and no messages are retained here"};
  }
  return std::nullopt;
}

std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Subscribe& subscribe) {
  if (subscribe.subscription_identifier && !config.subscription_identifier_available) {
    return Refusal{ReasonCode::subscription_identifiers_not_supported,
                   "SUBSCRIBE with a Subscription Identifier"};
  }
  const auto has_wildcard = [](const auto& request) { return codec::has_wildcard(request.topic_filter); };
  if (!config.wildcard_subscription_available && std::ranges::any_of(subscribe.requests, has_wildcard)) {
    return Refusal{ReasonCode::wildcard_subscriptions_not_supported, "SUBSCRIBE with a wildcard"};
  }
  const auto is_shared = [](const auto& request) { return codec::is_shared(request.topic_filter); };
  if (!config.shared_subscription_available && std::ranges::any_of(subscribe.requests, is_shared)) {
    return Refusal{ReasonCode::shared_subscriptions_not_supported, "SUBSCRIBE with a shared subscription"};
  }
  return std::nullopt;
}

bool has_stated_format(const Config& config, const codec::MessageProperties& properties,
                       codec::BytesView payload) {
  if (!config.check_payload_format || !properties.payload_format_indicator.value_or(false)) return true;
  // U+0000 is a character of UTF-8, only not of MQTT's strings.
  while (codec::check_utf8(payload) == codec::Utf8::null_character)
    payload.remove_prefix(payload.find('\0') + 1);
  return codec::is_valid_utf8(payload);
}

}  // namespace mqttvet::core
