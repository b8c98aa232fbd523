#include "conformance/wire/decode_connect.h"

#include "conformance/wire/decode_properties.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/topic.h"

namespace mqttvet::wire {
namespace {

// 3.1.2.3. Bit 0 is reserved, from 3.1.1 on it must be 0.
struct ConnectFlags {
  bool user_name;
  bool password;
  bool will_retain;
  std::uint8_t will_qos;
  bool will;
  bool clean_start;
  bool reserved;

  explicit ConnectFlags(std::uint8_t byte)
      : user_name((byte & 0x80) != 0),
        password((byte & 0x40) != 0),
        will_retain((byte & 0x20) != 0),
        will_qos((byte >> 3) & 3),
        will((byte & 0x04) != 0),
        clean_start((byte & 0x02) != 0),
        reserved((byte & 0x01) != 0) {}
};

void check_flags(const ConnectFlags& flags, Version version) {
  if (flags.reserved && version != Version::v3_1) throw Fault("the reserved Connect Flag is set [3.1.2-3]");
  if (flags.will_qos == 3) throw Fault("Will QoS is 3 (section 3.1.2.6)");
  if (!flags.will && flags.will_qos != 0) throw Fault("Will QoS without a will (section 3.1.2.6)");
  if (!flags.will && flags.will_retain) throw Fault("Will Retain without a will (section 3.1.2.7)");
  if (flags.password && !flags.user_name && version != Version::v5_0) {
    throw Fault("Password without User Name [MQTT311-3.1.2-22]");
  }
}

// Protocol Name and Protocol Level or Version.
void decode_protocol(Cursor& cursor, Connect& connect) {
  const std::string name = cursor.utf8_string("Protocol Name");
  const std::uint8_t level = cursor.byte("Protocol Version");
  const std::uint8_t number = level & 0x7F;
  const bool known = name == "MQIsdp" ? number == 3 : name == "MQTT" && (number == 4 || number == 5);
  if (!known || level == 0x85) {
    throw Fault("Protocol " + quoted(name) + " " + std::to_string(level) + " is no version of MQTT");
  }
  connect.version = static_cast<Version>(number);
  connect.bridge = level != number;
}

Will decode_will(Cursor& cursor, const ConnectFlags& flags, Version version) {
  Will will;
  will.qos = flags.will_qos;
  will.retain = flags.will_retain;
  if (version == Version::v5_0) {
    will.properties = decode_properties(cursor, PropertyHolder::will, Direction::client_to_server);
  }
  will.topic = cursor.utf8_string("Will Topic");
  require_topic_name(will.topic, "Will Topic");
  will.payload = cursor.binary_data("Will Payload");
  return will;
}

}  // namespace

Connect decode_connect(Cursor& cursor) {
  Connect connect;
  decode_protocol(cursor, connect);
  const ConnectFlags flags(cursor.byte("Connect Flags"));
  check_flags(flags, connect.version);
  connect.clean_start = flags.clean_start;
  connect.keep_alive = cursor.two_byte_integer("Keep Alive");
  if (connect.version == Version::v5_0) {
    connect.properties = decode_properties(cursor, PropertyHolder::connect, Direction::client_to_server);
  }
  connect.client_id = cursor.utf8_string("Client Identifier");
  if (flags.will) connect.will = decode_will(cursor, flags, connect.version);
  // In 3.1 the end of the packet counts more than these two flags (its section on User name and Password).
  const bool may_lack = connect.version == Version::v3_1;
  if (flags.user_name && !(may_lack && cursor.at_end())) connect.user_name = cursor.utf8_string("User Name");
  if (flags.password && !(may_lack && cursor.at_end())) connect.password = cursor.binary_data("Password");
  return connect;
}

}  // namespace mqttvet::wire
