// What this server offers, as configured: CONNACK announces it (section 3.2.2.3), and a packet that asks for
// more is refused with the reason code of the standard. Everything is offered by default.
#pragma once

#include <optional>
#include <string_view>

#include "broker/codec/packet.h"
#include "broker/core/config.h"

namespace mqttvet::core {

// Why something is refused. `text`: for the log and the Reason String; not longer valid than the call.
struct Refusal {
  codec::ReasonCode reason_code = codec::ReasonCode::unspecified_error;
  std::string_view text;
};

// Adds what differs from the standard's defaults.
void announce_capabilities(const Config& config, codec::ConnackProperties& properties);

// Whether the packet, or the will, asks for what is not offered. A PUBLISH may lack its topic name.
std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Will& will);
std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Publish& publish);
std::optional<Refusal> beyond_capabilities(const Config& config, const codec::Subscribe& subscribe);

// Whether `payload` is what the Payload Format Indicator says, as far as it is to be checked (sections
// 3.1.3.2.3, 3.3.2.3.2).
bool has_stated_format(const Config& config, const codec::MessageProperties& properties,
                       codec::BytesView payload);

}  // namespace mqttvet::core
