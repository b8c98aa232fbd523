// How long the codec takes for the packets that make up most of the traffic.
#include <benchmark/benchmark.h>

#include "broker/codec/decoder.h"
#include "broker/codec/encoder.h"

namespace mqttvet::codec {
namespace {

const Bytes kConnect{"\x10\x0E\0\4MQTT\5\2\0\x3C\0\0\1c", 16};

// PUBLISH with QoS 1, a topic of 24 bytes and 64 bytes of payload; 5.0, no properties.
Bytes publish_packet() {
  Bytes body{
      "\0\x18"
      "building/2/room/17/light"
      "\0\1"
      "\0",
      29};
  body.append(64, 'x');
  Bytes packet = "\x32";
  packet.push_back(static_cast<char>(body.size()));
  return packet + body;
}

// Packets that arrive many at once, as they do from a busy socket.
void BM_DecodePublish(benchmark::State& state) {
  const auto packets_per_append = static_cast<std::size_t>(state.range(0));
  Decoder decoder(1024 * 1024);
  decoder.append(kConnect);
  benchmark::DoNotOptimize(decoder.next());
  Bytes stream;
  for (std::size_t i = 0; i < packets_per_append; ++i) stream += publish_packet();
  std::size_t payload_bytes = 0;
  for (auto _ : state) {
    decoder.append(stream);
    for (auto result = decoder.next(); std::holds_alternative<ClientPacket>(result);
         result = decoder.next()) {
      payload_bytes += std::get<Publish>(std::get<ClientPacket>(result)).payload.size();
    }
  }
  if (payload_bytes != state.iterations() * packets_per_append * 64)
    state.SkipWithError("packets are missing");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(packets_per_append));
}
BENCHMARK(BM_DecodePublish)->Arg(1)->Arg(100);

void BM_EncodePublishHead(benchmark::State& state) {
  PublishHead head;
  head.topic_name = "building/2/room/17/light";
  head.qos = QoS::at_least_once;
  head.packet_id = 1;
  for (auto _ : state) {
    Bytes out;
    encode_head(head, 64, ProtocolVersion::v5_0, out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodePublishHead);

void BM_EncodePuback(benchmark::State& state) {
  for (auto _ : state) {
    Bytes out;
    encode(Puback{1, ReasonCode::success, {}}, ProtocolVersion::v5_0, out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodePuback);

}  // namespace
}  // namespace mqttvet::codec
