#include "sim/run/raw_packets.h"

namespace mqttvet::sim {
namespace {

using wire::PropertyId;

void add(wire::Properties& properties, PropertyId id, std::optional<std::uint32_t> value) {
  if (value) properties.emplace_back(id, *value);
}
void add(wire::Properties& properties, PropertyId id, std::optional<std::chrono::seconds> value) {
  if (value) properties.emplace_back(id, static_cast<std::uint32_t>(value->count()));
}
void add(wire::Properties& properties, const wire::Properties& more) {
  properties.insert(properties.end(), more.begin(), more.end());
}

wire::Will will_of(const WillPlan& plan) {
  wire::Will will{.qos = static_cast<std::uint8_t>(plan.qos),
                  .retain = plan.retain,
                  .topic = plan.topic,
                  .payload = plan.payload};
  add(will.properties, PropertyId::will_delay_interval, plan.delay);
  add(will.properties, PropertyId::message_expiry_interval, plan.expiry);
  add(will.properties, plan.properties);
  return will;
}

}  // namespace

wire::Connect connect_packet(const ClientPlan& plan, const DoConnect& operation, bool clean_start) {
  wire::Connect connect{.version = static_cast<wire::Version>(plan.version),
                        .clean_start = clean_start,
                        .keep_alive = static_cast<std::uint16_t>(plan.keep_alive.count()),
                        .client_id = plan.client_id};
  if (plan.version == Version::v5_0) {
    add(connect.properties, PropertyId::session_expiry_interval,
        operation.session_expiry ? operation.session_expiry : plan.session_expiry);
    add(connect.properties, PropertyId::receive_maximum,
        operation.receive_maximum ? operation.receive_maximum : plan.receive_maximum);
    add(connect.properties, PropertyId::maximum_packet_size, plan.maximum_packet_size);
    add(connect.properties, plan.properties);
    add(connect.properties, operation.properties);
  }
  if (plan.will && operation.with_will) connect.will = will_of(*plan.will);
  connect.user_name = operation.user_name ? operation.user_name : plan.user_name;
  connect.password = operation.password ? operation.password : plan.password;
  return connect;
}

wire::Disconnect disconnect_packet(const DoDisconnect& operation) {
  wire::Disconnect disconnect{.reason_code = static_cast<std::uint8_t>(operation.reason_code)};
  add(disconnect.properties, PropertyId::session_expiry_interval, operation.session_expiry);
  add(disconnect.properties, operation.properties);
  return disconnect;
}

wire::Subscribe subscribe_packet(const DoSubscribe& operation, std::uint16_t packet_id) {
  wire::Subscribe packet{.packet_id = packet_id};
  add(packet.properties, PropertyId::subscription_identifier, operation.subscription_identifier);
  add(packet.properties, operation.properties);
  for (const DoSubscribe::Filter& filter : operation.filters)
    packet.subscriptions.push_back({.topic_filter = filter.filter,
                                    .qos = static_cast<std::uint8_t>(filter.qos),
                                    .no_local = filter.no_local,
                                    .retain_as_published = filter.retain_as_published,
                                    .retain_handling = static_cast<std::uint8_t>(filter.retain_handling)});
  return packet;
}

wire::Unsubscribe unsubscribe_packet(const DoUnsubscribe& operation, std::uint16_t packet_id) {
  return {.packet_id = packet_id, .properties = operation.properties, .topic_filters = operation.filters};
}

wire::Publish publish_packet(const DoPublish& operation, std::string payload) {
  wire::Publish message{.qos = static_cast<std::uint8_t>(operation.qos),
                        .retain = operation.retain,
                        .topic = operation.topic,
                        .properties = {},
                        .payload = std::move(payload)};
  add(message.properties, PropertyId::message_expiry_interval, operation.expiry);
  add(message.properties, operation.properties);
  return message;
}

}  // namespace mqttvet::sim
