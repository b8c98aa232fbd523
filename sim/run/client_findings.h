// Defects of the client libraries that show on the wire. They are findings of their own: the broker is not to
// blame, and a run does not fail for them.
#pragma once

#include <vector>

#include "sim/checkers/history.h"
#include "sim/run/result.h"

namespace mqttvet::sim {

// At most one per client and kind:
//   "use-after-free"  a Paho client sent a PUBLISH whose topic or payload is memory that it had freed. Known
//   of Paho C
//                     1.3.12: a PUBLISH whose send failed keeps a pointer to its freed topic, and is sent
//                     again after a reconnect (MQTTProtocol_retries, MQTTPacket_send_publish).
std::vector<Finding> client_findings(const History& history);

}  // namespace mqttvet::sim
