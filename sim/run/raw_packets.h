// The packets a raw client sends for what its plan says. Pure: a plan in, a packet out.
#pragma once

#include "conformance/wire/packet.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// `operation` says what differs from the plan this time. What a version has not got is left out by the
// encoder.
wire::Connect connect_packet(const ClientPlan& plan, const DoConnect& operation, bool clean_start);
wire::Disconnect disconnect_packet(const DoDisconnect& operation);
wire::Subscribe subscribe_packet(const DoSubscribe& operation, std::uint16_t packet_id);
wire::Unsubscribe unsubscribe_packet(const DoUnsubscribe& operation, std::uint16_t packet_id);
// Without a packet identifier: the session gives it one.
wire::Publish publish_packet(const DoPublish& operation, std::string payload);

}  // namespace mqttvet::sim
