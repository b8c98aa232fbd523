// SUB: what the subscriptions of a session ask for beyond a delivery at all (which is ALO's).
#pragma once

#include <vector>

#include "sim/checkers/model.h"

namespace mqttvet::sim {

// Blames more copies than publications and matching subscriptions can give, of QoS 0 and 1 (QoS 2 is EXO's).
void check_copies(const Model& model, const SessionView& session, std::vector<Violation>& violations);

// Blames overlapping subscriptions of which the best QoS or an identifier never shows, and a QoS 0 message
// that an idle client never gets although nothing went wrong.
void check_subscription_dues(const Model& model, std::vector<Violation>& violations);

}  // namespace mqttvet::sim
