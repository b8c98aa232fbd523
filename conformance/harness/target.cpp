#include "conformance/harness/target.h"

#include <array>
#include <stdexcept>
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
    std::pair{Capability::several_in_flight, "several-in-flight"},
    std::pair{Capability::persistent_session, "persistent-session"},
    std::pair{Capability::enhanced_authentication, "enhanced-authentication"},
    std::pair{Capability::users, "users"},
    std::pair{Capability::restart, "restart"},
    std::pair{Capability::kill, "kill"},
    std::pair{Capability::websocket, "websocket"},
    std::pair{Capability::saved, "saved"},
    std::pair{Capability::time_jumps, "time-jumps"},
    std::pair{Capability::durable, "durable"},
    std::pair{Capability::paho, "paho"},
};

constexpr std::pair<Variant, std::string_view> kVariants[] = {
    {Variant::plain, "plain"},
    {Variant::maximum_qos_0, "maximum-qos-0"},
    {Variant::maximum_qos_1, "maximum-qos-1"},
    {Variant::no_retain, "no-retain"},
    {Variant::no_wildcard_subscription, "no-wildcard-subscription"},
    {Variant::no_subscription_identifier, "no-subscription-identifier"},
    {Variant::no_shared_subscription, "no-shared-subscription"},
    {Variant::no_topic_alias, "no-topic-alias"},
    {Variant::receive_maximum_1, "receive-maximum-1"},
    {Variant::maximum_packet_size_2048, "maximum-packet-size-2048"},
    {Variant::server_keep_alive_2, "server-keep-alive-2"},
    {Variant::session_expiry_max_2, "session-expiry-max-2"},
    {Variant::checks_payload_format, "checks-payload-format"},
    {Variant::packet_ids_up_to_8, "packet-ids-up-to-8"},
    {Variant::no_queue_limit, "no-queue-limit"},
    {Variant::sent_elsewhere, "sent-elsewhere"},
};

}  // namespace

std::string_view name_of(Capability capability) {
  for (const auto& [value, name] : kNames) {
    if (value == capability) return name;
  }
  return "";
}

std::string_view name_of(Variant variant) {
  for (const auto& [value, name] : kVariants) {
    if (value == variant) return name;
  }
  return "";
}

std::optional<Variant> variant_from(std::string_view name) {
  for (const auto& [value, known] : kVariants) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::unique_ptr<Program> Venue::start(Library, const ProgramSettings&, ProgramEvents&) {
  throw std::logic_error("this target runs no programs");
}

std::unique_ptr<Channel> Venue::accept(ChannelEvents&) {
  throw std::logic_error("this target makes no connections");
}

std::optional<Capability> capability_from(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace mqttvet::conformance
