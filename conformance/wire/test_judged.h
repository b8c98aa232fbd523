// The broker's structs said in the judge's words, so that two readings of the same bytes can be compared. For
// tests only: nothing that judges includes the broker's codec.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "broker/codec/packet.h"
#include "conformance/wire/packet.h"

namespace mqttvet::wire::testing {

using std::chrono::seconds;

// Collects properties in the order of table 2-4, which is also the order of random::properties().
class PropertyList {
 public:
  PropertyList& add(PropertyId id, const std::optional<bool>& value) {
    if (value) list_.emplace_back(id, *value ? 1U : 0U);
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint8_t>& value) {
    if (value) list_.emplace_back(id, std::uint32_t{*value});
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint16_t>& value) {
    if (value) list_.emplace_back(id, std::uint32_t{*value});
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint32_t>& value) {
    if (value) list_.emplace_back(id, *value);
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<seconds>& value) {
    if (value) list_.emplace_back(id, static_cast<std::uint32_t>(value->count()));
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::string>& value) {
    if (value) list_.emplace_back(id, *value);
    return *this;
  }
  PropertyList& add(const codec::UserProperties& pairs) {
    for (const codec::UserProperty& pair : pairs) list_.emplace_back(pair.name, pair.value);
    return *this;
  }
  Properties sorted() const { return sort(list_); }

  // One order for both sides; equal identifiers keep theirs.
  static Properties sort(Properties list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Property& a, const Property& b) { return a.id < b.id; });
    return list;
  }

 private:
  Properties list_;
};

inline PropertyList message(const codec::MessageProperties& p) {
  PropertyList list;
  list.add(PropertyId::payload_format_indicator, p.payload_format_indicator)
      .add(PropertyId::content_type, p.content_type)
      .add(PropertyId::response_topic, p.response_topic)
      .add(PropertyId::correlation_data, p.correlation_data)
      .add(p.user_properties);
  return list;
}

struct Judged {
  Packet operator()(const codec::Connect& p) const {
    Connect c;
    c.version = static_cast<Version>(p.version);
    c.bridge = p.bridge;
    c.clean_start = p.clean_start;
    c.keep_alive = static_cast<std::uint16_t>(p.keep_alive.count());
    const codec::ConnectProperties& q = p.properties;
    c.properties = PropertyList()
                       .add(PropertyId::session_expiry_interval, q.session_expiry_interval)
                       .add(PropertyId::receive_maximum, q.receive_maximum)
                       .add(PropertyId::maximum_packet_size, q.maximum_packet_size)
                       .add(PropertyId::topic_alias_maximum, q.topic_alias_maximum)
                       .add(PropertyId::request_response_information, q.request_response_information)
                       .add(PropertyId::request_problem_information, q.request_problem_information)
                       .add(PropertyId::authentication_method, q.authentication_method)
                       .add(PropertyId::authentication_data, q.authentication_data)
                       .add(q.user_properties)
                       .sorted();
    c.client_id = p.client_id;
    if (p.will) c.will = will(*p.will);
    c.user_name = p.user_name;
    c.password = p.password;
    return c;
  }
  static Will will(const codec::Will& p) {
    PropertyList list = message(p.properties);
    // Absent and 0 mean the same.
    if (p.will_delay_interval != seconds(0))
      list.add(PropertyId::will_delay_interval, std::optional(p.will_delay_interval));
    list.add(PropertyId::message_expiry_interval, p.message_expiry_interval);
    return {static_cast<std::uint8_t>(p.qos), p.retain, list.sorted(), p.topic_name, p.payload};
  }
  Packet operator()(const codec::Publish& p) const {
    PropertyList list = message(p.properties);
    list.add(PropertyId::message_expiry_interval, p.message_expiry_interval);
    list.add(PropertyId::topic_alias, p.topic_alias);
    return Publish{p.dup,
                   static_cast<std::uint8_t>(p.qos),
                   p.retain,
                   std::string(p.topic_name),
                   p.packet_id,
                   list.sorted(),
                   std::string(p.payload)};
  }
  template <typename To, typename From>
  static Packet acknowledgement(const From& p) {
    return To{p.packet_id, static_cast<std::uint8_t>(p.reason_code), properties(p.properties)};
  }
  static Properties properties(const codec::AcknowledgementProperties& p) {
    return PropertyList().add(PropertyId::reason_string, p.reason_string).add(p.user_properties).sorted();
  }
  Packet operator()(const codec::Puback& p) const { return acknowledgement<Puback>(p); }
  Packet operator()(const codec::Pubrec& p) const { return acknowledgement<Pubrec>(p); }
  Packet operator()(const codec::Pubrel& p) const { return acknowledgement<Pubrel>(p); }
  Packet operator()(const codec::Pubcomp& p) const { return acknowledgement<Pubcomp>(p); }
  Packet operator()(const codec::Subscribe& p) const {
    Subscribe s;
    s.packet_id = p.packet_id;
    s.properties = PropertyList()
                       .add(PropertyId::subscription_identifier, p.subscription_identifier)
                       .add(p.user_properties)
                       .sorted();
    for (const auto& [topic_filter, options] : p.requests) {
      s.subscriptions.push_back({topic_filter, static_cast<std::uint8_t>(options.maximum_qos),
                                 options.no_local, options.retain_as_published,
                                 static_cast<std::uint8_t>(options.retain_handling)});
    }
    return s;
  }
  Packet operator()(const codec::Unsubscribe& p) const {
    return Unsubscribe{p.packet_id, PropertyList().add(p.user_properties).sorted(), p.topic_filters};
  }
  Packet operator()(const codec::Pingreq&) const { return Pingreq{}; }
  Packet operator()(const codec::Disconnect& p) const {
    return Disconnect{static_cast<std::uint8_t>(p.reason_code),
                      PropertyList()
                          .add(PropertyId::session_expiry_interval, p.properties.session_expiry_interval)
                          .add(PropertyId::reason_string, p.properties.reason_string)
                          .add(p.properties.user_properties)
                          .sorted()};
  }
  Packet operator()(const codec::Auth& p) const {
    return Auth{static_cast<std::uint8_t>(p.reason_code),
                PropertyList()
                    .add(PropertyId::authentication_method, p.properties.authentication_method)
                    .add(PropertyId::authentication_data, p.properties.authentication_data)
                    .add(PropertyId::reason_string, p.properties.reason_string)
                    .add(p.properties.user_properties)
                    .sorted()};
  }
};

// What the broker's structs have no room for: the order of different properties, a Will Delay Interval of 0,
// and the return codes and options that 3.x translates into the defaults of 5.0.
inline Packet normalised(Packet packet) {
  std::visit(
      [](auto& p) {
        if constexpr (requires { p.properties; }) p.properties = PropertyList::sort(std::move(p.properties));
      },
      packet);
  if (auto* connect = std::get_if<Connect>(&packet); connect && connect->will) {
    Properties& list = connect->will->properties;
    std::erase_if(list, [](const Property& p) {
      return p.id == PropertyId::will_delay_interval && p.value == PropertyValue(std::uint32_t{0});
    });
    list = PropertyList::sort(std::move(list));
  }
  return packet;
}

}  // namespace mqttvet::wire::testing
