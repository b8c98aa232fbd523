#include "sim/plan/payload.h"

#include <fmt/format.h>

namespace mqttvet::sim {

std::string payload_of(const DoPublish& publish, int nth, std::string_view client, std::uint64_t& generated) {
  std::string payload = publish.payload;
  if (publish.empty_payload) {
    payload.clear();
  } else if (payload.empty()) {
    payload = fmt::format("{}#{}", client, ++generated);
  } else if (publish.count > 1) {
    payload += fmt::format("-{}", nth);
  }
  if (payload.size() < publish.pad_to_bytes) payload.resize(publish.pad_to_bytes, '.');
  return payload;
}

}  // namespace mqttvet::sim
