// A client of a plan without a library: our own MQTT on a simulated socket. It behaves as the standard asks,
// and only as well: what Paho never does (hold acknowledgements back, send what it should not) can be asked
// of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/network/network.h"
#include "sim/plan/client.h"

namespace mqttvet::sim {

// A client for plan.driver raw, on the network's host plan.name (which must exist). It connects to
// `broker_host`:`port`. Needs no guest, no thread: it lives in events of the world.
//
// How operations end: DoConnect with CONNACK; DoSubscribe, DoUnsubscribe and DoPublish (QoS 1, 2: the last of
// its messages) with the answer, also if that comes after a reconnect; QoS 0 when sent; DoDisconnect when the
// connection is closed; DoCrash when the machine is back; DoDrop, DoAcknowledge and DoSend at once. One that
// is not answered in 60 s ends with "timeout"; one that is refused (a reason code from 0x80) ends not done,
// with the reason. DoDrop, DoCrash and DoAcknowledge do not wait for the operation under way.
//
// Session State is kept over connections as section 4.1 asks of a client: PUBLISHes and PUBRELs without their
// answer, in their order, and received QoS 2 packet identifiers. They are sent again when the session is
// resumed, and given up when it was not kept (their operation then ends with "the session was not kept");
// what was never sent goes out on the next connection. DoCrash loses all of it. Held acknowledgements
// (PUBACK, PUBREC, PUBCOMP) die with their connection.
//
// With plan.reconnect a connect goes on trying, from reconnect_min to reconnect_max apart, until the broker
// refuses it with a CONNACK; a lost connection comes back in the same way, but not one whose session was
// taken over (5.0).
std::unique_ptr<Client> make_raw_client(World& world, Network& network, const ClientPlan& plan,
                                        const std::string& broker_host, std::uint16_t port,
                                        std::function<void(const Arrival&)> on_arrival);

}  // namespace mqttvet::sim
