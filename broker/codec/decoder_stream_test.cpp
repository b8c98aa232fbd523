// The decoder and arbitrary streams: cut anywhere, cut short, changed, or no MQTT at all.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

const std::vector<Bytes> kStreams{
    kConnectV31 + hex("8A 06 0001 000161 01"             // SUBSCRIBE with DUP
                      "6A 02 0001"                       // PUBREL with DUP
                      "E0 00"),                          // DISCONNECT
    kConnectV311 + hex("30 04 000161 78"                 // PUBLISH, QoS 0
                       "34 06 000161 0002 79"            // PUBLISH, QoS 2
                       "62 02 0002"                      // PUBREL
                       "82 0A 0003 000161 00 00012B 02"  // SUBSCRIBE
                       "40 02 0001"                      // PUBACK
                       "A2 05 0004 000161"               // UNSUBSCRIBE
                       "C0 00"                           // PINGREQ
                       "E0 00"),                         // DISCONNECT
    kConnectV5 +
        hex("32 12 000161 0001 0A 01 01 02 00000E10 23 0007 7879"  // PUBLISH with properties
            "30 8501 000161 00") +
        Bytes(129, 'x') +                            // PUBLISH, two bytes of length
        hex("50 03 0001 10"                          // PUBREC with a reason code
            "70 0A 0001 00 06 1F 0003 C3A9 21"       // PUBCOMP with a reason string
            "82 09 0003 02 0B 05 000161 2C"          // SUBSCRIBE
            "A2 0D 0004 07 26 00016B 000176 000161"  // UNSUBSCRIBE
            "F0 06 19 04 15 00016D"                  // AUTH
            "E0 07 04 05 11 00000000"),              // DISCONNECT
};

// What came out of a stream, with everything the packets hold, as text.
class Log {
 public:
  void add(const ClientPacket& packet) {
    add_number(packet.index());
    std::visit([this](const auto& each) { add(each); }, packet);
    text_ += '\n';
  }
  void add(const DecodeError& error) { text_ += "refused: " + error.text + ' ' + error.statement + '\n'; }
  const std::string& text() const { return text_; }

 private:
  void add_number(std::uint64_t number) { text_ += std::to_string(number) + ' '; }
  void add_bytes(BytesView bytes) { text_ += std::to_string(bytes.size()) + ':' + std::string(bytes) + ' '; }

  void add(const Connect& connect) { add_bytes(connect.client_id); }
  void add(const Publish& publish) {
    add_number(static_cast<std::uint64_t>(publish.qos));
    add_number(publish.packet_id);
    add_bytes(publish.topic_name);
    add_bytes(publish.payload);
    add_number(publish.topic_alias.value_or(0));
  }
  template <class Acknowledgement>
  requires requires(Acknowledgement packet) {
    packet.properties.reason_string;
    packet.packet_id;
  }
  void add(const Acknowledgement& packet) {
    add_number(packet.packet_id);
    add_number(static_cast<std::uint64_t>(packet.reason_code));
    add_bytes(packet.properties.reason_string.value_or("-"));
  }
  void add(const Subscribe& subscribe) {
    add_number(subscribe.packet_id);
    for (const auto& request : subscribe.requests) add_bytes(request.topic_filter);
  }
  void add(const Unsubscribe& unsubscribe) {
    add_number(unsubscribe.packet_id);
    for (const auto& topic_filter : unsubscribe.topic_filters) add_bytes(topic_filter);
  }
  void add(const Pingreq&) {}
  void add(const Disconnect& disconnect) { add_number(static_cast<std::uint64_t>(disconnect.reason_code)); }
  void add(const Auth& auth) { add_number(static_cast<std::uint64_t>(auth.reason_code)); }

  std::string text_;
};

// Gives the decoder one piece after the other.
std::string decode_pieces(const std::vector<Bytes>& pieces) {
  Decoder decoder(4096);
  Log log;
  for (const Bytes& piece : pieces) {
    decoder.append(piece);
    while (true) {
      const auto result = decoder.next();
      if (const auto* packet = std::get_if<ClientPacket>(&result)) {
        log.add(*packet);
        continue;
      }
      if (const auto* error = std::get_if<DecodeError>(&result)) {
        log.add(*error);
        return log.text();
      }
      break;
    }
  }
  return log.text();
}

TEST(DecoderStream, GivesTheSamePacketsWhereverItIsCutInTwo) {
  for (const Bytes& stream : kStreams) {
    const std::string whole = decode_pieces({stream});
    EXPECT_EQ(whole.find("refused"), std::string::npos) << whole;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      EXPECT_EQ(decode_pieces({stream.substr(0, cut), stream.substr(cut)}), whole) << "cut at " << cut;
    }
  }
}

TEST(DecoderStream, GivesTheSamePacketsByteByByte) {
  for (const Bytes& stream : kStreams) {
    std::vector<Bytes> pieces;
    for (const char c : stream) pieces.emplace_back(1, c);
    EXPECT_EQ(decode_pieces(pieces), decode_pieces({stream}));
  }
}

// A packet that announces fewer bytes than its fields have is refused, wherever the cut falls.
TEST(DecoderStream, RefusesEveryPacketThatEndsTooSoon) {
  const Bytes publish = hex("000161 0001 07 02 00000E10 01 01");  // QoS 1, with properties
  for (std::size_t length = 0; length < publish.size(); ++length) {
    Client client = Client::connected(v5_0);
    client.sends_refused(hex("32") + static_cast<char>(length) + publish.substr(0, length));
  }
  const Bytes connect = kConnectV5.substr(2);
  for (std::size_t length = 0; length < connect.size(); ++length) {
    Client client;
    client.sends_refused(hex("10") + static_cast<char>(length) + connect.substr(0, length));
  }
}

TEST(DecoderStream, NeverReservesWhatALengthAnnounces) {
  Client client(/*maximum_packet_size=*/0xFFFFFFFF);
  client.sends<Connect>(kConnectV311);
  client.decoder.append(hex("30 FF FF FF 7F 0001"));
  EXPECT_TRUE(client.needs_more());
  EXPECT_EQ(client.decoder.pending_bytes(), 7u);
}

rc::Gen<Bytes> arbitrary_bytes() {
  return rc::gen::container<Bytes>(rc::gen::arbitrary<char>());
}

// Cuts a stream into pieces of a few bytes.
std::vector<Bytes> arbitrary_pieces(Bytes stream) {
  std::vector<Bytes> pieces;
  while (!stream.empty()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, stream.size() + 1);
    pieces.push_back(stream.substr(0, size));
    stream.erase(0, size);
  }
  return pieces;
}

TEST(DecoderStream, SurvivesArbitraryBytes) {
  rc::check("arbitrary bytes after a CONNECT are decoded or refused, however they are cut", [] {
    const Bytes& connect = *rc::gen::element(Bytes(), kConnectV31, kConnectV311, kConnectV5);
    const Bytes stream = connect + *arbitrary_bytes();
    RC_ASSERT(decode_pieces(arbitrary_pieces(stream)) == decode_pieces({stream}));
  });
}

TEST(DecoderStream, SurvivesAPacketOfArbitraryBytes) {
  rc::check("every packet type with an arbitrary body is decoded or refused", [] {
    const Bytes& connect = *rc::gen::element(kConnectV31, kConnectV311, kConnectV5);
    const auto first_byte =
        *rc::gen::element(0x10, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xE0, 0xF0);
    const Bytes body = (*arbitrary_bytes()).substr(0, 127);
    const Bytes stream = connect + static_cast<char>(first_byte) + static_cast<char>(body.size()) + body;
    RC_ASSERT(decode_pieces(arbitrary_pieces(stream)) == decode_pieces({stream}));
  });
}

TEST(DecoderStream, SurvivesChangedBytes) {
  rc::check("a valid stream with changed bytes is decoded or refused", [] {
    Bytes stream = *rc::gen::elementOf(kStreams);
    const auto changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes; ++i) {
      stream[*rc::gen::inRange<std::size_t>(0, stream.size())] = *rc::gen::arbitrary<char>();
    }
    RC_ASSERT(decode_pieces(arbitrary_pieces(stream)) == decode_pieces({stream}));
  });
}

}  // namespace
}  // namespace mqttvet::codec
