// What holds for every packet and for any bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "conformance/wire/describe.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/random_packet.h"
#include "conformance/wire/reader.h"

namespace mqttvet::wire {
namespace {

// Reads the whole stream in pieces; every packet in a row, and the mistake behind them if there is one.
std::vector<std::string> lines_of(const std::string& stream, std::size_t piece, Direction direction,
                                  Version version) {
  Reader reader(direction, version);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.feed(std::string_view(stream).substr(at, piece));
    auto result = reader.next();
    for (; std::holds_alternative<Arrival>(result); result = reader.next()) {
      const Arrival& arrival = std::get<Arrival>(result);
      lines.push_back(std::to_string(arrival.offset) + " " + describe(arrival.packet));
    }
    if (const auto* malformed = std::get_if<Malformed>(&result)) {
      lines.push_back(std::to_string(malformed->offset) + " malformed: " + malformed->text);
      return lines;
    }
    RC_ASSERT(reader.peek().bytes <= stream.size());
  }
  return lines;
}

RC_GTEST_PROP(RoundTrip, EveryPacketIsReadAsItWasWritten, ()) {
  const Direction direction = random::direction();
  const Version version = random::version();
  const Packet packet = random::packet(direction, version);
  RC_LOG() << describe(packet) << '\n';
  RC_TAG(std::string(name_of(type_of(packet))));
  const auto result = decode(encode(packet, version), direction, version);
  if (const auto* malformed = std::get_if<Malformed>(&result)) RC_FAIL(malformed->text);
  RC_ASSERT(std::get<Packet>(result) == packet);
}

RC_GTEST_PROP(RoundTrip, TheCompleteFormMeansTheSame, ()) {
  const Direction direction = random::direction();
  const Version version = random::version();
  const Packet packet = random::packet(direction, version);
  const std::string bytes = Encoder(packet, version, Encoder::Form::complete).bytes();
  const auto result = decode(bytes, direction, version);
  RC_ASSERT(std::holds_alternative<Packet>(result));
  RC_ASSERT(std::get<Packet>(result) == packet);
}

RC_GTEST_PROP(RoundTrip, PiecesOfAnySizeAreReadTheSame, ()) {
  const Direction direction = random::direction();
  const Version version = random::version();
  std::string stream;
  for (int count = 0; count < 3; ++count) stream += encode(random::packet(direction, version), version);
  if (random::flip()) stream[random::below(static_cast<std::uint32_t>(stream.size()))] ^= 0x20;
  const auto whole = lines_of(stream, stream.size(), direction, version);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    RC_ASSERT(lines_of(stream, piece, direction, version) == whole);
  }
}

RC_GTEST_PROP(RoundTrip, ArbitraryBytesNeverCrash, (std::string bytes)) {
  const Version version = random::version();
  lines_of(bytes, 3, random::direction(), version);
  quoted(bytes, bytes.size() / 2);
}

// Damage near a right packet reaches deeper than arbitrary bytes. Whatever is accepted must be writable and
// read back.
RC_GTEST_PROP(RoundTrip, DamagedPacketsAreBlamedOrAreOtherPackets, ()) {
  const Direction direction = random::direction();
  const Version version = random::version();
  std::string bytes = encode(random::packet(direction, version), version);
  for (std::uint32_t count = 1 + random::below(3); count > 0; --count) {
    bytes[random::below(static_cast<std::uint32_t>(bytes.size()))] = *rc::gen::arbitrary<char>();
  }
  const auto result = decode(bytes, direction, version);
  if (!std::holds_alternative<Packet>(result)) return;
  const Packet& packet = std::get<Packet>(result);
  RC_LOG() << describe(packet) << '\n';
  const auto again = decode(encode(packet, version), direction, version);
  RC_ASSERT(std::holds_alternative<Packet>(again));
  RC_ASSERT(std::get<Packet>(again) == packet);
}

TEST(RoundTrip, NamesOfPacketTypesReadBack) {
  for (int value = 1; value <= 15; ++value) {
    const auto type = static_cast<PacketType>(value);
    EXPECT_EQ(packet_type_from(name_of(type)), type);
  }
  EXPECT_EQ(packet_type_from("RESERVED"), std::nullopt);
}

}  // namespace
}  // namespace mqttvet::wire
