#include "conformance/matrix/exchange.h"

#include <algorithm>

namespace mqttvet::conformance {
namespace {

using wire::PacketType;

bool passed(const Cut& cut) {
  return cut.extent == Extent::whole;
}

std::string lower_case_name(PacketType type) {
  std::string name(wire::name_of(type));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return name;
}

}  // namespace

PacketType Exchange::packet_at(std::size_t step) const {
  if (step == 0) return PacketType::publish;
  if (qos == 1) return PacketType::puback;
  return step == 1 ? PacketType::pubrec : step == 2 ? PacketType::pubrel : PacketType::pubcomp;
}

Side Exchange::side_at(std::size_t step) const {
  if (step % 2 == 0) return sender;
  return sender == Side::client ? Side::server : Side::client;
}

// Progress 1 is a PUBLISH that was not answered: step 0 again. Progress 2 of QoS 2 is a PUBREC that came, 3 a
// PUBREL that was not answered: step 2 in either case, and never the PUBLISH [MQTT5-4.3.3-6].
std::size_t Exchange::resumed_at(std::size_t sender_progress) const {
  return sender_progress / 2 * 2;
}

std::string Exchange::name() const {
  return (sender == Side::client ? "in-q" : "out-q") + std::to_string(qos);
}

std::vector<Cut> cuts_of(const Exchange& exchange) {
  std::vector<Cut> cuts;
  for (std::size_t step = 0; step < exchange.step_count(); ++step) {
    if (exchange.side_at(step) == Side::server) cuts.push_back({step, Extent::none});
    for (const Extent extent : {Extent::first_byte, Extent::half, Extent::all_but_one, Extent::whole})
      cuts.push_back({step, extent});
  }
  return cuts;
}

std::string name_of(const Exchange& exchange, const Cut& cut) {
  const std::string packet = lower_case_name(exchange.packet_at(cut.step));
  switch (cut.extent) {
    case Extent::first_byte:
      return "inside-" + packet + "-first-byte";
    case Extent::half:
      return "inside-" + packet + "-half";
    case Extent::all_but_one:
      return "inside-" + packet + "-all-but-one-byte";
    case Extent::whole:
      return "after-" + packet;
    case Extent::none:
      return packet + "-lost";
  }
  return "";
}

Progress target_progress(const Exchange& exchange, const Cut& cut) {
  if (exchange.side_at(cut.step) == Side::client) {
    if (!passed(cut)) return {cut.step, cut.step};
    return {cut.step, std::min(cut.step + 2, exchange.step_count())};
  }
  return {cut.step + 1, cut.step + 1};
}

std::size_t client_progress(const Exchange& exchange, const Cut& cut) {
  const bool own = exchange.side_at(cut.step) == Side::client;
  return own || passed(cut) ? cut.step + 1 : cut.step;
}

}  // namespace mqttvet::conformance
