// What POL knows of queues: parts of one oracle.
#pragma once

#include <vector>

#include "sim/checkers/model.h"

namespace mqttvet::sim {

// The broker certainly had `one` before `other`.
bool precedes(const Model& model, const PublicationView& one, const PublicationView& other);

// What waited for a client comes by priority, and in each priority as it came to the broker.
void check_queue_order(const Model& model, std::vector<Violation>& violations);

// A queue that grows to its high watermark raises one alarm on $SYS, and clears it at the low one.
void check_alarms(const Model& model, std::vector<Violation>& violations);

}  // namespace mqttvet::sim
