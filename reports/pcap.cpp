#include <algorithm>
#include <map>

#include "reports/case_export.h"

namespace mqttvet::reports {
namespace {

using conformance::TranscriptEntry;
using Kind = TranscriptEntry::Kind;

constexpr std::uint32_t kClientAddress = 0x0A000001;  // 10.0.0.1
constexpr std::uint32_t kServerAddress = 0x0A000002;
constexpr std::uint16_t kServerPort = 1883;
constexpr std::size_t kSegmentBytes = 32 * 1024;  // an IPv4 packet holds no more than 64 KiB

// Flags of TCP.
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kPsh = 0x08;
constexpr std::uint8_t kAck = 0x10;

std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

// The Internet checksum (RFC 1071): ones' complement of the ones' complement sum.
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    sum += i % 2 == 0 ? byte << 8 : byte;
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// One connection: sequence numbers of both sides, beginning at 0.
struct Flow {
  std::uint16_t client_port = 0;
  std::uint32_t client_next = 0;
  std::uint32_t server_next = 0;
};

class Capture {
 public:
  // Classic format, version 2.4, link type 101: raw IP.
  Capture() {
    bytes_ = big_endian(0xA1B2C3D4, 4) + big_endian(0x00020004, 4) + std::string(8, '\0') +
             big_endian(262144, 4) + big_endian(101, 4);
  }

  void open(conformance::Time at, Flow& flow) {
    segment(at, flow, true, kSyn, "");
    segment(at, flow, false, kSyn | kAck, "");
    segment(at, flow, true, kAck, "");
  }

  void segment(conformance::Time at, Flow& flow, bool from_client, std::uint8_t flags,
               std::string_view payload) {
    std::uint32_t& next = from_client ? flow.client_next : flow.server_next;
    const std::uint32_t acknowledged = from_client ? flow.server_next : flow.client_next;
    const std::uint32_t source = from_client ? kClientAddress : kServerAddress;
    const std::uint32_t target = from_client ? kServerAddress : kClientAddress;
    const std::string ports = big_endian(from_client ? flow.client_port : kServerPort, 2) +
                              big_endian(from_client ? kServerPort : flow.client_port, 2);
    const auto tcp_with = [&](std::uint16_t sum) {
      return ports + big_endian(next, 4) + big_endian((flags & kAck) != 0 ? acknowledged : 0, 4) +
             big_endian(0x50, 1) + big_endian(flags, 1) + big_endian(0xFFFF, 2) + big_endian(sum, 2) +
             big_endian(0, 2) + std::string(payload);
    };
    const std::string addresses = big_endian(source, 4) + big_endian(target, 4);
    const std::size_t tcp_bytes = 20 + payload.size();
    const std::string pseudo_header = addresses + big_endian(6, 2) + big_endian(tcp_bytes, 2);
    const std::string tcp = tcp_with(checksum(pseudo_header + tcp_with(0)));
    const auto ip_with = [&](std::uint16_t sum) {
      return big_endian(0x4500, 2) + big_endian(20 + tcp_bytes, 2) + big_endian(0, 4) +
             big_endian(0x4006, 2) + big_endian(sum, 2) + addresses;
    };
    add(at, ip_with(checksum(ip_with(0))) + tcp);
    next += static_cast<std::uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }

  std::string take() { return std::move(bytes_); }

 private:
  void add(conformance::Time at, const std::string& packet) {
    const auto micros = static_cast<std::uint64_t>(at.count() / 1000);
    bytes_ += big_endian(micros / 1000000, 4) + big_endian(micros % 1000000, 4) +
              big_endian(packet.size(), 4) + big_endian(packet.size(), 4) + packet;
  }

  std::string bytes_;
};

}  // namespace

std::string pcap(const conformance::CaseResult& result) {
  Capture capture;
  std::map<std::uint32_t, Flow> flows;
  for (const TranscriptEntry& entry : result.transcript) {
    if (entry.connection == 0) continue;
    Flow& flow = flows[entry.connection];
    flow.client_port = static_cast<std::uint16_t>(40000 + entry.connection % 20000);
    if (entry.kind == Kind::opened) capture.open(entry.at, flow);
    const bool from_client = entry.kind == Kind::sent || entry.kind == Kind::closed;
    if (entry.kind == Kind::closed || entry.kind == Kind::ended)
      capture.segment(entry.at, flow, from_client, kFin | kAck, "");
    for (std::size_t at = 0; at < entry.bytes.size(); at += kSegmentBytes)
      capture.segment(entry.at, flow, from_client, kPsh | kAck,
                      std::string_view(entry.bytes).substr(at, kSegmentBytes));
  }
  return capture.take();
}

}  // namespace mqttvet::reports
