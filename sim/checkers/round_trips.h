// Requests with their answers. The broker handles the packets of a connection in their order, and so does the
// network: at an answer the broker had dealt with all that the client sent before the request, and the client
// has got all that the broker had sent before it dealt with the request.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

struct RoundTrip {
  std::size_t sent;
  std::size_t answered;
  // The client had acknowledged all that can have been sent to it before: nothing kept its window shut.
  bool idle;
};
using RoundTrips = std::map<std::uint64_t, std::vector<RoundTrip>>;  // by connection, in the order of answers

RoundTrips fold_round_trips(const WireView& view);

// Fills PublicationView::handled.
void note_handled(WireView& view);

}  // namespace mqttvet::sim
