#include "broker/codec/decoder.h"

#include <utility>

#include "broker/codec/packet_decoders.h"
#include "broker/codec/packet_type.h"
#include "broker/codec/reader.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::codec {

namespace {

// A buffer that once held a large packet is given back when so much less is in it.
constexpr std::size_t kKeptCapacityBytes = 64 * 1024;

// Up to this a buffer is cheaper to make anew than to keep.
constexpr std::size_t kSmallCapacityBytes = 1024;

constexpr std::size_t kRemainingLengthBytesMax = 4;

// Section 2.1. What of it has arrived: a stream may be cut anywhere, so that each look starts from its first
// byte.
struct FixedHeader {
  std::uint8_t first_byte = 0;
  std::size_t size_bytes = 1;
  std::uint32_t remaining_length = 0;
  enum class State : std::uint8_t { incomplete, complete, too_long } state = State::incomplete;
  bool minimal_length = true;

  PacketType type() const { return packet_type_of(first_byte); }
  std::uint64_t packet_bytes() const { return size_bytes + std::uint64_t{remaining_length}; }
};

// 2.1.4. REQUIRES: there is a first byte. planted_first: of bug B113, the byte from which the places count
// anew.
FixedHeader parse_fixed_header(BytesView stream, std::size_t planted_first) {
  FixedHeader header;
  header.first_byte = static_cast<std::uint8_t>(stream[0]);
  const std::size_t bytes_max = kRemainingLengthBytesMax + (MUTANT(B114_vbi_five_bytes) ? 1 : 0);
  for (std::size_t i = 0; i < bytes_max; ++i) {
    if (stream.size() <= header.size_bytes) return header;
    const auto encoded = static_cast<std::uint8_t>(stream[header.size_bytes++]);
    const std::size_t place = i >= planted_first ? i - planted_first : i;
    header.remaining_length |= static_cast<std::uint32_t>(encoded & 0x7F) << (7 * place);
    if ((encoded & 0x80) == 0) {
      header.state = FixedHeader::State::complete;
      header.minimal_length = i == 0 || encoded != 0;
      return header;
    }
  }
  header.state = FixedHeader::State::too_long;
  return header;
}

// 3.3.1
void check_publish_flags(Reader& reader, std::uint8_t flags) {
  const std::uint8_t qos = (flags & kQosFlags) >> 1;
  // MQTT5-3.3.1-4, MQTT311-3.3.1-4
  if (qos == 3) {
    reader.refuse(ReasonCode::malformed_packet, "PUBLISH has QoS 3", {"MQTT311-3.3.1-4", "MQTT5-3.3.1-4"});
  }
  // MQTT5-3.3.1-2, MQTT311-3.3.1-2: only what will be acknowledged can be sent again.
  if ((flags & kDupFlag) != 0 && qos == 0 && !MUTANT(E_F09_dup_at_qos0)) {
    reader.refuse(ReasonCode::malformed_packet, "PUBLISH has DUP with QoS 0",
                  {"MQTT311-3.3.1-2", "MQTT5-3.3.1-2"});
  }
}

// 2.1.3. In 3.1 PUBREL, SUBSCRIBE and UNSUBSCRIBE are messages with QoS 1, and so can have DUP. CONNECT is
// judged by decode_connect().
void check_flags(Reader& reader, PacketType type, std::uint8_t flags) {
  if (type == PacketType::connect) return;
  if (type == PacketType::publish) return check_publish_flags(reader, flags);
  const PacketTypeRow& row = row_of(type);
  const std::uint8_t tolerated = reader.is_v3_1() && row.flags != 0 ? kDupFlag : 0;
  if ((flags & ~tolerated) != row.flags && !MUTANT(E_F04_flags_unchecked)) {
    reader.refuse(ReasonCode::malformed_packet,
                  std::string(row.name) + " has illegal flags in its fixed header", row.flags_statement);
  }
}

// What the first byte of a packet tells, before anything else of it needs to be there.
void check_first_byte(Reader& reader, std::uint8_t first_byte) {
  const PacketType type = packet_type_of(first_byte);
  const PacketTypeRow& row = row_of(type);
  // 2.1.2: type 0 is reserved, and so is 15 before 5.0.
  if (type == PacketType::reserved || (type == PacketType::auth && reader.version() && !reader.is_v5_0())) {
    reader.refuse(ReasonCode::malformed_packet, "packet type is reserved");
  } else if (!row.from_client) {
    reader.refuse(ReasonCode::protocol_error, std::string(row.name) + " is only sent by servers");
  } else if (!reader.version() && type != PacketType::connect) {
    // MQTT5-3.1.0-1, MQTT311-3.1.0-1
    reader.refuse(ReasonCode::protocol_error, std::string(row.name) + " before CONNECT",
                  {"MQTT311-3.1.0-1", "MQTT5-3.1.0-1"});
  }
  check_flags(reader, type, flags_of(first_byte));
}

// What the Remaining Length tells.
void check_length(Reader& reader, const FixedHeader& header, std::uint32_t maximum_packet_size) {
  // MQTT5-1.5.5-1
  if (header.state == FixedHeader::State::too_long) {
    reader.refuse(ReasonCode::malformed_packet, "Remaining Length has more than four bytes",
                  {kMalformed.v3_1_1, "MQTT5-1.5.5-1"});
  } else if (header.state == FixedHeader::State::complete && header.packet_bytes() > maximum_packet_size) {
    // MQTT5-3.2.2-15; 3.1.1 leaves the limit to the server.
    reader.refuse(ReasonCode::packet_too_large, "packet is larger than the server takes",
                  {kMalformed.v3_1_1, "MQTT5-3.2.2-15"});
  } else if (!header.minimal_length && reader.is_v5_0()) {
    reader.refuse(ReasonCode::malformed_packet, "Remaining Length is encoded in more bytes than it needs",
                  {"", "MQTT5-1.5.5-1"});
  }
}

using Decoded = std::variant<NeedMoreBytes, ClientPacket, DecodeError>;

// Variable header and payload. The packet types that clients don't send were refused before.
Decoded decode_packet(Reader& reader, const FixedHeader& header) {
  const std::uint8_t flags = flags_of(header.first_byte);
  switch (header.type()) {
    case PacketType::connect:
      return decode_connect(reader, {flags, header.minimal_length});
    case PacketType::publish:
      return decode_publish(reader, flags);
    case PacketType::puback:
      return decode_puback(reader);
    case PacketType::pubrec:
      return decode_pubrec(reader);
    case PacketType::pubrel:
      return decode_pubrel(reader);
    case PacketType::pubcomp:
      return decode_pubcomp(reader);
    case PacketType::subscribe:
      return decode_subscribe(reader);
    case PacketType::unsubscribe:
      return decode_unsubscribe(reader);
    case PacketType::disconnect:
      return decode_disconnect(reader);
    case PacketType::auth:
      return decode_auth(reader);
    default:
      return Pingreq{};
  }
}

}  // namespace

Decoder::Decoder(std::uint32_t maximum_packet_size) : maximum_packet_size_(maximum_packet_size) {}

void Decoder::append(BytesView bytes) {
  if (error_) return;
  const BytesView pending = BytesView(buffer_).substr(consumed_);
  if (buffer_.capacity() > kKeptCapacityBytes && pending.size() + bytes.size() < kKeptCapacityBytes) {
    buffer_ = Bytes(pending);
  } else {
    buffer_.erase(0, consumed_);
  }
  consumed_ = 0;
  buffer_.append(bytes);
}

void Decoder::rest() {
  if (pending_bytes() != 0 || buffer_.capacity() > kSmallCapacityBytes) return;
  buffer_ = {};
  consumed_ = 0;
}

std::variant<NeedMoreBytes, ClientPacket, DecodeError> Decoder::next() {
  if (error_) return *error_;
  const BytesView stream = BytesView(buffer_).substr(consumed_);
  if (stream.empty()) return NeedMoreBytes{};

  const FixedHeader header = parse_fixed_header(stream, planted_length_bytes_);
  planted_length_bytes_ = 0;
  if (header.state == FixedHeader::State::incomplete && header.size_bytes > 1 && MUTANT(B113_split_header))
    planted_length_bytes_ = header.size_bytes - 1;
  Reader early({}, version_);
  check_first_byte(early, header.first_byte);
  check_length(early, header, maximum_packet_size_);
  if (early.error() && early.error()->reason_code == ReasonCode::packet_too_large &&
      MUTANT(B104_oversize_inbound_stall))
    return NeedMoreBytes{};
  if (early.error() && row_of(header.type()).from_client == false && version_ &&
      MUTANT(E_F02_unknown_types_wait))
    return NeedMoreBytes{};
  if (early.error()) return fail(*early.error());
  if (header.state == FixedHeader::State::complete && MUTANT(B107_huge_length_alloc))
    buffer_.reserve(header.packet_bytes());
  if (header.state != FixedHeader::State::complete || header.packet_bytes() > stream.size())
    return NeedMoreBytes{};

  Reader reader(stream.substr(header.size_bytes, header.remaining_length), version_);
  Decoded decoded = decode_packet(reader, header);
  if (!reader.at_end()) {
    reader.refuse(ReasonCode::malformed_packet,
                  std::string(row_of(header.type()).name) + " goes on after its last field");
  }
  if (reader.error()) return fail(*reader.error());
  consumed_ += header.packet_bytes();
  if (!version_) version_ = reader.version();
  return decoded;
}

// Nothing that follows a broken packet can be understood.
DecodeError Decoder::fail(DecodeError error) {
  if (version_) {
    // The connection had its CONNECT: it is spoken to in that version, and never gets another CONNACK.
    error.version = version_;
    error.answer_unsupported_version = false;
  }
  buffer_ = {};
  consumed_ = 0;
  error_ = std::move(error);
  return *error_;
}

}  // namespace mqttvet::codec
