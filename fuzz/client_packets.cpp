#include "fuzz/client_packets.h"

#include <array>
#include <vector>

#include "conformance/wire/property_table.h"

namespace mqttvet::fuzz {
namespace {

using wire::Direction;
using wire::Properties;
using wire::PropertyHolder;
using wire::PropertyId;
using wire::PropertyRow;
using wire::PropertyType;
using wire::Version;

const std::array<std::string, 8> kTopics = {"a", "a/b", "a/b/c", "b", "/", "$x/b", "$SYS/a", ""};
const std::array<std::string, 16> kFilters = {
    "#",   "a/#", "+/b",          "a/b",        "$x/#",         "b",          "+",     "/", "a/+",
    "+/+", "a#",  "$share/g/a/#", "$share/g/b", "$share/h/a/#", "$queue/a/b", "$SYS/#"};
constexpr std::array<std::uint32_t, 12> kNumbers = {0, 1, 2, 3, 5, 10, 30, 100, 255, 1000, 65535, 0xFFFFFFFF};

// Short, now and then larger than a small buffer.
std::string text(ByteSource& source) {
  const std::size_t length = source.below(32);
  return length == 31 ? std::string(200, 'y') : std::string(length % 6, 'x');
}

wire::Property property(ByteSource& source, const PropertyRow& row) {
  switch (row.type) {
    case PropertyType::byte:
      return {row.id, source.byte() & 1U};
    case PropertyType::two_byte_integer:
      return {row.id, source.one_of(kNumbers) & 0xFFFF};
    case PropertyType::four_byte_integer:
      return {row.id, source.one_of(kNumbers)};
    case PropertyType::variable_byte_integer:
      return {row.id, source.one_of(kNumbers) & 0xFFFF};
    case PropertyType::utf8_string:
      if (row.id == PropertyId::authentication_method) return {row.id, source.one_in(8) ? "other" : "method"};
      return {row.id, row.id == PropertyId::response_topic ? source.one_of(kTopics) : text(source)};
    case PropertyType::binary_data:
      return {row.id, source.bytes(source.below(8))};
    case PropertyType::utf8_string_pair:
      break;
  }
  return {text(source), text(source)};
}

// A few of those that the table allows there.
Properties properties(ByteSource& source, PropertyHolder in, Version version) {
  Properties list;
  if (version != Version::v5_0) return list;
  std::vector<const PropertyRow*> allowed;
  for (const PropertyRow& row : wire::property_table())
    if ((row.holders & wire::holder(in)) != 0) allowed.push_back(&row);
  for (std::size_t count = source.below(16) % 5; count > 0 && !allowed.empty(); --count) {
    const PropertyRow& row = *allowed[source.below(allowed.size())];
    if (row.id != PropertyId::user_property && find(list, row.id) != nullptr) continue;
    list.push_back(property(source, row));
  }
  return list;
}

// Few, so that they meet: those of the client and those of the broker.
std::uint16_t packet_id(ByteSource& source) {
  const std::size_t choice = source.below(64);
  return choice == 63 ? source.two_bytes() : static_cast<std::uint16_t>(1 + choice % 5);
}

wire::Publish publish(ByteSource& source, Version version) {
  const std::uint8_t flags = source.byte();
  wire::Publish packet;
  packet.qos = static_cast<std::uint8_t>((flags & 3) % 3);
  packet.retain = (flags & 4) != 0;
  packet.dup = packet.qos != 0 && (flags & 24) == 24;
  packet.topic = source.one_of(kTopics);
  if (packet.qos != 0) packet.packet_id = packet_id(source);
  packet.properties = properties(source, PropertyHolder::publish, version);
  std::erase_if(packet.properties,
                [](const wire::Property& p) { return p.id == PropertyId::subscription_identifier; });
  packet.payload = text(source);
  return packet;
}

template <class Acknowledgement>
Acknowledgement acknowledgement(ByteSource& source, Version version) {
  Acknowledgement packet;
  packet.packet_id = packet_id(source);
  if (version == Version::v5_0 && source.one_in(4)) {
    packet.reason_code = source.one_of(std::array<std::uint8_t, 5>{0x10, 0x80, 0x92, 0x97, 0x99});
    packet.properties = properties(source, PropertyHolder::acknowledgement, version);
  }
  return packet;
}

wire::Subscribe subscribe(ByteSource& source, Version version) {
  wire::Subscribe packet;
  packet.packet_id = packet_id(source);
  packet.properties = properties(source, PropertyHolder::subscribe, version);
  for (std::size_t count = 1 + source.below(3); count > 0; --count) {
    const std::uint8_t options = source.byte();
    packet.subscriptions.push_back({source.one_of(kFilters), static_cast<std::uint8_t>((options & 3) % 3),
                                    version == Version::v5_0 && (options & 4) != 0,
                                    version == Version::v5_0 && (options & 8) != 0,
                                    static_cast<std::uint8_t>((options >> 4) % 3)});
    if (version != Version::v5_0) packet.subscriptions.back().retain_handling = 0;
  }
  return packet;
}

wire::Unsubscribe unsubscribe(ByteSource& source, Version version) {
  wire::Unsubscribe packet;
  packet.packet_id = packet_id(source);
  packet.properties = properties(source, PropertyHolder::unsubscribe, version);
  for (std::size_t count = 1 + source.below(2); count > 0; --count)
    packet.topic_filters.push_back(source.one_of(kFilters));
  return packet;
}

wire::Disconnect disconnect(ByteSource& source, Version version) {
  wire::Disconnect packet;
  if (version != Version::v5_0) return packet;
  packet.reason_code = source.one_of(std::array<std::uint8_t, 4>{0x00, 0x04, 0x80, 0x82});
  packet.properties = properties(source, PropertyHolder::disconnect, version);
  return packet;
}

wire::Auth auth(ByteSource& source, Version version) {
  wire::Auth packet;
  packet.reason_code = source.one_of(std::array<std::uint8_t, 3>{0x19, 0x18, 0x00});
  packet.properties = properties(source, PropertyHolder::auth, version);
  return packet;
}

wire::Will will(ByteSource& source, Version version) {
  const std::uint8_t flags = source.byte();
  return {.qos = static_cast<std::uint8_t>((flags & 3) % 3),
          .retain = (flags & 4) != 0,
          .properties = properties(source, PropertyHolder::will, version),
          .topic = source.one_of(kTopics),
          .payload = text(source)};
}

}  // namespace

wire::Connect make_connect(ByteSource& source, std::size_t client) {
  const std::uint8_t flags = source.byte();
  wire::Connect packet;
  packet.version = static_cast<Version>(3 + (flags & 3) % 3);
  packet.clean_start = (flags & 4) != 0;
  packet.keep_alive = static_cast<std::uint16_t>(source.one_of(kNumbers));
  packet.client_id = (flags & 0xF0) == 0xF0 ? "" : "client" + std::to_string(client);
  packet.properties = properties(source, PropertyHolder::connect, packet.version);
  if ((flags & 8) != 0) packet.will = will(source, packet.version);
  if ((flags & 0x30) == 0x10) packet.user_name = "user" + std::to_string(client);
  if ((flags & 0x30) == 0x10 && (flags & 0x40) != 0) packet.password = text(source);
  return packet;
}

wire::Packet make_packet(ByteSource& source, Version version) {
  switch (source.below(16)) {
    case 0:
    case 1:
    case 2:
      return subscribe(source, version);
    case 3:
      return unsubscribe(source, version);
    case 4:
      return acknowledgement<wire::Puback>(source, version);
    case 5:
      return acknowledgement<wire::Pubrec>(source, version);
    case 6:
    case 7:
      return acknowledgement<wire::Pubrel>(source, version);
    case 8:
      return acknowledgement<wire::Pubcomp>(source, version);
    case 9:
      return wire::Pingreq{};
    case 10:
      return disconnect(source, version);
    case 11:
      if (version == Version::v5_0) return auth(source, version);
      return wire::Pingreq{};
    default:
      return publish(source, version);
  }
}

}  // namespace mqttvet::fuzz
