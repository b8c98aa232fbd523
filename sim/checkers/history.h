// What a run showed at the clients' side of the network, decoded, in the order of time: all an oracle may
// look at.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conformance/wire/wire.h"
#include "sim/plan/plan.h"
#include "sim/world/trace.h"

namespace mqttvet::sim {

struct HistoryEvent {
  enum class Kind : std::uint8_t {
    opened,          // a client's connection attempt succeeded (connection is its number)
    sent,            // the client put a whole packet into its socket
    received,        // a whole packet arrived at the client
    malformed,       // what arrived is no packet: `text` says why
    malformed_sent,  // what the client put into its socket is no packet; no more of it is decoded
    closed,          // the connection is gone, as the client's side sees it: `text` says how
    broker_crashed,
    broker_started,
    broker_vanished,  // a fault: its side of every connection is gone, and no client was told
    fault,            // a fault took effect: `text` names it
    reloaded,         // from here on the broker has the users and rules of the plan's fault `fault`
    healed,           // from here on nothing goes wrong any more
    ended,            // the run is over
  } kind;
  Time at{0};
  std::string client;  // name in the plan; empty for the broker's
  std::uint64_t connection = 0;
  wire::Packet packet;  // of sent and received
  std::string text;
  int fault = 0;  // of reloaded: its id
};

struct History {
  Plan plan;  // with what every client and the broker were told to be
  std::vector<HistoryEvent> events;
};

// A broken promise, told so that a reader needs nothing else to begin.
struct Violation {
  std::string oracle;     // "EXO"
  std::string statement;  // "MQTT311-4.3.3-2"
  Time at{0};
  std::string client;
  std::string text;                 // one line: what was seen, what was due
  std::vector<std::size_t> events;  // indices into History::events: the packets involved
};

}  // namespace mqttvet::sim
