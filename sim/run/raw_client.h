// A client of a plan without a library: our own MQTT on a simulated socket. It behaves as the standard asks, and only as
// well: what Paho never does (hold acknowledgements back, send what it should not) can be asked of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/network/network.h"
#include "sim/plan/client.h"

namespace mqttvet::sim {

// A client for plan.driver raw, on the network's host plan.name (which must exist). It connects to `broker_host`:`port`.
// Needs no guest, no thread: it lives in events of the world.
//
// How operations end: DoConnect with CONNACK; DoSubscribe, DoUnsubscribe and DoPublish (QoS 1, 2: the last of its
// messages) with the answer, also if that comes after a reconnect; QoS 0 when written; DoDisconnect when the socket is
// closed; DoDrop, DoCrash, DoAcknowledge and DoSend at once. One that is not answered in 60 s ends with "timeout".
//
// Session State is kept over connections as section 4.1 asks of a client: PUBLISHes and PUBRELs without their answer, in
// their order, and received QoS 2 packet identifiers; they are sent again on a resumed session only (a message that the
// broker did not keep the session for is published again as new).
std::unique_ptr<Client> make_raw_client(World& world, Network& network, const ClientPlan& plan,
                                        const std::string& broker_host, std::uint16_t port,
                                        std::function<void(const Arrival&)> on_arrival);

}  // namespace mqttvet::sim
