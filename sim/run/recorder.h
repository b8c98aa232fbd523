// The one witness: turns the bytes at the clients' side of the network into the packets of a History.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/wire/wire.h"
#include "sim/checkers/history.h"
#include "sim/network/network.h"

namespace mqttvet::sim {

// Observes the network (it must be its only observer) for as long as it lives. A client's name is that of its
// host.
//
// Every packet becomes an event and a line of the trace:
//   alice -> broker  PUBLISH q1 id=3 "t" "alice#1"
//   alice <- broker  PUBACK id=3
// Bytes that are no packet become one event per connection and direction: `malformed` from the broker,
// `malformed_sent` from a client (a raw client may be told to send such).
class Recorder {
 public:
  Recorder(World& world, Network& network);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // In the order of time. References stay valid until the next event.
  const std::vector<HistoryEvent>& events() const { return events_; }
  std::vector<HistoryEvent> take() { return std::move(events_); }

  // What the wire does not show: broker_crashed, broker_started, fault, reloaded, healed, ended. Also a line
  // of the trace.
  void add(HistoryEvent::Kind kind, std::string client, std::string text, int fault = 0);

  // Called for each event, after it was appended, from within the network: must not call back into it, but
  // schedule.
  void on_event(std::function<void(const HistoryEvent&)> listener) { listener_ = std::move(listener); }

 private:
  struct Wire {
    wire::Reader sent{wire::Direction::client_to_server};
    wire::Reader received{wire::Direction::server_to_client};
    bool sent_is_broken = false;
    bool received_is_broken = false;
  };
  void observe(const Observed& seen);
  void read_sent(Wire& wire, const Observed& seen);
  void read_received(Wire& wire, const Observed& seen);
  void append_packet(HistoryEvent::Kind kind, const Observed& seen, wire::Packet packet);
  void append_malformed(HistoryEvent::Kind kind, const Observed& seen, const char* arrow,
                        const std::string& text);
  void append(HistoryEvent event);
  void line(const Observed& seen, std::string_view arrow, const std::function<std::string()>& text);

  World& world_;
  Network& network_;
  std::map<std::uint64_t, Wire> wires_;  // of open connections
  std::vector<HistoryEvent> events_;
  std::function<void(const HistoryEvent&)> listener_;
};

}  // namespace mqttvet::sim
