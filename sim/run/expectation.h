// What a story says a client must have received, held against what it did receive.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/checkers/history.h"

namespace mqttvet::sim {

// One expectation while it is open. It looks only at events of its client from `begin` on.
class Expectation {
 public:
  enum class Verdict : std::uint8_t { open, met, failed };

  Expectation(const Expect& expect, std::string client, std::size_t begin);

  // Looks at the events that came since the last call.
  Verdict look(const std::vector<HistoryEvent>& events);
  // The time is over: in_order fails, none is met, exactly is met if all packets are there.
  Verdict conclude(const std::vector<HistoryEvent>& events);

  // After failed: one line that says why; and the packets that came.
  const std::string& reason() const { return reason_; }
  std::vector<std::string> received(const std::vector<HistoryEvent>& events) const;
  // After met: the next expectation on the client begins here.
  std::size_t end() const { return end_; }

 private:
  bool counts(const HistoryEvent& event) const;
  Verdict look_at(const HistoryEvent& event, std::size_t index);
  Verdict fail(std::string reason);

  Expect expect_;
  std::string client_;
  std::size_t begin_;
  std::size_t next_;  // event to look at
  std::size_t end_;
  std::size_t matched_ = 0;
  bool counts_pingresp_ = false;
  std::string reason_;
  Verdict verdict_ = Verdict::open;
};

// Whether, from `begin` on, the broker (and not the client) closed the client's last connection.
bool closed_by_broker(const std::vector<HistoryEvent>& events, const std::string& client, std::size_t begin);

}  // namespace mqttvet::sim
