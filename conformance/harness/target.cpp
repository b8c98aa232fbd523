#include "conformance/harness/target.h"

#include <array>
#include <utility>

namespace mqttvet::conformance {
namespace {

constexpr std::array kNames = {
    std::pair{Capability::mqtt_3_1, "mqtt-3.1"},
    std::pair{Capability::mqtt_3_1_1, "mqtt-3.1.1"},
    std::pair{Capability::mqtt_5_0, "mqtt-5.0"},
    std::pair{Capability::qos_1, "qos-1"},
    std::pair{Capability::qos_2, "qos-2"},
    std::pair{Capability::retain, "retain"},
    std::pair{Capability::wildcard_subscription, "wildcard-subscription"},
    std::pair{Capability::subscription_identifier, "subscription-identifier"},
    std::pair{Capability::shared_subscription, "shared-subscription"},
    std::pair{Capability::topic_alias, "topic-alias"},
    std::pair{Capability::persistent_session, "persistent-session"},
    std::pair{Capability::enhanced_authentication, "enhanced-authentication"},
    std::pair{Capability::users, "users"},
    std::pair{Capability::restart, "restart"},
    std::pair{Capability::kill, "kill"},
    std::pair{Capability::websocket, "websocket"},
    std::pair{Capability::saved, "saved"},
    std::pair{Capability::durable, "durable"},
};

}  // namespace

std::string_view name_of(Capability capability) {
  for (const auto& [value, name] : kNames) {
    if (value == capability) return name;
  }
  return "";
}

std::optional<Capability> capability_from(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace mqttvet::conformance
