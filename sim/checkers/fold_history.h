// One walk over a History: connections, sessions, publications and deliveries.
#pragma once

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// All of the view but PublicationView::handled. `history` must outlive it.
WireView fold_history(const History& history);

}  // namespace mqttvet::sim
