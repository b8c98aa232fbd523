// Any bytes as a client's stream. Whatever they are,
//   - the broker's decoder gives the same packets wherever the stream is cut;
//   - the judge, who read the standard apart from it, understands the same packets (3.1 apart: N6);
//   - what was understood can be written again and is understood in the same way;
//   - what the broker writes back, the judge takes.
//
// Input: one byte of choices, one byte that seeds the cuts, the stream.
#include <cstdint>
#include <string>
#include <vector>

#include "broker/codec/decoder.h"
#include "broker/codec/encoder.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/reader.h"
#include "conformance/wire/test_judged.h"
#include "fuzz/byte_source.h"
#include "fuzz/require.h"

namespace mqttvet::fuzz {
namespace {

using wire::Direction;
using wire::Version;
using wire::testing::Judged;
using wire::testing::normalised;

constexpr std::uint32_t kMaximumPacketSizes[] = {1024 * 1024, 2, 40, 300};

// What a reader made of a stream: its packets in the judge's words, and whether it refused the rest.
struct Reading {
  std::vector<wire::Packet> packets;
  std::optional<Version> version;
  bool refused = false;
  bool waits = false;  // for the rest of a packet
};

// --- What the broker writes --------------------------------------------------------------------------------

// The packets that travel both ways are sent back as they came.
class Echo {
 public:
  explicit Echo(Version version) : version_(version) {}

  void operator()(const codec::Publish& publish) const {
    const std::vector<std::uint32_t> subscription_identifiers = {1, 300};
    const codec::PublishHead head{.dup = publish.dup,
                                  .qos = publish.qos,
                                  .retain = publish.retain,
                                  .topic_name = publish.topic_name,
                                  .packet_id = publish.packet_id,
                                  .message_expiry_interval = publish.message_expiry_interval,
                                  .topic_alias = publish.topic_alias,
                                  .properties = &publish.properties,
                                  .subscription_identifiers = &subscription_identifiers};
    codec::Bytes bytes;
    codec::encode_head(head, publish.payload.size(), theirs(), bytes);
    wire::Packet expected = Judged()(publish);
    if (version_ == Version::v5_0) {
      for (const std::uint32_t identifier : subscription_identifiers)
        std::get<wire::Publish>(expected).properties.emplace_back(wire::PropertyId::subscription_identifier,
                                                                  identifier);
    }
    take(bytes + std::string(publish.payload), normalised(expected));
  }
  void operator()(const codec::Puback& packet) const { acknowledge(packet); }
  void operator()(const codec::Pubrec& packet) const { acknowledge(packet); }
  void operator()(const codec::Pubrel& packet) const { acknowledge(packet); }
  void operator()(const codec::Pubcomp& packet) const { acknowledge(packet); }
  template <class Other>
  void operator()(const Other&) const {}

 private:
  template <class Acknowledgement>
  void acknowledge(const Acknowledgement& packet) const {
    codec::Bytes bytes;
    codec::encode(packet, theirs(), bytes);
    take(bytes, Judged()(packet));
  }
  codec::ProtocolVersion theirs() const { return static_cast<codec::ProtocolVersion>(version_); }

  void take(const codec::Bytes& bytes, const wire::Packet& expected) const {
    const auto judged = wire::decode(bytes, Direction::server_to_client, version_);
    if (const auto* malformed = std::get_if<wire::Malformed>(&judged))
      fail("the broker writes what the judge refuses: " + malformed->text);
    require(normalised(std::get<wire::Packet>(judged)) == expected, "written and read differ");
  }

  Version version_;
};

// --- What it reads -----------------------------------------------------------------------------------------

class BrokersReader {
 public:
  explicit BrokersReader(std::uint32_t maximum_packet_size) : decoder_(maximum_packet_size) {}

  void feed(std::string_view bytes) {
    decoder_.append(bytes);
    while (!reading_.refused) {
      const auto next = decoder_.next();
      if (std::holds_alternative<codec::NeedMoreBytes>(next)) break;
      if (const auto* error = std::get_if<codec::DecodeError>(&next)) {
        reading_.refused = true;
        require(!error->text.empty(), "refused without a word");
        require(std::holds_alternative<codec::DecodeError>(decoder_.next()), "an error is for ever");
        break;
      }
      reading_.version = static_cast<Version>(*decoder_.version());
      const auto& packet = std::get<codec::ClientPacket>(next);
      reading_.packets.push_back(std::visit(Judged(), packet));
      std::visit(Echo(*reading_.version), packet);
    }
  }
  Reading reading() const {
    Reading reading = reading_;
    reading.waits = decoder_.pending_bytes() > 0;
    return reading;
  }

 private:
  codec::Decoder decoder_;
  Reading reading_;
};

// In pieces of up to 16 bytes whose sizes the seed decides; 0: whole.
Reading read_as_broker(std::string_view stream, std::uint8_t cuts, std::uint32_t maximum_packet_size) {
  BrokersReader reader(maximum_packet_size);
  for (std::uint32_t state = cuts; !stream.empty();) {
    state = state * 1664525 + 1013904223;
    const std::size_t size = cuts == 0 ? stream.size() : 1 + (state >> 28);
    reader.feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
  return reader.reading();
}

Reading read_as_judge(std::string_view stream) {
  wire::Reader reader(Direction::client_to_server);
  reader.feed(stream);
  Reading reading;
  while (true) {
    const auto next = reader.next();
    if (std::holds_alternative<wire::NeedMore>(next)) break;
    if (std::holds_alternative<wire::Malformed>(next)) {
      reading.refused = true;
      break;
    }
    reading.packets.push_back(normalised(std::get<wire::Arrival>(next).packet));
  }
  reading.version = reader.version();
  reading.waits = !reading.refused && reader.peek().bytes > 0;
  return reading;
}

// --- What must hold ----------------------------------------------------------------------------------------

void require_same(const Reading& one, const Reading& other, const char* text) {
  for (std::size_t i = 0; i < std::min(one.packets.size(), other.packets.size()); ++i) {
    if (one.packets[i] == other.packets[i]) continue;
    fail(std::string(text) + ": " + describe(one.packets[i]) + " | " + describe(other.packets[i]));
  }
  if (one.packets.size() > other.packets.size())
    fail(std::string(text) + ": only the first takes " + describe(one.packets[other.packets.size()]));
  if (one.packets.size() < other.packets.size())
    fail(std::string(text) + ": only the second takes " + describe(other.packets[one.packets.size()]));
  // Of two that refuse one may see earlier what is wrong, while the packet is still on its way.
  if (one.refused != other.refused && !one.waits && !other.waits)
    fail(std::string(text) + (one.refused ? ": only the first refuses" : ": only the second refuses"));
}

// A second CONNECT brings its own version in the judge's encoder: streams with one are left out.
bool has_second_connect(const Reading& reading) {
  for (std::size_t i = 1; i < reading.packets.size(); ++i)
    if (std::holds_alternative<wire::Connect>(reading.packets[i])) return true;
  return false;
}

// N16: a reason code that only a server should send; the broker lets it pass, the judge doesn't.
bool has_tolerated_code(const Reading& reading) {
  for (const wire::Packet& packet : reading.packets) {
    const auto* puback = std::get_if<wire::Puback>(&packet);
    const auto* pubrec = std::get_if<wire::Pubrec>(&packet);
    if ((puback && puback->reason_code == 0x10) || (pubrec && pubrec->reason_code == 0x10)) return true;
  }
  return false;
}

void require_round_trip(const Reading& reading) {
  if (reading.packets.empty() || has_second_connect(reading)) return;
  std::string stream;
  for (const wire::Packet& packet : reading.packets) stream += encode(packet, *reading.version);
  Reading again = read_as_broker(stream, 0, UINT32_MAX);
  require(!again.refused, "what was taken is refused when it is written again");
  again.refused = reading.refused;
  require_same(reading, again, "as it came | written again");
}

void run(ByteSource source) {
  const std::uint8_t choices = source.byte();
  const std::uint8_t cuts = source.byte();
  const std::uint32_t maximum_packet_size = kMaximumPacketSizes[choices >> 2 & 3];
  std::string stream;
  if ((choices & 3) != 0) {  // a CONNECT that is right saves the fuzzer finding one
    const auto version = static_cast<Version>(2 + (choices & 3));
    stream = encode(wire::Connect{.version = version, .client_id = "c"}, version);
  }
  stream += source.bytes(SIZE_MAX);

  const Reading whole = read_as_broker(stream, 0, maximum_packet_size);
  const Reading pieces = read_as_broker(stream, cuts, maximum_packet_size);
  require_same(whole, pieces, "whole | in pieces");
  require(whole.refused == pieces.refused && whole.waits == pieces.waits, "the cuts decide what is refused");
  require_round_trip(whole);
  if (maximum_packet_size != kMaximumPacketSizes[0]) return;  // the judge knows no limit
  const Reading judged = read_as_judge(stream);
  if (whole.version == Version::v3_1 || judged.version == Version::v3_1) return;  // N6
  if (!has_tolerated_code(whole)) require_same(whole, judged, "broker | judge");
}

}  // namespace
}  // namespace mqttvet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttvet::fuzz::run({data, size});
  return 0;
}
