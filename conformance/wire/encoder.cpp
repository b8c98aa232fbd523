#include "conformance/wire/encoder.h"

#include <algorithm>
#include <stdexcept>

namespace mqttvet::wire {
namespace {

using Part = Encoder::Part;

std::string one_byte(std::uint32_t value) {
  return std::string(1, static_cast<char>(value & 0xFF));
}

std::uint32_t bit(bool set, unsigned position) {
  return (set ? 1U : 0U) << position;
}

// Takes one packet apart. An overload per packet writes the fields in the order of its chapter.
class Dissection {
 public:
  Dissection(Version version, Encoder::Form form)
      : version_(version), complete_(form == Encoder::Form::complete) {}

  std::uint8_t flags() const { return flags_; }
  std::vector<Part> parts() && { return std::move(parts_); }

  void operator()(const Connect& p) {
    version_ = p.version;
    add(Field::protocol_name, utf8_string(p.version == Version::v3_1 ? "MQIsdp" : "MQTT"));
    add(Field::protocol_version, one_byte(static_cast<std::uint8_t>(p.version) | bit(p.bridge, 7)));
    add(Field::connect_flags, one_byte(connect_flags(p)));
    add(Field::keep_alive, two_byte_integer(p.keep_alive));
    add_properties(p.properties);
    add(Field::client_id, utf8_string(p.client_id));
    if (p.will) {
      if (v5()) {
        add(Field::will_property_length, {});
        add(Field::will_properties, encode_properties(p.will->properties));
      }
      add(Field::will_topic, utf8_string(p.will->topic));
      add(Field::will_payload, utf8_string(p.will->payload));
    }
    if (p.user_name) add(Field::user_name, utf8_string(*p.user_name));
    if (p.password) add(Field::password, utf8_string(*p.password));
  }

  void operator()(const Connack& p) {
    const bool session_present = p.session_present && version_ != Version::v3_1;
    add(Field::connect_acknowledge_flags, one_byte(bit(session_present, 0)));
    add(Field::reason_code, one_byte(p.reason_code));
    add_properties(p.properties);
  }

  void operator()(const Publish& p) {
    flags_ = static_cast<std::uint8_t>((bit(p.dup, 3) | (p.qos * 2U) | bit(p.retain, 0)) & 0x0F);
    add(Field::topic_name, utf8_string(p.topic));
    if (p.qos > 0) add(Field::packet_id, two_byte_integer(p.packet_id));
    add_properties(p.properties);
    add(Field::payload, p.payload);
  }

  template <PacketType type>
  void operator()(const Acknowledgement<type>& p) {
    if (type == PacketType::pubrel) flags_ = 0b0010;
    add(Field::packet_id, two_byte_integer(p.packet_id));
    add_reason_and_properties(p.reason_code, p.properties);
  }

  void operator()(const Subscribe& p) {
    flags_ = 0b0010;
    add(Field::packet_id, two_byte_integer(p.packet_id));
    add_properties(p.properties);
    for (const Subscription& s : p.subscriptions) {
      add(Field::topic_filter, utf8_string(s.topic_filter));
      std::uint32_t options = s.qos;
      if (v5()) {
        options |=
            bit(s.no_local, 2) | bit(s.retain_as_published, 3) | (std::uint32_t{s.retain_handling} << 4);
      }
      add(Field::subscription_options, one_byte(options));
    }
  }

  void operator()(const Suback& p) {
    add(Field::packet_id, two_byte_integer(p.packet_id));
    add_properties(p.properties);
    for (const std::uint8_t code : p.reason_codes) add(Field::reason_code, one_byte(code));
  }

  void operator()(const Unsubscribe& p) {
    flags_ = 0b0010;
    add(Field::packet_id, two_byte_integer(p.packet_id));
    add_properties(p.properties);
    for (const std::string& topic_filter : p.topic_filters)
      add(Field::topic_filter, utf8_string(topic_filter));
  }

  void operator()(const Unsuback& p) {
    add(Field::packet_id, two_byte_integer(p.packet_id));
    add_properties(p.properties);
    if (!v5()) return;
    for (const std::uint8_t code : p.reason_codes) add(Field::reason_code, one_byte(code));
  }

  void operator()(const Pingreq&) {}
  void operator()(const Pingresp&) {}
  void operator()(const Disconnect& p) { add_reason_and_properties(p.reason_code, p.properties); }
  void operator()(const Auth& p) { add_reason_and_properties(p.reason_code, p.properties); }

 private:
  bool v5() const { return version_ == Version::v5_0; }

  void add(Field field, std::string bytes) { parts_.push_back({field, std::move(bytes)}); }

  void add_properties(const Properties& properties) {
    if (!v5()) return;
    add(Field::property_length, {});
    add(Field::properties, encode_properties(properties));
  }

  // Both may be left out at the end of a packet, the properties before the code (3.4.2.1, 3.4.2.2.1).
  void add_reason_and_properties(std::uint8_t reason_code, const Properties& properties) {
    if (!v5()) return;
    const bool with_properties = complete_ || !properties.empty();
    if (with_properties || reason_code != 0) add(Field::reason_code, one_byte(reason_code));
    if (with_properties) add_properties(properties);
  }

  static std::uint32_t connect_flags(const Connect& p) {
    std::uint32_t flags =
        bit(p.user_name.has_value(), 7) | bit(p.password.has_value(), 6) | bit(p.clean_start, 1);
    if (p.will) flags |= bit(p.will->retain, 5) | (p.will->qos & 3U) << 3 | bit(true, 2);
    return flags;
  }

  Version version_;
  bool complete_;
  std::uint8_t flags_ = 0;
  std::vector<Part> parts_;
};

// Fills each Property Length that was not overridden from the properties behind it.
void compute_length(std::vector<Part>& parts, Field length, Field properties) {
  std::size_t bytes = 0;
  for (const Part& part : parts) {
    if (part.field == properties) bytes += part.bytes.size();
  }
  for (Part& part : parts) {
    if (part.field == length) part.bytes = variable_byte_integer(static_cast<std::uint32_t>(bytes));
  }
}

}  // namespace

std::string encode(const Packet& packet, Version version) {
  return Encoder(packet, version).bytes();
}

Encoder::Encoder(const Packet& packet, Version version, Form form)
    : type_(static_cast<std::uint8_t>(type_of(packet))), flags_(0) {
  Dissection dissection(version, form);
  std::visit(dissection, packet);
  flags_ = dissection.flags();
  parts_ = std::move(dissection).parts();
}

Encoder& Encoder::type(std::uint8_t four_bits) {
  type_ = four_bits & 0x0F;
  return *this;
}

Encoder& Encoder::flags(std::uint8_t four_bits) {
  flags_ = four_bits & 0x0F;
  return *this;
}

Encoder& Encoder::remaining_length(std::uint32_t bytes) {
  return remaining_length_bytes(variable_byte_integer(bytes));
}

Encoder& Encoder::remaining_length_bytes(std::string_view bytes) {
  remaining_length_ = std::string(bytes);
  return *this;
}

std::size_t Encoder::position(Field field, std::size_t n) const {
  for (std::size_t at = 0; at < parts_.size(); ++at) {
    if (parts_[at].field == field && n-- == 0) return at;
  }
  throw std::logic_error("wire::Encoder: the packet has no such field");
}

Encoder& Encoder::omit(Field field, std::size_t n) {
  parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(position(field, n)));
  return *this;
}

Encoder& Encoder::replace(Field field, std::string_view bytes, std::size_t n) {
  parts_[position(field, n)].bytes = std::string(bytes);
  if (field == Field::property_length) property_length_overridden_ = true;
  if (field == Field::will_property_length) will_property_length_overridden_ = true;
  return *this;
}

Encoder& Encoder::insert_before(Field field, std::string_view bytes, std::size_t n) {
  const auto at = parts_.begin() + static_cast<std::ptrdiff_t>(position(field, n));
  parts_.insert(at, Part{Field::appended, std::string(bytes)});
  return *this;
}

Encoder& Encoder::append(std::string_view bytes) {
  parts_.push_back({Field::appended, std::string(bytes)});
  return *this;
}

std::vector<Encoder::Part> Encoder::parts() const {
  std::vector<Part> parts = parts_;
  if (!property_length_overridden_) compute_length(parts, Field::property_length, Field::properties);
  if (!will_property_length_overridden_)
    compute_length(parts, Field::will_property_length, Field::will_properties);
  return parts;
}

std::string Encoder::bytes() const {
  std::string body;
  for (const Part& part : parts()) body += part.bytes;
  std::string packet = one_byte(static_cast<std::uint32_t>(type_ << 4 | flags_));
  packet +=
      remaining_length_ ? *remaining_length_ : variable_byte_integer(static_cast<std::uint32_t>(body.size()));
  return packet + body;
}

}  // namespace mqttvet::wire
