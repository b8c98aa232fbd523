#include "conformance/wire/decode_packet.h"

#include "conformance/wire/cursor.h"
#include "conformance/wire/decode_connect.h"
#include "conformance/wire/decode_properties.h"
#include "conformance/wire/hex.h"
#include "conformance/wire/reason_code_table.h"
#include "conformance/wire/topic.h"

namespace mqttvet::wire {
namespace {

bool is_sent_by_client(PacketType type) {
  return type != PacketType::connack && type != PacketType::suback && type != PacketType::unsuback &&
         type != PacketType::pingresp;
}

bool is_sent_by_server(PacketType type, Version version) {
  if (type == PacketType::disconnect) return version == Version::v5_0;
  return type != PacketType::connect && type != PacketType::subscribe && type != PacketType::unsubscribe &&
         type != PacketType::pingreq;
}

// Table 2-2. 3.1 calls the flags of most packets "not used", and lets DUP stand in the three with QoS 1.
bool are_flags_right(PacketType type, std::uint8_t flags, Version version) {
  if (type == PacketType::publish) return true;
  const bool has_bit_1 =
      type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe;
  if (version == Version::v3_1) return !has_bit_1 || (flags & 0b0110) == 0b0010;
  return flags == (has_bit_1 ? 0b0010 : 0b0000);
}

// Decodes the packets of one connection's direction; one function per section.
class Decoder {
 public:
  Decoder(std::string_view body, Direction direction, Version version)
      : cursor_(body), direction_(direction), version_(version) {}

  Packet decode(PacketType type, std::uint8_t flags) {
    Packet packet = dispatch(type, flags);
    if (!cursor_.at_end()) {
      throw Fault(std::to_string(cursor_.remaining()) + " bytes too many at the end of the packet");
    }
    return packet;
  }

 private:
  Packet dispatch(PacketType type, std::uint8_t flags) {
    switch (type) {
      case PacketType::connect:
        return decode_connect(cursor_);
      case PacketType::connack:
        return connack();
      case PacketType::publish:
        return publish(flags);
      case PacketType::puback:
        return acknowledgement<PacketType::puback>();
      case PacketType::pubrec:
        return acknowledgement<PacketType::pubrec>();
      case PacketType::pubrel:
        return acknowledgement<PacketType::pubrel>();
      case PacketType::pubcomp:
        return acknowledgement<PacketType::pubcomp>();
      case PacketType::subscribe:
        return subscribe();
      case PacketType::suback:
        return suback();
      case PacketType::unsubscribe:
        return unsubscribe();
      case PacketType::unsuback:
        return unsuback();
      case PacketType::pingreq:
        return Pingreq{};
      case PacketType::pingresp:
        return Pingresp{};
      case PacketType::disconnect:
        return disconnect();
      case PacketType::auth:
        return auth();
    }
    throw Fault("reserved packet type");
  }

  // 3.2
  Connack connack() {
    Connack p;
    const std::uint8_t flags = cursor_.byte("Connect Acknowledge Flags");
    if (version_ != Version::v3_1) {  // 3.1: the byte is reserved and not used
      if (flags > 1) throw Fault("reserved Connect Acknowledge Flags are set (section 3.2.2.1)");
      p.session_present = flags == 1;
    }
    p.reason_code = reason_code(PacketType::connack);
    if (p.session_present && p.reason_code != 0) {
      throw Fault("Session Present with a refusal (MQTT311-3.2.2-4, MQTT5-3.2.2-6)");
    }
    p.properties = properties(PropertyHolder::connack);
    return p;
  }

  // 3.3
  Publish publish(std::uint8_t flags) {
    Publish p;
    p.dup = (flags & 0b1000) != 0;
    p.qos = (flags >> 1) & 3;
    p.retain = (flags & 0b0001) != 0;
    if (p.dup && p.qos == 0) throw Fault("DUP is set with QoS 0 [3.3.1-2]");
    p.topic = cursor_.utf8_string("Topic Name");
    if (p.qos > 0) p.packet_id = cursor_.packet_id();
    p.properties = properties(PropertyHolder::publish);
    // Only an alias can stand for the name (3.3.2.1).
    if (!p.topic.empty() || !find(p.properties, PropertyId::topic_alias))
      require_topic_name(p.topic, "Topic Name");
    p.payload = cursor_.rest();
    return p;
  }

  // 3.4 - 3.7
  template <PacketType type>
  Acknowledgement<type> acknowledgement() {
    Acknowledgement<type> p;
    p.packet_id = cursor_.packet_id();
    decode_reason_and_properties(p, PropertyHolder::acknowledgement);
    return p;
  }

  // 3.8
  Subscribe subscribe() {
    Subscribe p;
    p.packet_id = cursor_.packet_id();
    p.properties = properties(PropertyHolder::subscribe);
    do {
      p.subscriptions.push_back(subscription());
    } while (!cursor_.at_end());
    return p;
  }

  // 3.8.3.1; before 5.0 everything but the QoS is reserved (in 3.1: not used).
  Subscription subscription() {
    Subscription s;
    s.topic_filter = cursor_.utf8_string("Topic Filter");
    require_topic_filter(s.topic_filter, version_);
    const std::uint8_t options = cursor_.byte("Subscription Options");
    s.qos = options & 3;
    if (s.qos == 3) throw Fault("QoS of a subscription is 3 (section 3.8.3)");
    if (version_ == Version::v3_1) return s;
    const int reserved = version_ == Version::v5_0 ? options & 0xC0 : options & 0xFC;
    if (reserved != 0) throw Fault("reserved Subscription Options are set (section 3.8.3)");
    s.no_local = (options & 0x04) != 0;
    s.retain_as_published = (options & 0x08) != 0;
    s.retain_handling = (options >> 4) & 3;
    if (s.retain_handling == 3) throw Fault("Retain Handling is 3 (section 3.8.3.1)");
    if (s.no_local && is_shared_subscription(s.topic_filter)) {
      throw Fault("No Local on a shared subscription [MQTT5-3.8.3-4]");
    }
    return s;
  }

  // 3.9
  Suback suback() {
    Suback p;
    p.packet_id = cursor_.packet_id();
    p.properties = properties(PropertyHolder::acknowledgement);
    do {
      p.reason_codes.push_back(reason_code(PacketType::suback));
    } while (!cursor_.at_end());
    return p;
  }

  // 3.10
  Unsubscribe unsubscribe() {
    Unsubscribe p;
    p.packet_id = cursor_.packet_id();
    p.properties = properties(PropertyHolder::unsubscribe);
    do {
      p.topic_filters.push_back(cursor_.utf8_string("Topic Filter"));
      require_topic_filter(p.topic_filters.back(), version_);
    } while (!cursor_.at_end());
    return p;
  }

  // 3.11
  Unsuback unsuback() {
    Unsuback p;
    p.packet_id = cursor_.packet_id();
    if (version_ != Version::v5_0) return p;
    p.properties = properties(PropertyHolder::acknowledgement);
    do {
      p.reason_codes.push_back(reason_code(PacketType::unsuback));
    } while (!cursor_.at_end());
    return p;
  }

  // 3.14
  Disconnect disconnect() {
    Disconnect p;
    decode_reason_and_properties(p, PropertyHolder::disconnect);
    return p;
  }

  // 3.15. The method is mandatory, and an empty packet is allowed (3.15.2.1): the standard says both. An
  // empty one says Success, which is the server's to say.
  Auth auth() {
    Auth p;
    if (cursor_.at_end()) {
      require_reason_code(PacketType::auth, 0);
      return p;
    }
    decode_reason_and_properties(p, PropertyHolder::auth);
    if (!find(p.properties, PropertyId::authentication_method)) {
      throw Fault("AUTH without authentication-method (section 3.15.2.2.2)");
    }
    return p;
  }

  std::uint8_t reason_code(PacketType type) {
    const std::uint8_t code = cursor_.byte("Reason Code");
    require_reason_code(type, code);
    return code;
  }

  void require_reason_code(PacketType type, std::uint8_t code) const {
    if (is_reason_code_of(type, code, direction_, version_)) return;
    throw Fault("Reason Code 0x" + to_hex(std::string(1, static_cast<char>(code))) +
                " does not belong into this packet");
  }

  Properties properties(PropertyHolder in) {
    if (version_ != Version::v5_0) return {};
    return decode_properties(cursor_, in, direction_);
  }

  // Either may be left out at the end of the packet: first the Property Length, then the Reason Code too
  // (3.4.2.1).
  template <typename P>
  void decode_reason_and_properties(P& p, PropertyHolder in) {
    if (version_ != Version::v5_0 || cursor_.at_end()) return;
    p.reason_code = reason_code(P::kType);
    if (!cursor_.at_end()) p.properties = properties(in);
  }

  Cursor cursor_;
  Direction direction_;
  Version version_;
};

}  // namespace

PacketType decode_first_byte(std::uint8_t first, Direction direction, Version version) {
  const auto type = static_cast<PacketType>(first >> 4);
  const std::uint8_t flags = first & 0x0F;
  const bool exists = first >> 4 != 0 && (type != PacketType::auth || version == Version::v5_0);
  if (!exists) throw Fault("packet type " + std::to_string(first >> 4) + " is reserved (section 2.1.2)");
  const bool from_client = direction == Direction::client_to_server;
  if (from_client ? !is_sent_by_client(type) : !is_sent_by_server(type, version)) {
    throw Fault(std::string(name_of(type)) + " never goes " + (from_client ? "to a server" : "to a client"));
  }
  if (!are_flags_right(type, flags, version)) {
    throw Fault("the flags in the fixed header of " + std::string(name_of(type)) + " are " +
                std::to_string(flags) + " (section 2.1.3, in 3.1.1 2.2.2)");
  }
  if (type == PacketType::publish && (flags & 0b0110) == 0b0110) throw Fault("QoS is 3 [3.3.1-4]");
  return type;
}

Packet decode_body(std::uint8_t first, std::string_view body, Direction direction, Version version) {
  return Decoder(body, direction, version).decode(static_cast<PacketType>(first >> 4), first & 0x0F);
}

}  // namespace mqttvet::wire
