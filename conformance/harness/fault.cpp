#include "conformance/harness/fault.h"

#include <fmt/format.h>

namespace mqttvet::conformance {
namespace {

std::string_view name_of(Extent extent) {
  constexpr std::string_view kNames[] = {"before", "behind the first byte of", "behind half of",
                                         "before the last byte of", "behind"};
  return kNames[static_cast<std::size_t>(extent)];
}

std::string_view name_of(Fault::What what) {
  constexpr std::string_view kNames[] = {"a reset", "the end of the stream", "a stall", "only small pieces"};
  return kNames[static_cast<std::size_t>(what)];
}

}  // namespace

std::string describe(const Fault& fault) {
  return fmt::format("{} {} {}{} {} the target", name_of(fault.what), name_of(fault.extent),
                     wire::name_of(fault.packet),
                     fault.nth == 1 ? std::string() : fmt::format(" number {}", fault.nth),
                     fault.way == Fault::Way::to_client ? "from" : "to");
}

std::uint64_t bytes_of(Extent extent, std::uint64_t packet_bytes) {
  switch (extent) {
    case Extent::none:
      return 0;
    case Extent::first_byte:
      return 1;
    case Extent::half:
      return packet_bytes / 2;
    case Extent::all_but_one:
      return packet_bytes - 1;
    case Extent::whole:
      break;
  }
  return packet_bytes;
}

std::optional<std::size_t> FaultTrigger::strikes_in(std::string_view bytes) {
  if (struck_) return std::nullopt;
  std::size_t passed = 0;
  while (!struck_ && passed < bytes.size()) {
    const std::string_view rest = bytes.substr(passed);
    if (cursor_.at_start()) {
      const bool of_type = static_cast<std::uint8_t>(rest[0]) >> 4 == static_cast<unsigned>(fault_.packet);
      aimed_ = of_type && ++seen_packets_ == fault_.nth;
    }
    struck_ = aimed_ && bytes_left() == 0;
    if (!struck_) passed += cursor_.advance(rest, aimed_ ? bytes_left() : rest.size());
    if (aimed_ && bytes_left() == 0) struck_ = true;
    if (cursor_.length() > 0 && cursor_.seen() == cursor_.length()) cursor_.begin_next();
  }
  return struck_ ? std::optional(passed) : std::nullopt;
}

std::uint64_t FaultTrigger::bytes_left() const {
  const std::uint64_t seen = cursor_.seen();
  if (fault_.extent == Extent::none) return 0;
  if (fault_.extent == Extent::first_byte) return seen < 1 ? 1 : 0;
  if (cursor_.length() == 0) return 1;
  const std::uint64_t wanted = bytes_of(fault_.extent, cursor_.length());
  return wanted > seen ? wanted - seen : 0;  // a fixed header is longer than half of a packet of two bytes
}

}  // namespace mqttvet::conformance
