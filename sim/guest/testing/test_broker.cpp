#include "sim/guest/testing/test_broker.h"

namespace mqttvet::sim {
namespace {

std::uint16_t number_at(const std::string& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes.at(at)) << 8 |
                                    static_cast<unsigned char>(bytes.at(at + 1)));
}

std::string number(std::uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

}  // namespace

TestBroker::TestBroker(World& world, Network& network) : world_(world) {
  network.add_host("broker");
  network.listen("broker", 1883, [this](EndpointPtr endpoint) {
    Peer& peer = peers_.emplace_back();
    peer.endpoint = std::move(endpoint);
    peer.endpoint->on_change([this, &peer] { serve(peer); });
    serve(peer);
  });
}

void TestBroker::serve(Peer& peer) {
  char buffer[4096];
  while (const auto count = peer.endpoint->read(buffer, sizeof buffer)) peer.input.append(buffer, count);
  if (peer.endpoint->at_end()) peer.endpoint->close();
  while (peer.input.size() >= 2) {
    std::size_t length = 0;
    std::size_t header = 1;
    for (int shift = 0; header < peer.input.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(peer.input[header++]);
      length |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (peer.input.size() < header + length) return;
    const auto first = static_cast<unsigned char>(peer.input[0]);
    const std::string body = peer.input.substr(header, length);
    peer.input.erase(0, header + length);
    handle(peer, first, body);
  }
}

void TestBroker::handle(Peer& peer, unsigned char first, const std::string& body) {
  switch (first >> 4) {
    case 1:  // CONNECT: the level follows the protocol name
      ++connects;
      peer.v5 = body.at(6) == 5;
      send(peer, 0x20, std::string("\0\0", 2) + (peer.v5 ? std::string(1, '\0') : ""));
      return;
    case 3:
      return handle_publish(peer, first, body);
    case 5:  // PUBREC
      send(peer, 0x62, body.substr(0, 2));
      return;
    case 6:  // PUBREL
      ++releases;
      peer.unreleased.erase(number_at(body, 0));
      send(peer, 0x70, body.substr(0, 2));
      return;
    case 8:  // SUBSCRIBE, of one filter
      peer.subscribed = true;
      send(peer, 0x90,
           body.substr(0, 2) + (peer.v5 ? std::string(1, '\0') : "") + std::string(1, body.back() & 3));
      return;
    case 12:
      ++pings;
      send(peer, 0xd0, "");
      return;
    case 14:
      ++disconnects;
      return;
    default:
      return;
  }
}

void TestBroker::handle_publish(Peer& peer, unsigned char first, const std::string& body) {
  const int qos = first >> 1 & 3;
  const auto topic_length = number_at(body, 0);
  std::size_t at = 2 + topic_length;
  const std::string topic = body.substr(2, topic_length);
  const std::uint16_t packet_id = qos > 0 ? number_at(body, at) : 0;
  if (qos > 0) at += 2;
  if (peer.v5) at += 1 + static_cast<unsigned char>(body.at(at));
  const std::string payload = body.substr(at);
  if (qos == 2 && !peer.unreleased.insert(packet_id).second) return send(peer, 0x50, number(packet_id));
  payloads.push_back(payload);
  if (qos > 0) send(peer, qos == 1 ? 0x40 : 0x50, number(packet_id));
  deliver(topic, payload, qos);
}

void TestBroker::deliver(const std::string& topic, const std::string& payload, int qos) {
  for (Peer& peer : peers_) {
    if (!peer.subscribed || peer.endpoint->state() != Endpoint::State::open) continue;
    send(peer, static_cast<unsigned char>(0x30 | qos << 1),
         number(static_cast<std::uint16_t>(topic.size())) + topic +
             (qos > 0 ? number(peer.next_packet_id++) : "") + (peer.v5 ? std::string(1, '\0') : "") +
             payload);
  }
}

void TestBroker::send(Peer& peer, unsigned char first, const std::string& body) {
  std::string packet(1, static_cast<char>(first));
  std::size_t length = body.size();
  do {
    packet += static_cast<char>((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
    length >>= 7;
  } while (length > 0);
  peer.endpoint->write(packet + body);
}

}  // namespace mqttvet::sim
