#include "conformance/wire/reader.h"

#include "conformance/wire/cursor.h"
#include "conformance/wire/decode_packet.h"

namespace mqttvet::wire {
namespace {

std::uint8_t first_byte(std::string_view bytes) {
  return static_cast<std::uint8_t>(bytes.front());
}

// REQUIRES: at least one byte.
std::optional<PacketType> type_in(std::string_view bytes) {
  const int type = first_byte(bytes) >> 4;
  return type == 0 ? std::nullopt : std::optional(static_cast<PacketType>(type));
}

// The packet at the beginning of `bytes` and its length; nullopt: not all of it is there. Throws Fault as
// soon as enough bytes are there to be sure.
std::optional<Arrival> decode_first(std::string_view bytes, Direction direction,
                                    std::optional<Version> version) {
  if (bytes.empty()) return std::nullopt;
  const bool is_connect = direction == Direction::client_to_server && type_in(bytes) == PacketType::connect;
  if (!version && !is_connect) throw Fault("the first packet is not CONNECT [3.1.0-1]");
  // The version that CONNECT itself asks for matters to its body only; 5.0 has the strict rules for its
  // flags.
  const Version spoken = is_connect ? version.value_or(Version::v5_0) : *version;
  decode_first_byte(first_byte(bytes), direction, spoken);

  const auto remaining_length = read_variable_byte_integer(bytes.substr(1));
  if (!remaining_length) return std::nullopt;
  if (!remaining_length->shortest && version == Version::v5_0) {
    throw Fault("Remaining Length is longer than it needs to be [MQTT5-1.5.5-1]");
  }
  const std::size_t header = 1 + remaining_length->bytes;
  if (bytes.size() - header < remaining_length->value) return std::nullopt;

  const std::string_view body = bytes.substr(header, remaining_length->value);
  Arrival arrival;
  arrival.packet = decode_body(first_byte(bytes), body, direction, spoken);
  arrival.length = static_cast<std::uint32_t>(header + body.size());
  return arrival;
}

}  // namespace

Reader::Reader(Direction direction, std::optional<Version> version)
    : direction_(direction), version_(version) {}

void Reader::feed(std::string_view bytes) {
  // Before it grows, what was handed out goes; moved only when that is the larger half, so that the cost
  // stays linear.
  if (consumed_ > buffer_.size() / 2) {
    buffer_.erase(0, consumed_);
    dropped_ += consumed_;
    consumed_ = 0;
  }
  buffer_.append(bytes);
}

std::variant<NeedMore, Arrival, Malformed> Reader::next() {
  if (malformed_) return *malformed_;
  if (direction_ == Direction::server_to_client && !version_) return NeedMore{};
  const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
  const std::uint64_t offset = dropped_ + consumed_;
  try {
    auto arrival = decode_first(bytes, direction_, version_);
    if (!arrival) return NeedMore{};
    arrival->offset = offset;
    consumed_ += arrival->length;
    if (const auto* connect = std::get_if<Connect>(&arrival->packet))
      version_ = version_.value_or(connect->version);
    return std::move(*arrival);
  } catch (const Fault& fault) {
    malformed_ = Malformed{fault.what(), offset, type_in(bytes)};
    return *malformed_;
  }
}

Progress Reader::peek() const {
  const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
  Progress progress;
  progress.offset = dropped_ + consumed_;
  progress.bytes = bytes.size();
  if (bytes.empty()) return progress;
  progress.type = type_in(bytes);
  try {
    const auto remaining_length = read_variable_byte_integer(bytes.substr(1));
    if (remaining_length) {
      progress.total = static_cast<std::uint32_t>(1 + remaining_length->bytes + remaining_length->value);
    }
  } catch (const Fault&) {
    // next() reports it; the total of such a packet is unknown for ever.
  }
  return progress;
}

std::variant<Packet, Malformed> decode(std::string_view bytes, Direction direction, Version version) {
  Reader reader(direction, version);
  reader.feed(bytes);
  auto result = reader.next();
  if (auto* malformed = std::get_if<Malformed>(&result)) return std::move(*malformed);
  const std::optional<PacketType> type = bytes.empty() ? std::nullopt : type_in(bytes);
  if (std::holds_alternative<NeedMore>(result)) return Malformed{"the packet is not complete", 0, type};
  const std::size_t length = std::get<Arrival>(result).length;
  if (length < bytes.size()) return Malformed{"there are bytes behind the packet", length, type};
  return std::move(std::get<Arrival>(result).packet);
}

}  // namespace mqttvet::wire
